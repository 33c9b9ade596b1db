import { Socket } from 'node:net'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { preparedStatements } from './prepared-statements.ts'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>

export type DatabaseOptions = {
  url: string
  /** Connections at most; 10 if not given. A sweep needs two. */
  max?: number
  applicationName?: string
  /** A statement that takes longer is ended, in ms; 30 s if not given. Whoever must answer fast asks for less. */
  statementMs?: number
}

const { builtins } = pg.types

// Ids and counts stay far below 2^53, and money is summed by the database.
const asNumber: ReadonlySet<number> = new Set([builtins.INT8, builtins.NUMERIC])

/** A pool with our own number parsing; errors of idle connections are not fatal, the pool replaces them. */
export function openDatabase(options: DatabaseOptions): { db: Database } {
  const statementMs = options.statementMs ?? 30_000
  const waitMs = Math.min(5_000, statementMs)
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'code-agent',
    connectionTimeoutMillis: waitMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: 60_000,
    stream: () => socketThatEnds(statementMs + waitMs),
    types: {
      getTypeParser: (oid, format) =>
        asNumber.has(oid) && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
    },
  })
  pool.on('error', () => {})
  // The pool listens only to idle ones: an error of a connection in use would end the process, besides failing its query.
  const prepare = preparedStatements()
  pool.on('connect', client => {
    client.on('error', () => {})
    prepare(client)
  })
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }) }
}

/**
 * A server that vanished without a word enforces no statement_timeout, and pg's own query_timeout would give the
 * dead connection back to the pool for the next one to wait on.
 */
function socketThatEnds(silenceMs: number): Socket {
  const socket = new Socket()
  socket.setKeepAlive(true, 10_000)
  socket.setTimeout(silenceMs, () => socket.destroy(new Error('the database does not answer')))
  return socket
}
