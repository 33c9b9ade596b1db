import {
  type JobName,
  RunJob,
  type StepName,
  type StepResult,
  steps,
  TaskJob,
  type TaskKind,
  taskKinds,
} from '@code-agent/jobs/steps'
import { z } from 'zod'

const VariantJob = RunJob.extend({ variant: z.number().int().min(1) })
type VariantJob = z.infer<typeof VariantJob>

/** What a job of this name carries. */
export type DataOf<Name extends JobName> = Name extends StepName
  ? (typeof steps)[Name]['perVariant'] extends true
    ? VariantJob
    : RunJob
  : TaskJob

export type HandlerJob<Data = RunJob | TaskJob> = {
  name: JobName
  data: Data
  jobId: string
  /** From 1; waits for a gate or somebody else's lease do not count. */
  attempt: number
  isLastAttempt: boolean
  /**
   * Aborted on cancellation, shutdown and a lost lock. `signal.reason` is the error to throw (`signal.throwIfAborted()`);
   * whatever is thrown after the abort, the job ends as the reason says.
   */
  signal: AbortSignal
  /** W3C traceparent of whoever added the flow. */
  traceContext?: string
}

export type StepHandler<Data> = {
  handle(job: HandlerJob<Data>): Promise<StepResult>
  /**
   * Called before the job fails for good, so that the reason is in Postgres by then. If it throws,
   * the job is tried again later instead. May be called twice.
   */
  onExhausted?(job: HandlerJob<Data>, error: Error): Promise<void>
}

/** The handlers of one worker; a name without one is left to a newer worker. */
export type Handlers = { [Name in JobName]?: StepHandler<DataOf<Name>> }

/** A handler with its job's data checked. */
export type BoundHandler = {
  job: HandlerJob
  handle(): Promise<StepResult>
  onExhausted(error: Error): Promise<void>
}

export type RawJob = Omit<HandlerJob, 'name' | 'data'> & { name: string; data: unknown }

/** Undefined if this worker does not know the name; throws a ZodError if the data are not this step's. */
export function bindHandler(handlers: Handlers, job: RawJob): BoundHandler | undefined {
  const { name } = job
  if (isTaskKind(name)) return bind(name, handlers[name], TaskJob, job)
  if (!isStepName(name)) return undefined
  // Each handler accepts what its own step's schema yields; the table of steps is what ties the two.
  const handler: StepHandler<RunJob> | undefined = handlers[name]
  return bind(name, handler, steps[name].perVariant ? VariantJob : RunJob, job)
}

function bind<Data extends RunJob | TaskJob>(
  name: JobName,
  handler: StepHandler<Data> | undefined,
  schema: z.ZodType<Data>,
  raw: RawJob,
): BoundHandler | undefined {
  if (!handler) return undefined
  const job = { ...raw, name, data: schema.parse(raw.data) }
  return {
    job,
    handle: () => handler.handle(job),
    onExhausted: async error => await handler.onExhausted?.(job, error),
  }
}

function isStepName(name: string): name is StepName {
  return Object.hasOwn(steps, name)
}

function isTaskKind(name: string): name is TaskKind {
  return taskKinds.some(kind => kind === name)
}
