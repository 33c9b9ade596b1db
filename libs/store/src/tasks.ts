import type { TaskKind } from '@code-agent/jobs/steps'
import { sql } from 'kysely'
import { interval } from './clock.ts'
import type { Database } from './database.ts'
import { type JsonValue, jsonb, storable } from './json.ts'

export type Task = {
  taskId: string
  kind: TaskKind
  uniqueKey: string
  payload: JsonValue
  state: 'open' | 'done' | 'failed'
  result: JsonValue
  reason: string | null
  generation: number
  dispatches: number
  dueAt: Date
  createdAt: Date
}

export type Tasks = {
  task(taskId: string): Promise<Task | undefined>
  /** @returns false if the task moved on: another generation, or finished already */
  finishTask(of: { taskId: string; generation: number; result: JsonValue }): Promise<boolean>
  failTask(of: { taskId: string; generation: number; reason: string }): Promise<boolean>
  /** Done for now, due again in `seconds`, with what was found out so far. */
  postponeTask(of: { taskId: string; generation: number; seconds: number; result: JsonValue }): Promise<boolean>
}

export function tasksPart(db: Database): Tasks {
  return {
    task: taskId => readTask(db, taskId),
    finishTask: of => end(db, { ...of, state: 'done', reason: null }),
    postponeTask: async of => {
      const { rows } = await sql`
        UPDATE tasks SET due_at = now() + ${interval(of.seconds * 1_000)}, dispatched_at = NULL, dispatches = 0,
          result = ${jsonb(of.result)}
        WHERE id = ${of.taskId} AND state = 'open' AND generation = ${of.generation} RETURNING id`.execute(db)
      return rows.length > 0
    },
    failTask: of => end(db, { ...of, state: 'failed', result: null, reason: storable(of.reason) }),
  }
}

async function readTask(db: Database, taskId: string): Promise<Task | undefined> {
  const row = await db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirst()
  if (row === undefined) return undefined
  return {
    taskId: row.id,
    kind: row.kind,
    uniqueKey: row.unique_key,
    payload: row.payload,
    state: row.state,
    result: row.result,
    reason: row.reason,
    generation: row.generation,
    dispatches: row.dispatches,
    dueAt: row.due_at,
    createdAt: row.created_at,
  }
}

type End = { taskId: string; generation: number; state: 'done' | 'failed'; result: JsonValue; reason: string | null }

async function end(db: Database, of: End): Promise<boolean> {
  const { rows } = await sql`
    WITH moved AS (
      UPDATE tasks SET state = ${of.state}, result = ${jsonb(of.result)}, reason = ${of.reason}, ended_at = now(), dispatched_at = NULL
      WHERE id = ${of.taskId} AND state = 'open' AND generation = ${of.generation} RETURNING id, generation),
    noted AS (INSERT INTO events (task_id, kind, data)
      SELECT id, ${of.state}, jsonb_build_object('generation', generation) FROM moved)
    SELECT id FROM moved`.execute(db)
  return rows.length > 0
}
