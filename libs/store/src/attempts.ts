import { sql } from 'kysely'
import { ownerOf, type Scope } from './claim.ts'
import { databaseTime } from './clock.ts'
import type { Database } from './database.ts'
import { storable } from './json.ts'
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
  attemptEnded(of: AttemptEnd): Promise<void>
  /** The last that failed for good, else the last that was retried or never came back. */
  lastFailure(of: { runId: string; variant?: number }): Promise<Failure | undefined>
  /** How often a step was started in this generation and never said how it ended: a poison job shows here. */
  lostAttempts(of: { scope: Scope; step: string; variant?: number; generation: number }): Promise<number>
}

export function attemptsPart(db: Database): Attempts {
  return {
    attemptStarted: of => attemptStarted(db, of),
    attemptEnded: async of => {
      await sql`UPDATE attempts SET ended_at = now(), outcome = ${of.outcome}, reason_class = ${of.reasonClass ?? null},
          message = ${of.message === undefined ? null : storable(of.message)},
          resumes_at = ${of.resumesAt ? databaseTime(of.resumesAt) : null}
        WHERE id = ${of.id} AND ended_at IS NULL`.execute(db)
    },
    lastFailure: of => lastFailure(db, of),
    lostAttempts: async of => {
      const { rows } = await sql<{ n: number }>`
        SELECT count(*) AS n FROM attempts WHERE owner_id = ${ownerOf(of.scope).id} AND variant = ${of.variant ?? 0}
          AND step = ${of.step} AND generation = ${of.generation} AND ended_at IS NULL`.execute(db)
      return rows[0]?.n ?? 0
    },
  }
}

async function attemptStarted(db: Database, of: AttemptStart): Promise<number> {
  const { owner, id } = ownerOf(of.scope)
  const { rows } = await sql<{ id: number }>`
    INSERT INTO attempts (owner, owner_id, variant, step, generation, job_id, attempt)
    VALUES (${owner}, ${id}, ${of.variant ?? 0}, ${of.step}, ${of.generation}, ${of.jobId}, ${of.attempt}) RETURNING id`.execute(
    db,
  )
  const attempt = rows[0]?.id
  if (attempt === undefined) throw new Error('an attempt was not recorded')
  return attempt
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
