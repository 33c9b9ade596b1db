import type { RunState } from '@code-agent/jobs/run'
import type { TaskKind } from '@code-agent/jobs/steps'
import { type RawBuilder, sql } from 'kysely'
import { ownerOf, type Scope } from './claim.ts'
import { interval } from './clock.ts'
import type { Database } from './database.ts'
import { notifyDue } from './notify.ts'

/** `root` is the job at the top of what was dispatched; its id derives from it and the generation. */
export type Suspect = {
  scope: Scope
  generation: number
  state: RunState | 'open'
  root: 'plan-run' | 'publish-overview' | TaskKind
  /** check-root: due again if that job is absent or finished. idle: due again whatever it is. */
  reason: 'check-root' | 'idle'
}

export type Late = { runId: string; generation: number; state: RunState }
export type Overdone = { scope: Scope; generation: number; state: RunState | 'open'; dispatches: number }

export type Sweep = {
  /** Runs `sweep` unless somebody else is sweeping. The lock dies with its connection: sweeps must bear company. */
  underSweeperLock<T>(sweep: () => Promise<T>): Promise<{ swept: true; result: T } | { swept: false }>
  /** Dispatched longer ago than `dispatchedBefore` seconds; idle ones show no attempt, effect or lease for `idleSeconds`, and wait for no gate. */
  suspects(of: { dispatchedBefore: number; idleSeconds: number }): Promise<Suspect[]>
  /** Given back to the dispatcher. @returns false if it moved on meanwhile */
  dueAgain(of: Scope & { generation: number }): Promise<boolean>
  pastDeadline(): Promise<Late[]>
  /** Dispatched more than `generations` times without leaving its state. */
  overGenerations(generations: number): Promise<Overdone[]>
}

const sweeperLock = 7_003

export function sweepPart(db: Database): Sweep {
  return {
    underSweeperLock: sweep => underSweeperLock(db, sweep),
    suspects: of => suspects(db, of),
    dueAgain: of => dueAgain(db, of),
    pastDeadline: async () => {
      const { rows } = await sql<Late>`SELECT id AS "runId", generation, state FROM runs
        WHERE state IN ('accepted', 'running') AND deadline <= now() ORDER BY deadline`.execute(db)
      return rows
    },
    overGenerations: generations => overGenerations(db, generations),
  }
}

async function underSweeperLock<T>(
  db: Database,
  sweep: () => Promise<T>,
): Promise<{ swept: true; result: T } | { swept: false }> {
  return await db.connection().execute(async one => {
    const { rows } = await sql<{ mine: boolean }>`SELECT pg_try_advisory_lock(${sweeperLock}) AS mine`.execute(one)
    if (!rows[0]?.mine) return { swept: false }
    try {
      return { swept: true, result: await sweep() }
    } finally {
      // It only fails when the connection is gone, and the lock went with it.
      await sql`SELECT pg_advisory_unlock(${sweeperLock})`.execute(one).catch(() => {})
    }
  })
}

type SuspectRow = {
  owner: 'run' | 'task'
  id: string
  generation: number
  state: RunState | 'open'
  kind: TaskKind
  idle: boolean
}

async function suspects(db: Database, of: { dispatchedBefore: number; idleSeconds: number }): Promise<Suspect[]> {
  const since = sql`now() - ${interval(of.dispatchedBefore * 1_000)}`
  const { rows } = await sql<SuspectRow>`
    WITH dispatched AS (
      SELECT 'run' AS owner, id, generation, state, NULL AS kind, dispatched_at FROM runs
      WHERE dispatched_at < ${since} AND state <> 'ended'
      UNION ALL
      SELECT 'task', id, generation, state, kind, dispatched_at FROM tasks WHERE dispatched_at < ${since} AND state = 'open')
    SELECT owner, dispatched.id, generation, state, dispatched.kind,
      greatest(dispatched_at, attempted.at, acted.at) < now() - ${interval(of.idleSeconds * 1_000)}
        AND NOT (attempted.waits AND EXISTS (SELECT FROM gates WHERE until > now() - interval '1 minute')) AS idle
    FROM dispatched, LATERAL ${attempted} attempted, LATERAL ${acted} acted
    ORDER BY dispatched_at`.execute(db)
  return rows.map(row => ({
    scope: row.owner === 'run' ? { runId: row.id } : { taskId: row.id },
    generation: row.generation,
    state: row.state,
    root: row.owner === 'task' ? row.kind : row.state === 'accepted' ? 'plan-run' : 'publish-overview',
    reason: row.idle ? 'idle' : 'check-root',
  }))
}

/** Somebody who was postponed to a known time is silent until then; `waits` if that time was not told. */
const attempted = sql`(
  SELECT max(greatest(started_at, ended_at, resumes_at)) AS at,
    coalesce(bool_or(outcome = 'postponed' AND resumes_at IS NULL AND last), false) AS waits
  FROM (SELECT *, id = max(id) OVER () AS last FROM attempts WHERE owner_id = dispatched.id AND attempts.generation = dispatched.generation) mine)`

const acted = sql`(SELECT max(greatest(touched_at, lease_until)) AS at FROM effects WHERE owner_id = dispatched.id)`

async function dueAgain(db: Database, of: Scope & { generation: number }): Promise<boolean> {
  const { owner, id } = ownerOf(of)
  const table: RawBuilder<unknown> = sql.table(`${owner}s`)
  const alive = owner === 'run' ? sql`state <> 'ended'` : sql`state = 'open'`
  const { rows } = await sql`
    WITH moved AS (
      UPDATE ${table} SET dispatched_at = NULL
      WHERE id = ${id} AND generation = ${of.generation} AND dispatched_at IS NOT NULL AND ${alive} RETURNING id, generation),
    noted AS (INSERT INTO events (${sql.ref(`${owner}_id`)}, kind, data)
      SELECT id, 'due-again', jsonb_build_object('generation', generation) FROM moved)
    SELECT id, ${notifyDue} FROM moved`.execute(db)
  return rows.length > 0
}

async function overGenerations(db: Database, generations: number): Promise<Overdone[]> {
  const { rows } = await sql<{
    owner: string
    id: string
    generation: number
    state: RunState | 'open'
    dispatches: number
  }>`
    SELECT 'run' AS owner, id, generation, state, dispatches_in_state AS dispatches FROM runs
    WHERE state <> 'ended' AND dispatches_in_state > ${generations}
    UNION ALL
    SELECT 'task', id, generation, state, dispatches FROM tasks WHERE state = 'open' AND dispatches > ${generations}`.execute(
    db,
  )
  return rows.map(({ owner, id, ...row }) => ({ ...row, scope: owner === 'run' ? { runId: id } : { taskId: id } }))
}
