import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>

export type DatabaseOptions = {
  url: string
  /** Connections at most; 10 if not given. */
  max?: number
  applicationName?: string
  /** A statement that takes longer is ended, in ms; 30 s if not given. */
  statementMs?: number
}

const { builtins } = pg.types

// Ids and counts stay far below 2^53, and money is summed by the database.
const asNumber: ReadonlySet<number> = new Set([builtins.INT8, builtins.NUMERIC])

/** A pool with our own number parsing; errors of idle connections are not fatal, the pool replaces them. */
export function openDatabase(options: DatabaseOptions): { db: Database; pool: pg.Pool } {
  const statementMs = options.statementMs ?? 30_000
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'code-agent',
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementMs,
    // A server that vanished without a word answers no statement_timeout: this one is the client's own.
    query_timeout: statementMs + 5_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: {
      getTypeParser: (oid, format) =>
        asNumber.has(oid) && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
    },
  })
  pool.on('error', () => {})
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool }
}
