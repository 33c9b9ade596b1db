import type { Limit, LimitReached } from '@code-agent/jobs/limits'
import { type RawBuilder, sql } from 'kysely'
import type { Database } from './database.ts'
import type { ModelCall } from './usage.ts'

type Cost = { tokens: number; usd: number }

export type Budgets = {
  /** The first limit on runs or on variants at once that a run may not pass, judged by what was asked for before it. */
  runLimitReached(of: { runId: string; limits: readonly Limit[] }): Promise<LimitReached | undefined>
  /**
   * Sets aside what a call may cost at most, unless a limit on tokens or money says no. The same call again sets aside
   * no more: what a dead process reserved is taken over.
   */
  reserve(of: ModelCall & Cost & { limits: readonly Limit[] }): Promise<LimitReached | undefined>
  /** What it did cost. */
  settleReservation(of: ModelCall & Cost): Promise<void>
  /** It failed, and that is nobody's bill. */
  releaseReservation(of: ModelCall): Promise<void>
}

export function budgetsPart(db: Database): Budgets {
  return {
    runLimitReached: of => runLimitReached(db, of),
    reserve: of => reserve(db, of),
    settleReservation: async ({ runId, variant, call, tokens, usd }) => {
      await sql`UPDATE reservations SET tokens = ${tokens}, usd = ${usd}, settled_at = now()
        WHERE run_id = ${runId} AND variant = ${variant} AND call = ${call}`.execute(db)
    },
    releaseReservation: async ({ runId, variant, call }) => {
      await sql`DELETE FROM reservations
        WHERE run_id = ${runId} AND variant = ${variant} AND call = ${call} AND settled_at IS NULL`.execute(db)
    },
  }
}

const beginOfDay = sql`date_trunc('day', now(), 'UTC')`
const beginOfHour = sql`date_trunc('hour', now(), 'UTC')`

/** Whoever came first has the place; runs that were refused, or failed by our own fault, took none. */
async function runLimitReached(
  db: Database,
  { runId, limits }: { runId: string; limits: readonly Limit[] },
): Promise<LimitReached | undefined> {
  for (const limit of limits) {
    if (limit.of === 'tokens' || limit.of === 'usd') continue
    const begin = limit.of === 'runs-per-hour' ? beginOfHour : beginOfDay
    const counted =
      limit.of === 'variants'
        ? sql`coalesce(sum(other.variant_count) FILTER (WHERE other.state IN ('accepted', 'ready', 'running')), 0)
            + min(mine.variant_count) > ${limit.most}`
        : sql`count(*) FILTER (WHERE other.created_at >= ${begin}) >= ${limit.most}`
    const { rows } = await sql<{ reached: boolean | null; renews: Date }>`
      SELECT ${counted} AS reached,
        ${begin} + ${limit.of === 'runs-per-hour' ? sql`interval '1 hour'` : sql`interval '1 day'`} AS renews
      FROM runs mine LEFT JOIN runs other ON ${sameScope(limit, sql`other.requester ->> 'id'`)}
        AND (other.created_at, other.id) < (mine.created_at, mine.id)
        AND other.outcome IS DISTINCT FROM 'refused'
        AND NOT (other.outcome IS NOT DISTINCT FROM 'failed' AND other.ending_cause IN ('failed', 'stuck'))
        AND other.created_at > now() - interval '2 days'
      WHERE mine.id = ${runId} GROUP BY mine.id`.execute(db)
    const [row] = rows
    if (row?.reached) return limit.of === 'variants' ? { limit } : { limit, renewsAt: row.renews }
  }
  return undefined
}

/** Which others count with mine; runs and reservations keep whose they are in columns of their own. */
function sameScope(limit: Limit, userOfOther: RawBuilder<unknown>): RawBuilder<unknown> {
  const user = sql`${userOfOther} = mine.requester ->> 'id'`
  const repository = sql`other.repository_id = mine.repository_id`
  const more = {
    user,
    'pull-request': sql`${user} AND ${repository} AND other.pull_request_id = mine.pull_request_id`,
    repository,
    organisation: sql`true`,
  }[limit.scope]
  return sql`other.organisation = mine.organisation AND ${more}`
}

async function reserve(
  db: Database,
  of: ModelCall & Cost & { limits: readonly Limit[] },
): Promise<LimitReached | undefined> {
  const limits = of.limits.filter(limit => limit.of === 'tokens' || limit.of === 'usd')
  if (limits.length === 0) return undefined
  return await db.transaction().execute(async tx => {
    // One after the other, or two calls would each see the last of the money. A statement of its own: see dispatch.
    await sql`SELECT pg_advisory_xact_lock(7003, hashtext(organisation)) FROM runs WHERE id = ${of.runId}`.execute(tx)
    for (const limit of limits) {
      const column = limit.of === 'tokens' ? sql`other.tokens` : sql`other.usd`
      const asked = limit.of === 'tokens' ? of.tokens : of.usd
      const { rows } = await sql<{ reached: boolean | null; renews: Date }>`
        SELECT coalesce(sum(${column}), 0) + ${asked}::numeric > ${limit.most}::numeric AS reached,
          ${beginOfDay} + interval '1 day' AS renews
        FROM runs mine LEFT JOIN reservations other ON ${sameScope(limit, sql`other.user_id`)} AND other.at >= ${beginOfDay}
          AND (other.run_id, other.variant, other.call) <> (mine.id, ${of.variant}, ${of.call})
        WHERE mine.id = ${of.runId} GROUP BY mine.id`.execute(tx)
      if (rows[0]?.reached) return { limit, renewsAt: rows[0].renews }
    }
    await sql`
      INSERT INTO reservations (run_id, variant, call, organisation, repository_id, pull_request_id, user_id, tokens, usd)
      SELECT id, ${of.variant}, ${of.call}, organisation, repository_id, pull_request_id, requester ->> 'id',
        ${of.tokens}, ${of.usd} FROM runs WHERE id = ${of.runId}
      ON CONFLICT (run_id, variant, call) DO UPDATE SET tokens = excluded.tokens, usd = excluded.usd, at = now()
      WHERE reservations.settled_at IS NULL`.execute(tx)
    return undefined
  })
}
