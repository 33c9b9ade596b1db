import { type RawBuilder, sql } from 'kysely'
import { type Database, openDatabase } from './database.ts'
import { isSealed, openSeal, type Seal } from './sealed-text.ts'

/** Where sealed text stands: as text, or somewhere within a jsonb. */
const places: { table: string; key: string[]; columns: { name: string; kind: string; json?: true }[] }[] = [
  {
    table: 'runs',
    key: ['id'],
    columns: [
      { name: 'comment_text', kind: 'comment' },
      { name: 'intent', kind: 'intent' },
      { name: 'admission', kind: 'pull-request', json: true },
    ],
  },
  { table: 'tasks', key: ['id'], columns: [{ name: 'payload', kind: 'comment', json: true }] },
  {
    table: 'patches',
    key: ['run_id', 'variant'],
    columns: [
      { name: 'diff', kind: 'diff' },
      { name: 'summary', kind: 'summary' },
      { name: 'changes', kind: 'changes', json: true },
    ],
  },
  {
    table: 'model_answers',
    key: ['run_id', 'variant', 'call'],
    columns: [{ name: 'answer', kind: 'answer', json: true }],
  },
]

/**
 * Seals everything that another key sealed by the first one, row by row, while the fleet works. May be repeated.
 * @param options.keys the first seals, all of them open
 * @returns how many columns were sealed anew
 */
export async function rotateKeys(options: { url: string; keys: readonly string[] }): Promise<{ sealedAnew: number }> {
  const seal = openSeal(options.keys)
  if (seal === undefined) throw new Error('without a data key nothing can be sealed')
  const { db } = openDatabase({ url: options.url, max: 1, applicationName: 'code-agent rotate-keys' })
  try {
    let sealedAnew = 0
    for (const { table, key, columns } of places) {
      for (const column of columns) sealedAnew += await rotateColumn(db, seal, { table, key, ...column })
    }
    return { sealedAnew }
  } finally {
    await db.destroy()
  }
}

type Place = { table: string; key: string[]; name: string; kind: string; json?: true }

async function rotateColumn(db: Database, seal: Seal, { table, key, name, kind, json }: Place): Promise<number> {
  const [column, rows] = [sql.ref(name), sql.table(table)]
  const id = sql<string>`concat_ws('/', ${sql.join(key.map(part => sql.ref(part)))})`
  let [changed, after] = [0, '']
  for (;;) {
    const page = await sql<{ id: string; text: string }>`SELECT ${id} AS id, ${column}::text AS text FROM ${rows}
      WHERE ${id} > ${after} AND ${column}::text LIKE '%sealed:v1:%' ORDER BY 1 LIMIT 200`.execute(db)
    for (const row of page.rows) {
      const text = json ? resealWithin(seal, kind, row.text) : reseal(seal, kind, row.text)
      if (text === row.text) continue
      const value: RawBuilder<unknown> = json ? sql`${text}::jsonb` : sql`${text}`
      // Only what still is as it was read: somebody else may have written meanwhile.
      const done =
        await sql`UPDATE ${rows} SET ${column} = ${value} WHERE ${id} = ${row.id} AND ${column}::text = ${row.text}`.execute(
          db,
        )
      changed += Number(done.numAffectedRows ?? 0n)
    }
    const last = page.rows.at(-1)
    if (last === undefined) return changed
    after = last.id
  }
}

function reseal(seal: Seal, kind: string, text: string): string {
  return !isSealed(text) || seal.isCurrent(text) ? text : seal.seal(kind, seal.open(kind, text))
}

/** Sealed text has no character that JSON would escape. */
function resealWithin(seal: Seal, kind: string, json: string): string {
  return json.replace(/"(sealed:v1:[0-9a-f]+:[A-Za-z0-9+/=]+)"/g, (_, text: string) => `"${reseal(seal, kind, text)}"`)
}
