import type { Comparison } from '@code-agent/jobs/comparison'
import type { RunOutcome, VariantOutcome } from '@code-agent/jobs/run'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { draft } from './effect-kinds.ts'
import { jsonb } from './json.ts'
import { type Flow, stands } from './transitions.ts'

export type Concluded = {
  outcome: RunOutcome
  variants: { variant: number; outcome: VariantOutcome; reason: string | null }[]
}

export type Conclude = {
  /**
   * running → ending(done | failed), or decides how an ending run ends: refused or failed if it was so already, cancelled,
   * else done with at least one draft, else failed. Variants without outcome get theirs: cancelled with a cancelled run,
   * otherwise failed with the reason of their last attempt. The same generation goes on; repeating it changes nothing.
   * @returns undefined if the run moved on
   */
  conclude(of: Flow & { overview?: Comparison }): Promise<Concluded | undefined>
  /** What the overview comment is rendered from; only while the run is ending. */
  saveOverview(of: Flow & { overview: Comparison }): Promise<boolean>
  /** Until when somebody may still be working for the run, or for one variant: a closing flow waits that out before it concludes. */
  leasedUntil(of: { runId: string; variant?: number }): Promise<Date | undefined>
}

export function concludePart(db: Database): Conclude {
  return {
    conclude: of => conclude(db, of),
    saveOverview: async of => {
      const result = await sql`UPDATE runs SET overview = ${jsonb(of.overview)}
        WHERE id = ${of.runId} AND generation = ${of.generation} AND state = 'ending'`.execute(db)
      return result.numAffectedRows === 1n
    },
    leasedUntil: async of => {
      const { rows } = await sql<{ ms: number | null }>`
        SELECT (extract(epoch FROM max(lease_until) - clock_timestamp()) * 1000)::float8 AS ms FROM effects
        WHERE owner_id = ${of.runId} AND state = 'acting' AND guard = 'work' AND lease_until > clock_timestamp()
          AND ${of.variant === undefined ? sql`true` : sql`variant = ${of.variant}`}`.execute(db)
      const ms = rows[0]?.ms ?? null
      return ms === null ? undefined : new Date(Date.now() + ms)
    },
  }
}

/** Why a variant without outcome did not get there, from the trail its attempts left. */
const reasonFromAttempts = sql`
  SELECT
    CASE WHEN outcome IS NULL THEN format('the worker stopped without a word at %s', step)
      ELSE coalesce(message, format('%s did not finish', step)) END AS reason,
    CASE WHEN outcome IS NULL THEN 'worker-lost' ELSE reason_class END AS reason_class
  FROM attempts
  WHERE owner_id = variants.run_id AND attempts.variant = variants.index AND outcome IS DISTINCT FROM 'done'
    AND outcome IS DISTINCT FROM 'superseded'
  ORDER BY (outcome IS NOT DISTINCT FROM 'failed') DESC, id DESC LIMIT 1`

async function conclude(db: Database, of: Flow & { overview?: Comparison }): Promise<Concluded | undefined> {
  return await db.transaction().execute(async tx => {
    const { rows } = await sql<{ outcome: RunOutcome | null; ending_cause: string | null; reason: string | null }>`
      SELECT outcome, ending_cause, reason FROM runs WHERE ${stands('conclude', of)} FOR UPDATE`.execute(tx)
    const run = rows[0]
    if (run === undefined) return undefined
    await adoptDrafts(tx, of.runId)
    await endVariants(tx, of.runId, run)
    const variants = await outcomes(tx, of.runId)
    const anyDone = variants.some(variant => variant.outcome === 'done')
    const outcome = run.outcome ?? (run.ending_cause === 'cancelled' ? 'cancelled' : anyDone ? 'done' : 'failed')
    const overview = of.overview === undefined ? sql`overview` : jsonb(of.overview)
    await sql`
      WITH before AS (SELECT id, state, outcome FROM runs WHERE id = ${of.runId}),
      moved AS (
        UPDATE runs SET state = 'ending', outcome = ${outcome}, ending_cause = coalesce(ending_cause, 'concluded'),
          dispatches_in_state = CASE WHEN runs.state = 'running' THEN 1 ELSE dispatches_in_state END,
          deadline = NULL, overview = ${overview}
        FROM before WHERE runs.id = before.id RETURNING runs.id, before.state AS was, before.outcome AS had, runs.generation)
      INSERT INTO events (run_id, kind, data)
      SELECT id, 'conclude', jsonb_build_object('generation', generation, 'state', 'ending', 'from', was, 'outcome', ${outcome}::text)
      FROM moved WHERE was <> 'ending' OR had IS NULL`.execute(tx)
    return { outcome, variants }
  })
}

/** A crash between a draft's effect and its variant leaves the draft to be found here. */
async function adoptDrafts(tx: Database, runId: string): Promise<void> {
  await sql`
    UPDATE variants SET outcome = 'done', ended_at = now(), pull_request_id = (effects.reference ->> 'pullRequestId')::bigint
    FROM effects
    WHERE variants.run_id = ${runId} AND variants.outcome IS NULL AND effects.owner_id = variants.run_id
      AND effects.variant = variants.index AND effects.kind = ${draft} AND effects.state = 'done'`.execute(tx)
}

async function endVariants(tx: Database, runId: string, run: { ending_cause: string | null; reason: string | null }) {
  const cancelled = run.ending_cause === 'cancelled'
  // A late or stuck run has a reason of its own, but what its variant last met says more.
  await sql`
    UPDATE variants SET ended_at = now(),
      outcome = ${cancelled ? 'cancelled' : 'failed'},
      reason = CASE WHEN ${cancelled} THEN ${run.reason}::text
        ELSE coalesce((SELECT reason FROM (${reasonFromAttempts}) why), ${run.reason}::text, 'it was not begun') END,
      reason_class = CASE WHEN ${cancelled} THEN 'cancelled'
        ELSE coalesce((SELECT reason_class FROM (${reasonFromAttempts}) why), ${run.ending_cause}::text, 'unknown') END
    WHERE run_id = ${runId} AND outcome IS NULL`.execute(tx)
}

async function outcomes(tx: Database, runId: string): Promise<Concluded['variants']> {
  const { rows } = await sql<Concluded['variants'][number]>`
    SELECT index AS variant, outcome, reason FROM variants WHERE run_id = ${runId} ORDER BY index`.execute(tx)
  return rows
}
