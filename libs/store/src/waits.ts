import { sql } from 'kysely'
import { interval, localTime, msUntil } from './clock.ts'
import type { Database } from './database.ts'
import { notifyDue } from './notify.ts'
import { openedAgain } from './recurring.ts'

/** Why a run stands still: somebody paused it, a model must rest (`until` then), or others are before it. */
export type Wait =
  | { cause: 'pause'; reason: string; ofRepository: boolean }
  | { cause: 'gate'; reason: string; until: Date }
  | { cause: 'window'; ahead: number }

export type Waits = {
  /** Opens a show-wait task for runs that wait for longer than `seconds`, the oldest first. @returns how many became due */
  waitsDue(of: { seconds: number }): Promise<number>
  /** What a run waits for now; undefined while it is worked on, or has nothing more to wait for. */
  waitOf(runId: string): Promise<Wait | undefined>
}

/** So many threads tell of a wait at a time: a backlog of thousands shall neither fill Redis nor use up the credential. */
const mostShown = 50

export function waitsPart(db: Database): Waits {
  return {
    waitsDue: of => waitsDue(db, of),
    waitOf: runId => waitOf(db, runId),
  }
}

/** A step whose last attempt was postponed while a model rests; of Azure DevOps' own rest nothing can be told there. */
const held = sql`(
  SELECT gates.reason, gates.until, (SELECT min(started_at) FROM attempts first WHERE first.owner_id = runs.id
    AND first.generation = runs.generation AND first.variant = last.variant AND first.step = last.step) AS since
  FROM attempts last, gates
  WHERE last.owner_id = runs.id AND last.generation = runs.generation AND last.step IN ('plan-run', 'write-patch')
    AND last.outcome = 'postponed' AND last.reason_class IN ('Throttled', 'Postponed')
    AND gates.until > clock_timestamp() AND gates.name NOT LIKE 'azure-devops/%'
    AND NOT EXISTS (SELECT FROM attempts later WHERE later.owner_id = runs.id AND later.variant = last.variant
      AND later.step = last.step AND later.id > last.id)
  ORDER BY gates.until LIMIT 1)`

const waiting = sql`
  SELECT runs.id, runs.state, runs.created_at, runs.trace_context, held.reason AS held, held.until, paused.reason AS paused, paused.repository_id,
    CASE WHEN runs.dispatched_at IS NOT NULL THEN held.since ELSE coalesce(planned.at, runs.created_at) END AS since
  FROM runs
  LEFT JOIN LATERAL ${held} held ON runs.dispatched_at IS NOT NULL
  LEFT JOIN LATERAL (SELECT max(at) AS at FROM events WHERE run_id = runs.id AND kind = 'planned') planned
    ON runs.state = 'ready'
  LEFT JOIN LATERAL (SELECT reason, repository_id FROM pauses WHERE pauses.organisation = runs.organisation
    AND pauses.repository_id IN ('', runs.repository_id) ORDER BY repository_id LIMIT 1) paused ON runs.dispatched_at IS NULL
  WHERE runs.state IN ('accepted', 'ready', 'running')
    AND ((runs.dispatched_at IS NULL AND runs.state <> 'running') OR held.since IS NOT NULL)`

async function waitsDue(db: Database, of: { seconds: number }): Promise<number> {
  const { rows } = await sql`
    WITH waiting AS (${waiting}),
    due AS (
      INSERT INTO tasks (id, kind, unique_key, payload, trace_context)
      SELECT gen_random_uuid(), 'show-wait', 'show-wait/' || id, jsonb_build_object('runId', id), trace_context FROM waiting
      WHERE since <= now() - ${interval(of.seconds * 1_000)}
        AND NOT EXISTS (SELECT FROM tasks WHERE unique_key = 'show-wait/' || waiting.id AND state = 'open')
      ORDER BY created_at
      LIMIT greatest(0, ${mostShown} - (SELECT count(*) FROM tasks WHERE kind = 'show-wait' AND state = 'open'))
      ON CONFLICT (unique_key) DO UPDATE SET ${openedAgain} RETURNING id),
    noted AS (INSERT INTO events (task_id, kind, data) SELECT id, 'accepted', '{"task": "show-wait"}' FROM due)
    SELECT id, ${notifyDue} FROM due`.execute(db)
  return rows.length
}

type Row = { held: string | null; held_ms: number; paused: string | null; repository_id: string | null; ahead: number }

async function waitOf(db: Database, runId: string): Promise<Wait | undefined> {
  const { rows } = await sql<Row>`
    WITH waiting AS (${waiting} AND runs.id = ${runId})
    SELECT held, ${msUntil('until')} AS held_ms, paused, repository_id,
      (SELECT count(*)::int FROM runs WHERE runs.dispatched_at IS NULL AND runs.state = waiting.state AND runs.state <> 'ended'
        AND runs.created_at < waiting.created_at) AS ahead
    FROM waiting`.execute(db)
  const [row] = rows
  if (row === undefined) return undefined
  if (row.held !== null) return { cause: 'gate', reason: row.held, until: localTime(row.held_ms) }
  if (row.paused !== null) return { cause: 'pause', reason: row.paused, ofRepository: row.repository_id !== '' }
  return { cause: 'window', ahead: row.ahead }
}
