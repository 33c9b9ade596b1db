import { z } from 'zod'
import { isSecret, metaOf } from './config.ts'

/** A Markdown table of what every app can be told; one row a variable, in order of first appearance. */
export function configTable(schemas: Readonly<Record<string, z.ZodObject>>): string {
  const rows = new Map<string, { apps: string[]; cells: string }>()
  for (const [app, schema] of Object.entries(schemas)) {
    for (const name of Object.keys(schema.shape)) {
      const row = rows.get(name) ?? { apps: [], cells: describeVariable(schema, name) }
      row.apps.push(app)
      rows.set(name, row)
    }
  }
  const everywhere = Object.keys(schemas).length
  const lines = [...rows].map(
    ([name, { apps, cells }]) => `| \`${name}\` | ${apps.length === everywhere ? 'all' : apps.join(', ')} | ${cells} |`,
  )
  return ['| variable | read by | default | meaning | example |', '|---|---|---|---|---|', ...lines].join('\n')
}

function describeVariable(schema: z.ZodObject, name: string): string {
  const meta = metaOf(schema, name)
  const example = typeof meta?.example === 'string' ? `\`${escapeCell(meta.example)}\`` : ''
  const secret = isSecret(schema, name) ? ' (secret)' : ''
  return `${defaultOf(schema.shape[name])} | ${escapeCell(meta?.description ?? '')}${secret} | ${example}`
}

function defaultOf(variable: unknown): string {
  if (variable instanceof z.ZodDefault) return `\`${escapeCell(String(variable.def.defaultValue))}\``
  return variable instanceof z.ZodOptional ? '—' : 'required'
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
