import { RequestKey } from '@code-agent/jobs/run'
import type { TaskKind } from '@code-agent/jobs/steps'
import { sql } from 'kysely'
import { databaseTime } from './clock.ts'
import type { Database } from './database.ts'
import { type JsonValue, jsonb, storable } from './json.ts'
import type { Requester } from './schema.ts'

/** What brought a command here; unique by source and id, so that a repeated one is recorded once. */
export type Delivery = { source: string; id: string; eventType?: string; organisation?: string }

export type NewRun = {
  runId: string
  key: RequestKey
  projectId: string
  requester: Requester
  commentText: string
  intent: string
  /** How many. */
  variants: number
  delivery?: Delivery
  /** W3C traceparent of what accepted it. */
  traceContext?: string | undefined
}

export type NewTask = {
  taskId: string
  kind: TaskKind
  /** What makes it the same task, whoever asks for it and whenever. */
  uniqueKey: string
  payload: JsonValue
  dueAt?: Date
  delivery?: Delivery
  /** W3C traceparent of what accepted it. */
  traceContext?: string | undefined
}

export type Accept = {
  /** One statement: once it returned, the request is durable. `accepted: false` says that it was known, as `runId`. */
  acceptRun(run: NewRun): Promise<{ accepted: boolean; runId: string }>
  acceptTask(task: NewTask): Promise<{ accepted: boolean; taskId: string }>
  /** A delivery that asks for nothing, with what was made of it. */
  recordDelivery(delivery: Delivery & { outcome: string; reason?: string }): Promise<void>
}

export function acceptPart(db: Database): Accept {
  return {
    acceptRun: run => acceptRun(db, run),
    acceptTask: task => acceptTask(db, task),
    recordDelivery: async delivery => {
      await sql`INSERT INTO deliveries (source, delivery_id, event_type, organisation, outcome, reason)
        VALUES (${delivery.source}, ${storable(delivery.id)}, ${delivery.eventType ?? null}, ${delivery.organisation ?? null},
          ${delivery.outcome}, ${delivery.reason ?? null})
        ON CONFLICT DO NOTHING`.execute(db)
    },
  }
}

async function acceptRun(db: Database, run: NewRun): Promise<{ accepted: boolean; runId: string }> {
  const key = RequestKey.parse(run.key)
  const known = sql`SELECT id FROM runs WHERE organisation = ${key.organisation} AND repository_id = ${key.repositoryId}
    AND pull_request_id = ${key.pullRequestId} AND thread_id = ${key.threadId} AND comment_id = ${key.commentId}
    AND retry = 0`
  const { rows } = await sql<{ fresh: string | null; known: string | null }>`
    WITH fresh AS (
      INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id,
        requester, comment_text, intent, variant_count, trace_context)
      VALUES (${run.runId}, ${key.organisation}, ${key.repositoryId}, ${key.pullRequestId}, ${key.threadId},
        ${key.commentId}, ${run.projectId}, ${jsonb(run.requester)}, ${storable(run.commentText)},
        ${storable(run.intent)}, ${run.variants}, ${run.traceContext ?? null})
      ON CONFLICT ON CONSTRAINT runs_request DO NOTHING RETURNING id),
    known AS (${known}),
    made AS (INSERT INTO variants (run_id, index) SELECT id, n FROM fresh, generate_series(1, ${run.variants}::int) n),
    noted AS (INSERT INTO events (run_id, kind, data)
      SELECT id, 'accepted', ${jsonb({ variants: run.variants, requester: run.requester.id })} FROM fresh),
    ${delivered('run_id', run.delivery)}
    SELECT (SELECT id FROM fresh) AS fresh, (SELECT id FROM known) AS known`.execute(db)
  const row = rows[0]
  if (row?.fresh) return { accepted: true, runId: row.fresh }
  // Inserted by somebody else after our snapshot: only a second look sees it.
  const runId = row?.known ?? (await sql<{ id: string }>`${known}`.execute(db)).rows[0]?.id
  if (runId === undefined) throw new Error('a run is neither new nor known')
  return { accepted: false, runId }
}

async function acceptTask(db: Database, task: NewTask): Promise<{ accepted: boolean; taskId: string }> {
  const known = sql`SELECT id FROM tasks WHERE unique_key = ${task.uniqueKey}`
  const { rows } = await sql<{ fresh: string | null; known: string | null }>`
    WITH fresh AS (
      INSERT INTO tasks (id, kind, unique_key, payload, due_at, trace_context)
      VALUES (${task.taskId}, ${task.kind}, ${task.uniqueKey}, ${jsonb(task.payload)},
        ${task.dueAt ? databaseTime(task.dueAt) : sql`now()`}, ${task.traceContext ?? null})
      ON CONFLICT (unique_key) DO NOTHING RETURNING id),
    known AS (${known}),
    noted AS (INSERT INTO events (task_id, kind, data) SELECT id, 'accepted', ${jsonb({ task: task.kind })} FROM fresh),
    ${delivered('task_id', task.delivery)}
    SELECT (SELECT id FROM fresh) AS fresh, (SELECT id FROM known) AS known`.execute(db)
  const row = rows[0]
  if (row?.fresh) return { accepted: true, taskId: row.fresh }
  const taskId = row?.known ?? (await sql<{ id: string }>`${known}`.execute(db)).rows[0]?.id
  if (taskId === undefined) throw new Error('a task is neither new nor known')
  return { accepted: false, taskId }
}

function delivered(column: 'run_id' | 'task_id', delivery: Delivery | undefined) {
  if (delivery === undefined) return sql`delivered AS (SELECT 1)`
  return sql`delivered AS (
    INSERT INTO deliveries (source, delivery_id, event_type, organisation, outcome, ${sql.ref(column)})
    SELECT ${delivery.source}, ${storable(delivery.id)}, ${delivery.eventType ?? null}, ${delivery.organisation ?? null},
      CASE WHEN EXISTS (SELECT FROM fresh) THEN 'accepted' ELSE 'known' END,
      coalesce((SELECT id FROM fresh), (SELECT id FROM known))
    ON CONFLICT DO NOTHING)`
}
