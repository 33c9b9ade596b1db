import { sql } from 'kysely'
import { batched } from './batched.ts'
import { ownerOf, type Scope } from './claim.ts'
import type { Database } from './database.ts'
import { jsonb } from './json.ts'
import type { AttemptOutcome } from './schema.ts'

export type AttemptStart = {
  scope: Scope
  variant?: number
  step: string
  generation: number
  jobId: string
  /** From 1. */
  attempt: number
}

export type AttemptEnd = {
  id: number
  outcome: AttemptOutcome
  reasonClass?: string
  message?: string
  /** Postponed until then: nobody wonders at the silence meanwhile. */
  resumesAt?: Date
}

export type Failure = { step: string; reasonClass: string | null; message: string; at: Date }

export type Attempts = {
  attemptStarted(of: AttemptStart): Promise<number>
  /** The first end counts. */
  attemptEnded(of: AttemptEnd): Promise<unknown>
  /** The last that failed for good, else the last that was retried or never came back. */
  lastFailure(of: { runId: string; variant?: number }): Promise<Failure | undefined>
  /** How often a step was started in this generation and never said how it ended: a poison job shows here. */
  lostAttempts(of: { scope: Scope; step: string; variant?: number; generation: number }): Promise<number>
}

export function attemptsPart(db: Database): Attempts {
  return {
    attemptStarted: batched(of => attemptsStarted(db, of)),
    attemptEnded: batched(of => attemptsEnded(db, of)),
    lastFailure: of => lastFailure(db, of),
    lostAttempts: async of => {
      const { rows } = await sql<{ n: number }>`
        SELECT count(*) AS n FROM attempts WHERE owner_id = ${ownerOf(of.scope).id} AND variant = ${of.variant ?? 0}
          AND step = ${of.step} AND generation = ${of.generation} AND ended_at IS NULL`.execute(db)
      return rows[0]?.n ?? 0
    },
  }
}

async function attemptsStarted(db: Database, starts: AttemptStart[]): Promise<number[]> {
  const rows = starts.map(({ scope, variant = 0, step, generation, jobId, attempt }) => {
    const { owner, id } = ownerOf(scope)
    return { owner, owner_id: id, variant, step, generation, job_id: jobId, attempt }
  })
  const { rows: ids } = await sql<{ id: number; job_id: string; attempt: number }>`
    INSERT INTO attempts (owner, owner_id, variant, step, generation, job_id, attempt)
    SELECT owner, owner_id, variant, step, generation, job_id, attempt FROM jsonb_to_recordset(${jsonb(rows)})
      AS start (owner text, owner_id uuid, variant int, step text, generation int, job_id text, attempt int)
    RETURNING id, job_id, attempt`.execute(db)
  // By what they say, not by their order: which of two equal starts gets which row does not matter.
  return starts.map(({ jobId, attempt }) => {
    const place = ids.findIndex(row => row.job_id === jobId && row.attempt === attempt)
    const [row] = place < 0 ? [] : ids.splice(place, 1)
    if (row === undefined) throw new Error('an attempt was not recorded')
    return row.id
  })
}

async function attemptsEnded(db: Database, ends: AttemptEnd[]): Promise<true[]> {
  const rows = ends.map(({ id, outcome, reasonClass, message, resumesAt }) => ({
    id,
    outcome,
    reason_class: reasonClass ?? null,
    message: message ?? null,
    resumes_in: resumesAt ? (resumesAt.getTime() - Date.now()) / 1_000 : null,
  }))
  await sql`
    UPDATE attempts SET ended_at = now(), outcome = ended.outcome, reason_class = ended.reason_class,
      message = ended.message, resumes_at = clock_timestamp() + make_interval(secs => ended.resumes_in)
    FROM jsonb_to_recordset(${jsonb(rows)})
      AS ended (id bigint, outcome text, reason_class text, message text, resumes_in float8)
    WHERE attempts.id = ended.id AND attempts.ended_at IS NULL`.execute(db)
  return ends.map(() => true)
}

async function lastFailure(db: Database, of: { runId: string; variant?: number }): Promise<Failure | undefined> {
  const { rows } = await sql<Failure>`
    SELECT step, coalesce(ended_at, started_at) AS at,
      CASE WHEN outcome IS NULL THEN 'worker-lost' ELSE reason_class END AS "reasonClass",
      CASE WHEN outcome IS NULL THEN format('the worker stopped without a word at %s', step)
        ELSE coalesce(message, format('%s did not finish', step)) END AS message
    FROM attempts WHERE owner_id = ${of.runId} AND variant = ${of.variant ?? 0}
      AND (outcome IS NULL OR outcome IN ('failed', 'retry'))
    ORDER BY (outcome IS NOT DISTINCT FROM 'failed') DESC, id DESC LIMIT 1`.execute(db)
  return rows[0]
}
