import type { VariantOutcome } from '@code-agent/jobs/run'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { draft } from './effect-kinds.ts'
import { type JsonValue, jsonb, storable } from './json.ts'
import type { Flow } from './transitions.ts'

export type VariantDone = {
  runId: string
  variant: number
  branch: string
  commit: string
  pullRequestId: number
  summary: string
  files: number
  additions: number
  deletions: number
  /** The claim of the draft's effect, if it is not settled yet: it is done in the same statement; `kind` is 'open-draft-pr' and `number` 1 if not given. */
  effect?: { holder: string; reference: JsonValue; kind?: string; number?: number }
}

export type Variants = {
  /**
   * A variant is done with its draft's effect, whatever the run's generation: the draft stands.
   * @returns the outcome that holds, which is another if the run was concluded before
   */
  variantDone(of: VariantDone): Promise<VariantOutcome>
  /** Its step failed for good. The first outcome stays. @returns false if the run moved on or the variant has an outcome */
  variantFailed(of: Flow & { variant: number; reason: string; reasonClass: string }): Promise<boolean>
}

export function variantsPart(db: Database): Variants {
  return { variantDone: of => variantDone(db, of), variantFailed: of => variantFailed(db, of) }
}

async function variantDone(db: Database, of: VariantDone): Promise<VariantOutcome> {
  const { rows } = await sql<{ outcome: VariantOutcome | null }>`
    WITH settled AS (
      UPDATE effects SET state = 'done', reference = ${jsonb(of.effect?.reference ?? null)}, touched_at = now()
      WHERE owner_id = ${of.runId} AND variant = ${of.variant} AND kind = ${of.effect?.kind ?? draft}
        AND number = ${of.effect?.number ?? 1} AND holder = ${of.effect?.holder ?? null} AND state = 'acting'),
    before AS (SELECT run_id, index, outcome FROM variants WHERE run_id = ${of.runId} AND index = ${of.variant} FOR UPDATE),
    moved AS (
      UPDATE variants SET outcome = coalesce(variants.outcome, 'done'), branch = ${of.branch}, commit = ${of.commit},
        pull_request_id = ${of.pullRequestId}, summary = ${storable(of.summary)}, files = ${of.files},
        additions = ${of.additions}, deletions = ${of.deletions}, ended_at = coalesce(ended_at, now())
      FROM before WHERE variants.run_id = before.run_id AND variants.index = before.index
      RETURNING variants.run_id, variants.index, variants.outcome, before.outcome AS was),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT run_id, 'variant-done', jsonb_build_object('variant', index, 'pullRequestId', ${of.pullRequestId}::bigint)
      FROM moved WHERE was IS NULL)
    SELECT outcome FROM moved`.execute(db)
  const outcome = rows[0]?.outcome
  if (!outcome) throw new Error(`run ${of.runId} has no variant ${of.variant}`)
  return outcome
}

async function variantFailed(
  db: Database,
  of: Flow & { variant: number; reason: string; reasonClass: string },
): Promise<boolean> {
  const { rows } = await sql`
    WITH run AS (SELECT id FROM runs WHERE id = ${of.runId} AND generation = ${of.generation} AND state = 'running' FOR SHARE),
    moved AS (
      UPDATE variants SET outcome = 'failed', reason = ${storable(of.reason)}, reason_class = ${of.reasonClass}, ended_at = now()
      FROM run WHERE variants.run_id = run.id AND variants.index = ${of.variant} AND outcome IS NULL
      RETURNING variants.run_id, variants.index),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT run_id, 'variant-failed', jsonb_build_object('variant', index, 'reasonClass', ${of.reasonClass}::text) FROM moved)
    SELECT index FROM moved`.execute(db)
  return rows.length > 0
}
