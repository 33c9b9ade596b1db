import { z } from 'zod'

/** A queue is named for the party its steps talk to. */
export const queues = ['ado', 'llm', 'flow'] as const
export type QueueName = (typeof queues)[number]

/** One hash tag for every queue, so that a flow's keys share a slot of a Redis Cluster. */
export const defaultPrefix = '{code-agent}'

export const RunJob = z.object({
  runId: z.uuid(),
  variant: z.number().int().min(1).optional(),
  generation: z.number().int().min(1),
})
export type RunJob = z.infer<typeof RunJob>

export const TaskJob = z.object({ taskId: z.uuid(), generation: z.number().int().min(1) })
export type TaskJob = z.infer<typeof TaskJob>

/** Results are references into Postgres, never content: BullMQ keeps each result three times. */
export const StepResult = z.object({
  outcome: z.enum(['done', 'refused', 'superseded']),
  reference: z.string().optional(),
})
export type StepResult = z.infer<typeof StepResult>

/** Every step of a run's flows: its queue, and whether it is one variant's. `report` steps speak even when the run was cancelled. */
export const steps = {
  'plan-run': { queue: 'llm', guard: 'work', perVariant: false },
  'admit-run': { queue: 'ado', guard: 'work', perVariant: false },
  'reserve-branch': { queue: 'ado', guard: 'work', perVariant: true },
  'write-patch': { queue: 'llm', guard: 'work', perVariant: true },
  'commit-patch': { queue: 'ado', guard: 'work', perVariant: true },
  'open-draft-pr': { queue: 'ado', guard: 'work', perVariant: true },
  'announce-variant': { queue: 'ado', guard: 'report', perVariant: true },
  'conclude-run': { queue: 'flow', guard: 'report', perVariant: false },
  'publish-overview': { queue: 'ado', guard: 'report', perVariant: false },
} as const satisfies Record<string, { queue: QueueName; guard: 'work' | 'report'; perVariant: boolean }>
export type StepName = keyof typeof steps

/** Work outside runs; one row of `tasks`, one job on `ado`. */
export const taskKinds = ['answer-comment', 'show-wait', 'clean-up-branches', 'poll-comments'] as const
export type TaskKind = (typeof taskKinds)[number]

export type JobName = StepName | TaskKind

/** Ids derive from what the job is, so that the same job is never in a queue twice. Colons are BullMQ's. */
export function stepJobId(step: StepName, job: RunJob): string {
  const variant = job.variant === undefined ? '' : `-v${job.variant}`
  return `${job.runId}-g${job.generation}${variant}-${step}`
}

export function taskJobId(kind: TaskKind, job: TaskJob): string {
  return `${job.taskId}-g${job.generation}-${kind}`
}
