import { type RawBuilder, sql } from 'kysely'
import { interval } from './clock.ts'
import type { Database } from './database.ts'
import type { DueRun } from './due-runs.ts'
import { isPaused } from './pauses.ts'

type Lane = {
  lane: 'admission' | 'running'
  /** In flight at most, everywhere and in one repository. */
  total: number
  perRepository: number
  limit: number
  deadlineMs: number
}

const lanes = {
  admission: {
    waiting: sql`state = 'accepted'`,
    inFlight: sql`state = 'accepted' AND dispatched_at IS NOT NULL`,
    next: sql`state = runs.state, dispatches_in_state = dispatches_in_state + 1`,
  },
  running: {
    waiting: sql`state = 'ready'`,
    // One that lost its flow has dispatched_at null and still runs.
    inFlight: sql`state = 'running'`,
    next: sql`state = 'running', dispatches_in_state = 1, started_at = now()`,
  },
}

/**
 * Fills the free places of one lane. Each repository gives its oldest runs; who has the fewest in flight comes first,
 * then who was longest without a turn. The repositories are found by hopping through the index, so that the price
 * depends on how many wait, not on how many runs they have waiting. Ids go from part to part as arrays: of a join,
 * whose size it cannot know, the planner expects much and reads the whole table.
 */
export async function dispatchInLane(tx: Database, lane: Lane): Promise<DueRun[]> {
  return (await laneStatement(lane).execute(tx)).rows
}

export function laneStatement(lane: Lane): RawBuilder<DueRun> {
  const { waiting, inFlight, next } = lanes[lane.lane]
  const due = sql`${waiting} AND dispatched_at IS NULL`
  return sql<DueRun>`
    WITH RECURSIVE busy AS (
      SELECT organisation, repository_id, count(*)::int AS n FROM runs WHERE ${inFlight} GROUP BY 1, 2),
    free AS (SELECT greatest(0, least(${lane.limit}::int, ${lane.total}::int - coalesce(sum(n), 0)::int)) AS n FROM busy),
    repository AS (
      (SELECT organisation, repository_id FROM runs WHERE ${due} AND (SELECT n FROM free) > 0
        ORDER BY organisation, repository_id LIMIT 1)
      UNION ALL
      SELECT following.* FROM repository, LATERAL (
        SELECT organisation, repository_id FROM runs
        WHERE ${due} AND (organisation, repository_id) > (repository.organisation, repository.repository_id)
        ORDER BY organisation, repository_id LIMIT 1) following),
    candidate AS (
      SELECT oldest.id, oldest.created_at, turns.at AS last_turn, coalesce(busy.n, 0) + oldest.place AS place
      FROM repository
      LEFT JOIN busy USING (organisation, repository_id)
      LEFT JOIN turns ON turns.lane = ${lane.lane} AND turns.organisation = repository.organisation
        AND turns.repository_id = repository.repository_id
      CROSS JOIN LATERAL (
        SELECT id, created_at, row_number() OVER (ORDER BY created_at, id) AS place FROM (
          SELECT id, created_at FROM runs
          WHERE ${due} AND organisation = repository.organisation AND repository_id = repository.repository_id
          ORDER BY created_at, id
          LIMIT greatest(0, ${lane.perRepository}::int - coalesce(busy.n, 0))) head) oldest
      WHERE NOT ${isPaused('repository')}),
    chosen AS (
      SELECT id FROM candidate ORDER BY place, last_turn NULLS FIRST, created_at, id LIMIT (SELECT n FROM free)),
    picked AS (SELECT id FROM runs WHERE id = ANY(ARRAY(SELECT id FROM chosen)) AND ${due} FOR UPDATE SKIP LOCKED),
    moved AS (
      UPDATE runs SET generation = generation + 1, dispatched_at = now(), ${next},
        deadline = coalesce(deadline, now() + ${interval(lane.deadlineMs)})
      WHERE id = ANY(ARRAY(SELECT id FROM picked))
      RETURNING id, generation, state, outcome, organisation, repository_id, trace_context, dispatch_context,
        CASE WHEN generation = 1 THEN (extract(epoch FROM now() - created_at) * 1000)::float8 END AS waited_ms),
    turned AS (
      INSERT INTO turns (lane, organisation, repository_id, at)
      SELECT ${lane.lane}::text, organisation, repository_id, clock_timestamp() FROM moved GROUP BY 2, 3
      ON CONFLICT (lane, organisation, repository_id) DO UPDATE SET at = excluded.at),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'dispatched', jsonb_build_object('generation', generation, 'state', state) FROM moved)
    SELECT id, generation, state, outcome, trace_context, dispatch_context, waited_ms AS "waitedMs" FROM moved`
}
