import { sql } from 'kysely'
import { openDatabase } from './database.ts'
import { pendingMigrations } from './migrate.ts'

export type DatabaseFacts = {
  version: string
  /** Major version, 16 for 16.4. */
  major: number
  /** Tells a primary from a replica that only reads. */
  readOnly: boolean
  pingMs: number
  /** Its clock less ours; precise to half a round trip. */
  clockAheadMs: number
  /** Names of the migrations still to be made. */
  pending: string[]
  /** `table: privilege` that this user lacks. */
  missingPrivileges: string[]
  maxConnections: number
}

type Row = { version: string; number: number; standby: boolean; at: Date; connections: number }

/** What an operator wants to know of the database. @throws when it does not answer, or does not let us in */
export async function inspectDatabase(options: { url: string }): Promise<DatabaseFacts> {
  const { db } = openDatabase({ url: options.url, max: 1, applicationName: 'code-agent doctor', statementMs: 5_000 })
  try {
    await sql`SELECT 1`.execute(db)
    const begun = Date.now()
    const { rows } = await sql<Row>`
      SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
        pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS standby,
        clock_timestamp() AS at, current_setting('max_connections')::int AS connections`.execute(db)
    const pingMs = Date.now() - begun
    const [row] = rows
    if (row === undefined) throw new Error('the database answered with nothing')
    const privileges = await sql<{ lacks: string }>`
      SELECT tablename || ': ' || privilege AS lacks
      FROM pg_tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
      WHERE schemaname = current_schema() AND tablename NOT LIKE 'kysely%'
        AND NOT has_table_privilege(quote_ident(schemaname) || '.' || quote_ident(tablename), privilege)
        AND NOT (tablename = 'events' AND privilege IN ('UPDATE', 'DELETE'))
      ORDER BY 1`.execute(db)
    return {
      version: row.version,
      major: Math.floor(row.number / 10_000),
      readOnly: row.standby,
      pingMs,
      clockAheadMs: Math.round(row.at.getTime() - (begun + pingMs / 2)),
      pending: await pendingMigrations(options),
      missingPrivileges: privileges.rows.map(({ lacks }) => lacks),
      maxConnections: row.connections,
    }
  } finally {
    await db.destroy()
  }
}
