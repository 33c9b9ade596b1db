import { sql } from 'kysely'

/** Something is due: dispatchers look. */
export const dueChannel = 'code_agent_due'

/** A run is to end; the payload is its id: workers stop what they do for it. */
export const endingChannel = 'code_agent_ending'

/** To stand in the outermost SELECT: Postgres does not run a SELECT in WITH that nobody reads. */
export const notifyDue = sql`pg_notify(${sql.lit(dueChannel)}, '')`
