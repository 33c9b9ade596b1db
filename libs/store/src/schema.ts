import type { Comparison } from '@code-agent/jobs/comparison'
import type { PatchChange, RunOutcome, RunState, Strategy, VariantOutcome } from '@code-agent/jobs/run'
import type { TaskKind } from '@code-agent/jobs/steps'
import type { ColumnType, Generated } from 'kysely'
import type { Admission } from './admission.ts'
import type { JsonValue } from './json.ts'

/** jsonb goes in by `jsonb()` only, so that no array becomes a Postgres array. */
type Json<T> = ColumnType<T, never, never>
type Time = ColumnType<Date, never, never>
type MaybeTime = ColumnType<Date | null, never, never>

export type Requester = { id: string; displayName: string; uniqueName: string }
export const endingCauses = ['refused', 'failed', 'concluded', 'cancelled', 'deadline', 'stuck'] as const
export type EndingCause = (typeof endingCauses)[number]
export type Owner = 'run' | 'task'
export type AttemptOutcome = 'done' | 'failed' | 'retry' | 'postponed' | 'superseded'

type RunsTable = {
  id: string
  organisation: string
  repository_id: string
  pull_request_id: number
  thread_id: number
  comment_id: number
  project_id: string
  requester: Json<Requester>
  comment_text: string
  intent: string
  variant_count: number
  state: RunState
  outcome: RunOutcome | null
  reason: string | null
  ending_cause: EndingCause | null
  generation: number
  dispatched_at: MaybeTime
  dispatches_in_state: number
  deadline: MaybeTime
  admission: Json<Admission | null>
  overview: Json<Comparison | null>
  trace_context: string | null
  /** Of the span under which its last flow was added. */
  dispatch_context: Generated<string | null>
  /** How often its request was begun before. */
  retry: Generated<number>
  forgotten_at: MaybeTime
  created_at: Time
  started_at: MaybeTime
  ended_at: MaybeTime
}

type VariantsTable = {
  run_id: string
  index: number
  strategy: Json<Strategy | null>
  outcome: VariantOutcome | null
  reason: string | null
  reason_class: string | null
  branch: string | null
  commit: string | null
  pull_request_id: number | null
  summary: string | null
  files: number | null
  additions: number | null
  deletions: number | null
  ended_at: MaybeTime
}

type TasksTable = {
  id: string
  kind: TaskKind
  unique_key: string
  payload: Json<JsonValue>
  state: 'open' | 'done' | 'failed'
  result: Json<JsonValue>
  reason: string | null
  generation: number
  dispatched_at: MaybeTime
  dispatches: number
  trace_context: Generated<string | null>
  due_at: Time
  created_at: Time
  ended_at: MaybeTime
}

type EffectsTable = {
  owner: Owner
  owner_id: string
  variant: number
  kind: string
  number: number
  state: 'free' | 'acting' | 'done'
  guard: 'work' | 'report'
  uncertain: boolean
  claim_id: string
  holder: string
  lease_until: MaybeTime
  reference: Json<JsonValue>
  claims: number
  touched_at: Time
}

type AttemptsTable = {
  id: Generated<number>
  owner: Owner
  owner_id: string
  variant: number
  step: string
  generation: number
  job_id: string
  attempt: number
  started_at: Time
  ended_at: MaybeTime
  outcome: AttemptOutcome | null
  reason_class: string | null
  message: string | null
  resumes_at: MaybeTime
}

type PatchesTable = {
  run_id: string
  variant: number
  diff: string
  changes: Json<PatchChange[]>
  stats: Json<PatchStats>
  summary: string
  result_hash: string
  created_at: Time
}
export type PatchStats = { files: number; additions: number; deletions: number }

type UsageTable = {
  run_id: string
  variant: number
  call: number
  model: string
  input_tokens: number
  output_tokens: number
  cache_read_tokens: number
  cache_write_tokens: number
  cost_usd: number | null
  stop: string
  at: Time
}

type EventsTable = {
  id: Generated<number>
  run_id: string | null
  task_id: string | null
  at: Time
  kind: string
  data: Json<JsonValue>
}

/** The tables that typed queries read; the rest is only touched by SQL that stands where it is used. */
export type Tables = {
  runs: RunsTable
  variants: VariantsTable
  tasks: TasksTable
  effects: EffectsTable
  attempts: AttemptsTable
  patches: PatchesTable
  usage: UsageTable
  events: EventsTable
  gates: { name: string; until: Time; reason: string; closed_at: Time }
  identities: { organisation: string; identity_id: string; display_name: string; seen_at: Time }
  settings: { name: string; value: Json<JsonValue>; changed_at: Time }
  model_answers: { run_id: string; variant: number; call: number; answer: Json<JsonValue>; created_at: Time }
}
