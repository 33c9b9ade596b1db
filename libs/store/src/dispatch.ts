import type { TaskKind } from '@code-agent/jobs/steps'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { type DueRun, dueRuns } from './due-runs.ts'
import { announcement, draft } from './effect-kinds.ts'
import { dispatchInLane } from './lanes.ts'

/** What is to be added to the queues now, exactly once: its generation is never given out again. */
export type Dispatch = DispatchTrace & Flow

/** Absent when nobody collects spans: W3C traceparents of what accepted it, and of the dispatch before this one. */
type DispatchTrace = { trace?: { accepted: string; before: string | null } }

type Flow =
  | {
      kind: 'admission'
      runId: string
      generation: number
      /** Since it was accepted; of its first dispatch only. */
      waitedMs?: number
    }
  | { kind: 'variants'; runId: string; generation: number; chains: number[]; announcements: number[] }
  | { kind: 'closing'; runId: string; generation: number; unannounced: number[] }
  | { kind: 'refusal'; runId: string; generation: number }
  | { kind: 'task'; taskId: string; generation: number; task: TaskKind }

export type DispatchWindow = {
  /** Admissions in flight at most, over all repositories. */
  admissions: number
  /** Running flows at most, over all repositories. */
  running: number
  /** Of each of the two at most this many per repository. */
  perRepository: number
  /** Rows per call at most; who gets as many as this should ask again. 50 if not given. */
  limit?: number
  /** From its first dispatch an accepted run has this long, in ms; 10 minutes if not given. */
  admissionMs?: number
  /** From ready to the last draft, in ms; 20 minutes if not given. */
  runMs?: number
}

export type DispatchPart = {
  /** Takes what is due, by window, and commits that it is dispatched. Empty too while another dispatcher is at it. */
  dispatchNext(window: DispatchWindow): Promise<Dispatch[]>
  /** When the next task becomes due that waits for its time. */
  nextDueAt(): Promise<Date | undefined>
  /** The span under which a run's flow was added, as a W3C traceparent: the next dispatch is told of it. */
  saveDispatchContext(of: { runId: string; generation: number; context: string }): Promise<void>
}

export const dispatcherLock = 7_002

export function dispatchPart(db: Database): DispatchPart {
  return {
    dispatchNext: window => dispatchNext(db, window),
    nextDueAt: async () => {
      const { rows } = await sql<{ at: Date | null }>`
        SELECT min(due_at) AS at FROM tasks WHERE dispatched_at IS NULL AND state = 'open'`.execute(db)
      return rows[0]?.at ?? undefined
    },
    saveDispatchContext: async ({ runId, generation, context }) => {
      await sql`UPDATE runs SET dispatch_context = ${context} WHERE id = ${runId} AND generation = ${generation}`.execute(
        db,
      )
    },
  }
}

async function dispatchNext(db: Database, window: DispatchWindow): Promise<Dispatch[]> {
  const limit = window.limit ?? 50
  return await db.transaction().execute(async tx => {
    // A statement of its own: the snapshot of the next one must be younger than the lock.
    const lock = await sql<{ mine: boolean }>`SELECT pg_try_advisory_xact_lock(${dispatcherLock}) AS mine`.execute(tx)
    if (!lock.rows[0]?.mine) return []
    const tasks = await dispatchTasks(tx, limit)
    const again = await dueRuns(tx, limit)
    const ready = await dispatchInLane(tx, {
      lane: 'running',
      total: window.running,
      perRepository: window.perRepository,
      limit,
      deadlineMs: window.runMs ?? 20 * 60_000,
    })
    const accepted = await dispatchInLane(tx, {
      lane: 'admission',
      total: window.admissions,
      perRepository: window.perRepository,
      limit,
      deadlineMs: window.admissionMs ?? 10 * 60_000,
    })
    return [...tasks, ...(await flowsOf(tx, [...again, ...ready, ...accepted]))]
  })
}

/** Answers to people go ahead of everything. */
async function dispatchTasks(tx: Database, limit: number): Promise<Dispatch[]> {
  const { rows } = await sql<{ id: string; generation: number; kind: TaskKind; trace_context: string | null }>`
    WITH picked AS (
      SELECT id FROM tasks WHERE state = 'open' AND dispatched_at IS NULL AND due_at <= now()
      ORDER BY kind <> 'answer-comment', kind <> 'show-wait', due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED),
    moved AS (
      UPDATE tasks SET generation = generation + 1, dispatched_at = now(), dispatches = dispatches + 1
      FROM picked WHERE tasks.id = picked.id RETURNING tasks.id, generation, kind, trace_context),
    noted AS (INSERT INTO events (task_id, kind, data)
      SELECT id, 'dispatched', jsonb_build_object('generation', generation) FROM moved)
    SELECT id, generation, kind, trace_context FROM moved`.execute(tx)
  return rows.map(row => ({
    ...{ kind: 'task', taskId: row.id, generation: row.generation, task: row.kind },
    ...traceOf(row.trace_context, null),
  }))
}

async function flowsOf(tx: Database, runs: DueRun[]): Promise<Dispatch[]> {
  if (runs.length === 0) return []
  const { rows } = await sql<{
    run_id: string
    index: number
    ended: boolean
    announced: boolean
    cancelled: boolean
    begun: boolean
  }>`
    SELECT run_id, index, outcome IS NOT NULL AS ended, outcome IS NOT DISTINCT FROM 'cancelled' AS cancelled,
      EXISTS (SELECT FROM effects WHERE owner_id = run_id AND variant = index AND kind = ${announcement} AND state = 'done')
        AS announced,
      EXISTS (SELECT FROM effects WHERE owner_id = run_id AND variant = index AND kind = ${draft}) AS begun
    FROM variants WHERE run_id = ANY(${runs.map(run => run.id)}::uuid[]) ORDER BY run_id, index`.execute(tx)
  return runs.map(run => {
    const own = rows.filter(row => row.run_id === run.id)
    const chains = own.filter(row => !row.ended).map(row => row.index)
    // Nobody was promised a variant that was cancelled: the overview alone speaks of it.
    const unannounced = own.filter(row => row.ended && !row.announced && !row.cancelled).map(row => row.index)
    // A draft that was begun may stand although nobody lived to write it down: the closing flow looks.
    const adrift = run.state === 'ending' ? own.filter(row => !row.ended && row.begun).map(row => row.index) : []
    return flowOf(run, chains, [...unannounced, ...adrift])
  })
}

function flowOf(run: DueRun, chains: number[], unannounced: number[]): Dispatch {
  const flow = { runId: run.id, generation: run.generation, ...traceOf(run.trace_context, run.dispatch_context) }
  if (run.state === 'accepted') {
    return { kind: 'admission', ...flow, ...(run.waitedMs == null ? {} : { waitedMs: run.waitedMs }) }
  }
  if (run.state === 'running') return { kind: 'variants', ...flow, chains, announcements: unannounced }
  if (run.outcome === 'refused') return { kind: 'refusal', ...flow }
  return { kind: 'closing', ...flow, unannounced }
}

function traceOf(accepted: string | null, before: string | null): DispatchTrace {
  return accepted === null ? {} : { trace: { accepted, before } }
}
