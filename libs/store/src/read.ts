import type { Comparison } from '@code-agent/jobs/comparison'
import type { RequestKey, RunOutcome, RunState, Strategy, VariantOutcome } from '@code-agent/jobs/run'
import { type Selectable, sql } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import type { Admission } from './admission.ts'
import type { Database } from './database.ts'
import type { JsonValue } from './json.ts'
import type { EndingCause, Requester, Tables } from './schema.ts'

export type Variant = {
  /** From 1. */
  variant: number
  strategy: Strategy | null
  outcome: VariantOutcome | null
  reason: string | null
  reasonClass: string | null
  branch: string | null
  commit: string | null
  pullRequestId: number | null
  summary: string | null
  files: number | null
  additions: number | null
  deletions: number | null
  endedAt: Date | null
}

export type RunRow = {
  runId: string
  key: RequestKey
  projectId: string
  requester: Requester
  commentText: string
  intent: string
  variantCount: number
  state: RunState
  outcome: RunOutcome | null
  reason: string | null
  endingCause: EndingCause | null
  generation: number
  dispatchedAt: Date | null
  dispatchesInState: number
  deadline: Date | null
  admission: Admission | null
  overview: Comparison | null
  traceContext: string | null
  /** How often its request was begun before. */
  retry: number
  /** Since when what people wrote is taken out of it. */
  forgottenAt: Date | null
  createdAt: Date
  startedAt: Date | null
  endedAt: Date | null
}

/** Everything a step needs to know. */
export type Run = RunRow & { variants: Variant[] }

export type RunFilter = {
  organisation?: string
  repositoryId?: string
  pullRequestId?: number
  threadId?: number
  states?: RunState[]
  /** Not ended. */
  open?: boolean
  createdAfter?: Date
}

export type TimelineEvent = { at: Date; kind: string; data: JsonValue }

export type Read = {
  run(runId: string): Promise<Run | undefined>
  /** Newest first; 100 if no limit is given. */
  runs(of: { filter?: RunFilter; limit?: number }): Promise<RunRow[]>
  /** The audit of a run, oldest first. */
  timeline(runId: string): Promise<TimelineEvent[]>
  /** How many runs stand in each state, with the age of the oldest in seconds. */
  runCounts(): Promise<{ state: RunState; count: number; oldestSeconds: number }[]>
}

export function readPart(db: Database): Read {
  return {
    run: runId => readRun(db, runId),
    runs: of => listRuns(db, of),
    timeline: async runId =>
      await db.selectFrom('events').select(['at', 'kind', 'data']).where('run_id', '=', runId).orderBy('id').execute(),
    runCounts: async () => {
      const { rows } = await sql<{ state: RunState; count: number; oldestSeconds: number }>`
        SELECT state, count(*) AS count, extract(epoch FROM now() - min(created_at))::float8 AS "oldestSeconds"
        FROM runs WHERE state <> 'ended' GROUP BY state`.execute(db)
      return rows
    },
  }
}

/** One statement, named columns: every step begins with it, and a migration of the next version may add columns meanwhile. */
async function readRun(db: Database, runId: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .select(runColumns)
    .select(run =>
      jsonArrayFrom(
        run.selectFrom('variants').select(variantColumns).whereRef('run_id', '=', 'runs.id').orderBy('index'),
      ).as('variants'),
    )
    .where('id', '=', runId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  // Within JSON times are texts.
  const variants = row.variants.map(variant =>
    variantOf({ ...variant, ended_at: variant.ended_at === null ? null : new Date(variant.ended_at) }),
  )
  return { ...runOf(row), variants }
}

async function listRuns(db: Database, of: { filter?: RunFilter; limit?: number }): Promise<RunRow[]> {
  const filter = of.filter ?? {}
  let query = db.selectFrom('runs').select(runColumns)
  if (filter.organisation !== undefined) query = query.where('organisation', '=', filter.organisation)
  if (filter.repositoryId !== undefined) query = query.where('repository_id', '=', filter.repositoryId)
  if (filter.pullRequestId !== undefined) query = query.where('pull_request_id', '=', filter.pullRequestId)
  if (filter.threadId !== undefined) query = query.where('thread_id', '=', filter.threadId)
  if (filter.states !== undefined) query = query.where('state', 'in', filter.states)
  if (filter.open) query = query.where('state', '<>', 'ended')
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>', filter.createdAfter)
  const rows = await query
    .orderBy('created_at', 'desc')
    .limit(of.limit ?? 100)
    .execute()
  return rows.map(runOf)
}

const runColumns = [
  'id',
  'organisation',
  'repository_id',
  'pull_request_id',
  'thread_id',
  'comment_id',
  'project_id',
  'requester',
  'comment_text',
  'intent',
  'variant_count',
  'state',
  'outcome',
  'reason',
  'ending_cause',
  'generation',
  'dispatched_at',
  'dispatches_in_state',
  'deadline',
  'admission',
  'overview',
  'trace_context',
  'retry',
  'forgotten_at',
  'created_at',
  'started_at',
  'ended_at',
] as const satisfies (keyof Tables['runs'])[]

const variantColumns = [
  'variants.index',
  'variants.strategy',
  'variants.outcome',
  'variants.reason',
  'variants.reason_class',
  'variants.branch',
  'variants.commit',
  'variants.pull_request_id',
  'variants.summary',
  'variants.files',
  'variants.additions',
  'variants.deletions',
  'variants.ended_at',
] as const satisfies `variants.${keyof Tables['variants']}`[]

function runOf(row: Pick<Selectable<Tables['runs']>, (typeof runColumns)[number]>): RunRow {
  return {
    runId: row.id,
    key: {
      organisation: row.organisation,
      repositoryId: row.repository_id,
      pullRequestId: row.pull_request_id,
      threadId: row.thread_id,
      commentId: row.comment_id,
    },
    projectId: row.project_id,
    requester: row.requester,
    commentText: row.comment_text,
    intent: row.intent,
    variantCount: row.variant_count,
    state: row.state,
    outcome: row.outcome,
    reason: row.reason,
    endingCause: row.ending_cause,
    generation: row.generation,
    dispatchedAt: row.dispatched_at,
    dispatchesInState: row.dispatches_in_state,
    deadline: row.deadline,
    admission: row.admission,
    overview: row.overview,
    traceContext: row.trace_context,
    retry: row.retry,
    forgottenAt: row.forgotten_at,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function variantOf(row: Omit<Selectable<Tables['variants']>, 'run_id'>): Variant {
  return {
    variant: row.index,
    strategy: row.strategy,
    outcome: row.outcome,
    reason: row.reason,
    reasonClass: row.reason_class,
    branch: row.branch,
    commit: row.commit,
    pullRequestId: row.pull_request_id,
    summary: row.summary,
    files: row.files,
    additions: row.additions,
    deletions: row.deletions,
    endedAt: row.ended_at,
  }
}
