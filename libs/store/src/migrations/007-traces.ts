import { type Kysely, sql } from 'kysely'

/** What a task belongs to, and the span under which a run's last flow was added: the next one is linked with it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE tasks ADD COLUMN trace_context text`.execute(db)
  await sql`ALTER TABLE runs ADD COLUMN dispatch_context text`.execute(db)
}
