// Microsoft's parser of KQL puts itself into a global and is typed by a megabyte and a half: it is kept behind this door.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** See the .d.mts. */
export function kustoParser(tables) {
  require('@kusto/language-service-next/bridge.min.js')
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js')
  const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language
  const symbols = Object.entries(tables).map(([name, columns]) =>
    Symbols.TableSymbol.From(`(${columns})`).WithName(name),
  )
  const database = new Symbols.DatabaseSymbol.$ctor2('workspace', null, symbols, false)
  const globals = GlobalState.Default.WithDatabase(database)
  return query => {
    const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics()
    return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message)
  }
}
