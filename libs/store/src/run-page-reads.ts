import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { AttemptOutcome } from './schema.ts'

/** One start of a step. `outcome` null: at work, or its worker was lost. Variant 0 is the whole run's. Times are the database's. */
export type Attempt = {
  variant: number
  step: string
  generation: number
  startedAt: Date
  endedAt: Date | null
  outcome: AttemptOutcome | null
  reasonClass: string | null
  message: string | null
  /** Postponed until then. */
  resumesAt: Date | null
}

export type RunPageReads = {
  /** All starts of a run's steps, of all generations, oldest first; and what time it is on the clock they were taken by. */
  attemptsOf(runId: string): Promise<{ now: Date; attempts: Attempt[] }>
  /** The diffs of the variants that have one. */
  diffsOf(runId: string): Promise<{ variant: number; diff: string }[]>
  /** A text for each of these runs that is another one once anything changed that a page of it shows; one statement for all. */
  versionsOf(runIds: string[]): Promise<{ runId: string; version: string; ended: boolean }[]>
}

export function runPageReadsPart(db: Database): RunPageReads {
  return {
    attemptsOf: runId => attemptsOf(db, runId),
    diffsOf: async runId =>
      await db
        .selectFrom('patches')
        .select(['variant', 'diff'])
        .where('run_id', '=', runId)
        .orderBy('variant')
        .execute(),
    versionsOf: async runIds => (await versionsStatement(runIds).execute(db)).rows,
  }
}

async function attemptsOf(db: Database, runId: string): Promise<{ now: Date; attempts: Attempt[] }> {
  const { rows } = await sql<{ now: Date } & { [Key in keyof Attempt]: Attempt[Key] | null }>`
    SELECT clock.now, variant, step, generation, started_at AS "startedAt", ended_at AS "endedAt", outcome,
      reason_class AS "reasonClass", message, resumes_at AS "resumesAt"
    FROM (SELECT clock_timestamp() AS now) clock LEFT JOIN attempts ON owner_id = ${runId} ORDER BY id`.execute(db)
  const attempts = rows.flatMap(({ now: _, variant, step, generation, startedAt, ...rest }) =>
    variant === null || step === null || generation === null || startedAt === null
      ? []
      : [{ variant, step, generation, startedAt, ...rest }],
  )
  return { now: rows[0]?.now ?? new Date(), attempts }
}

/**
 * Not the effects: a model that streams renews its lease every few seconds, and nobody sees that. Gates and pauses count,
 * whoever they hold: they are few.
 */
export function versionsStatement(runIds: string[]) {
  return sql<{ runId: string; version: string; ended: boolean }>`
    SELECT runs.id AS "runId", runs.state = 'ended' AS ended,
      concat_ws('/', runs.state, runs.outcome, runs.generation, extract(epoch FROM runs.dispatched_at), runs.forgotten_at,
        (SELECT max(id) FROM events WHERE events.run_id = runs.id),
        (SELECT concat_ws('+', max(id), count(ended_at)) FROM attempts WHERE attempts.owner_id = runs.id),
        (SELECT count(*) FROM usage WHERE usage.run_id = runs.id),
        (SELECT count(*) FROM patches WHERE patches.run_id = runs.id),
        (SELECT concat_ws('+', count(outcome), count(commit), count(pull_request_id)) FROM variants WHERE variants.run_id = runs.id),
        (SELECT extract(epoch FROM max(until)) FROM gates WHERE until > clock_timestamp()),
        (SELECT count(*) FROM pauses WHERE pauses.organisation = runs.organisation)) AS version
    FROM runs WHERE runs.id = ANY(${runIds}::uuid[])`
}
