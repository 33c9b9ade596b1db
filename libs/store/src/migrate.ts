import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { openDatabase } from './database.ts'
import { up as begin } from './migrations/001-begin.ts'
import { up as operate } from './migrations/002-operate.ts'
import { up as budgets } from './migrations/003-budgets.ts'
import { up as traces } from './migrations/007-traces.ts'

/** Forward only: a migration that was released is never changed, a mistake is mended by the next one. */
const migrations: Record<string, Migration> = {
  '001-begin': { up: begin },
  '002-operate': { up: operate },
  '003-budgets': { up: budgets },
  '007-traces': { up: traces },
}

const migrationLock = 7_001

/**
 * Brings the schema up to date; several processes may do so at once.
 * @returns names of the migrations made now
 * @throws when a migration fails (that one is rolled back) or the database is newer than this program
 */
export async function migrate(options: { url: string }): Promise<string[]> {
  const { db } = openDatabase({ url: options.url, max: 2, applicationName: 'code-agent migrate', statementMs: 600_000 })
  try {
    return await db.connection().execute(async one => {
      // Kysely takes its own lock only after it created its tables, and two first starts race in that.
      await sql`SELECT pg_advisory_lock(${migrationLock})`.execute(one)
      const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
      const { error, results = [] } = await migrator.migrateToLatest()
      await sql`SELECT pg_advisory_unlock(${migrationLock})`.execute(one)
      if (error !== undefined) throw new Error('the database could not be migrated', { cause: error })
      return results.filter(result => result.status === 'Success').map(result => result.migrationName)
    })
  } finally {
    await db.destroy()
  }
}

/** @returns names of the migrations still to be made; a process with any must not start its work */
export async function pendingMigrations(options: { url: string }): Promise<string[]> {
  const { db } = openDatabase({ url: options.url, max: 1, applicationName: 'code-agent migrate' })
  try {
    const { rows } = await sql<{ there: boolean }>`
      SELECT to_regclass('kysely_migration') IS NOT NULL AS there`.execute(db)
    if (!rows[0]?.there) return Object.keys(migrations)
    const made = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db)
    const names = new Set(made.rows.map(row => row.name))
    return Object.keys(migrations).filter(name => !names.has(name))
  } finally {
    await db.destroy()
  }
}
