import type { RunOutcome, VariantOutcome } from '@code-agent/jobs/run'
import { sql } from 'kysely'
import { interval } from './clock.ts'
import type { Database } from './database.ts'
import type { EndingCause } from './schema.ts'

/** A run that ended, as far as figures are made of it; times on the database's clock, from the request's acceptance. */
export type EndedRun = {
  outcome: RunOutcome
  endingCause: EndingCause | null
  /** Until its overview stood on the pull request. */
  overviewSeconds: number
  /** null without any draft */
  firstDraftSeconds: number | null
  variants: { outcome: VariantOutcome; reasonClass: string | null }[]
}

export type EndedRuns = {
  /**
   * The runs that ended since anybody asked last, each to one asker only. The first question ever is about nothing: history
   * is no news. Lost with the asker if it dies before it has counted them.
   */
  takeEndedRuns(of?: { settledSeconds?: number }): Promise<EndedRun[]>
}

const cursor = 'figures/ended-runs'
/** Ids are drawn before their transaction commits; one that takes longer than this is not seen. */
const settledAfterSeconds = 3
const eventsAtOnce = 5_000

export function endedRunsPart(db: Database): EndedRuns {
  return { takeEndedRuns: of => takeEndedRuns(db, of?.settledSeconds ?? settledAfterSeconds) }
}

async function takeEndedRuns(db: Database, settledSeconds: number): Promise<EndedRun[]> {
  return await db.transaction().execute(async tx => {
    await sql`INSERT INTO settings (name, value) SELECT ${cursor}, to_jsonb(coalesce(max(id), 0)) FROM events
      ON CONFLICT (name) DO NOTHING`.execute(tx)
    const { rows: found } = await sql<{ after: number }>`
      SELECT (value #>> '{}')::bigint AS after FROM settings WHERE name = ${cursor} FOR UPDATE SKIP LOCKED`.execute(tx)
    const after = found[0]?.after
    if (after === undefined) return []
    const { rows } = await sql<EndedRun>`
      WITH news AS (
        SELECT id, kind, run_id FROM events
        WHERE id > ${after} AND at <= now() - ${interval(settledSeconds * 1_000)} ORDER BY id LIMIT ${eventsAtOnce}),
      moved AS (
        UPDATE settings SET value = to_jsonb((SELECT max(id) FROM news)), changed_at = now()
        WHERE name = ${cursor} AND EXISTS (SELECT FROM news))
      SELECT runs.outcome, runs.ending_cause AS "endingCause",
        extract(epoch FROM runs.ended_at - runs.created_at)::float8 AS "overviewSeconds",
        extract(epoch FROM min(variants.ended_at) FILTER (WHERE variants.outcome = 'done') - runs.created_at)::float8
          AS "firstDraftSeconds",
        coalesce(jsonb_agg(jsonb_build_object('outcome', variants.outcome, 'reasonClass', variants.reason_class))
          FILTER (WHERE variants.outcome IS NOT NULL), '[]') AS variants
      FROM news JOIN runs ON runs.id = news.run_id LEFT JOIN variants ON variants.run_id = runs.id
      WHERE news.kind = 'ended' AND runs.state = 'ended'
      GROUP BY runs.id`.execute(tx)
    return rows
  })
}
