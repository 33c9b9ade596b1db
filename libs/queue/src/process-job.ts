import { Rejected } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq'
import type { ActiveJobs } from './active-jobs.ts'
import { backoffDelay, delayUntil } from './backoff.ts'
import { type BoundHandler, bindHandler, type HandlerJob, type Handlers, type RawJob } from './handlers.ts'
import { type AttemptOutcome, endingOf } from './job-ending.ts'

/** How long a job waits for a worker that knows its step, or for a database that is down. */
const LOOK_AGAIN_MS = 2_000

/** Where attempts are written down; one row per start. */
export type AttemptRecorder = {
  /** If this throws nothing has begun: the job waits, and burns no attempt. */
  started(job: HandlerJob): Promise<string>
  /** `resumesAt`: postponed until then. */
  ended(
    id: string,
    ending: { outcome: AttemptOutcome; reasonClass?: string; message?: string; resumesAt?: Date },
  ): Promise<void>
}

/** The shape of a pino logger, as far as it is used here. */
export type WorkerLog = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>

/** How one attempt ended, for those who count. */
export type StepObserved = {
  step: string
  outcome: AttemptOutcome
  errorName?: string
  /** Without secrets; may quote what a model wrote. */
  message?: string
  seconds: number
  attempt: number
  waitSeconds?: number
}

/** Does an attempt of a step within what its trace and its log lines say of it. */
export type Around = <T>(job: HandlerJob, attempt: () => Promise<T>) => Promise<T>

export type ProcessorPorts = {
  handlers: Handlers
  recorder: AttemptRecorder
  log: WorkerLog
  active: ActiveJobs
  isClosing(): boolean
  onGate(gate: string, until: Date, reason: string): Promise<void>
  redact(text: string): string
  /** Must not throw. */
  observe?: (event: StepObserved) => void
  around?: Around
}

/** What BullMQ calls for every job: the handler, with errors turned into queue behaviour. */
export function jobProcessor(ports: ProcessorPorts) {
  return async function processJob(job: Job, token?: string): Promise<StepResult> {
    if (token === undefined) throw new Error('BullMQ gave no lock token')
    // Fetched while we were already closing.
    if (ports.isClosing()) return await handBack(job, token)
    const controller = new AbortController()
    const bound = bindOrReject(ports, rawJob(job, controller.signal))
    if (!bound) {
      ports.log.warn({ jobId: job.id, step: job.name }, 'this worker does not know the step: left to a newer one')
      return await delay(job, token, new Date(Date.now() + LOOK_AGAIN_MS))
    }
    const done = ports.active.add({
      info: bound.job,
      abort: reason => controller.abort(reason),
      handBack: () => job.moveToWait(token),
    })
    const around: Around = ports.around ?? ((_job, begin) => begin())
    try {
      return await around(bound.job, () => attempt(ports, job, token, bound))
    } finally {
      done()
    }
  }
}

async function attempt(ports: ProcessorPorts, job: Job, token: string, bound: BoundHandler): Promise<StepResult> {
  const log = { jobId: bound.job.jobId, step: bound.job.name, attempt: bound.job.attempt }
  let id: string
  try {
    id = await ports.recorder.started(bound.job)
  } catch (cause) {
    ports.log.error({ ...log, error: ports.redact(asError(cause).message) }, 'attempt not recorded: step not begun')
    if (ports.isClosing()) return await handBack(job, token)
    return await delay(job, token, new Date(Date.now() + LOOK_AGAIN_MS))
  }
  const begun = performance.now()
  const record = async (ending: Parameters<AttemptRecorder['ended']>[1]) => {
    ports.observe?.(observed(bound.job, ending, (performance.now() - begun) / 1_000))
    await ports.recorder.ended(id, ending).catch(cause => {
      ports.log.error({ ...log, error: ports.redact(asError(cause).message) }, 'end of attempt not recorded')
    })
  }
  try {
    const result = await bound.handle()
    await record({ outcome: result.outcome === 'superseded' ? 'superseded' : 'done' })
    return result
  } catch (thrown) {
    const error = asError(thrown)
    const ending = endingOf(error, bound.job)
    const { outcome } = ending
    const message = ports.redact(error.message)
    const resumes = ending.act === 'delay' ? { resumesAt: ending.until } : {}
    await record({ outcome, reasonClass: error.name, message, ...resumes })
    ports.log[outcome === 'failed' ? 'error' : 'info'](
      { ...log, outcome, reasonClass: error.name, message },
      'step ended',
    )
    return await endJob(ports, job, token, bound, error)
  }
}

function observed(
  { name, attempt }: HandlerJob,
  { outcome, reasonClass, message, resumesAt }: Parameters<AttemptRecorder['ended']>[1],
  seconds: number,
): StepObserved {
  return {
    step: name,
    outcome,
    seconds,
    attempt,
    ...(reasonClass === undefined ? {} : { errorName: reasonClass }),
    ...(message === undefined ? {} : { message }),
    ...(resumesAt === undefined ? {} : { waitSeconds: (resumesAt.getTime() - Date.now()) / 1_000 }),
  }
}

async function endJob(
  ports: ProcessorPorts,
  job: Job,
  token: string,
  bound: BoundHandler,
  error: Error,
): Promise<StepResult> {
  const ending = endingOf(error, bound.job)
  switch (ending.act) {
    case 'supersede':
      return { outcome: 'superseded' }
    case 'hand-back':
      return await handBack(job, token)
    case 'delay':
      if (ending.gate !== undefined) await closeGate(ports, ending.gate, ending.until, error)
      return await delay(job, token, ending.until)
    case 'retry':
      throw redacted(error, ports)
    case 'fail':
      return await failForGood(ports, job, token, bound, error)
  }
}

async function failForGood(
  ports: ProcessorPorts,
  job: Job,
  token: string,
  bound: BoundHandler,
  error: Error,
): Promise<never> {
  try {
    await bound.onExhausted(error)
  } catch (cause) {
    const reason = ports.redact(asError(cause).message)
    ports.log.error(
      { jobId: bound.job.jobId, step: bound.job.name, error: reason },
      'failure not recorded: trying again',
    )
    return await delay(job, token, new Date(Date.now() + backoffDelay(bound.job.attempt, LOOK_AGAIN_MS)))
  }
  const failure = redacted(error, ports)
  throw error instanceof Rejected
    ? Object.assign(new UnrecoverableError(failure.message), { stack: failure.stack })
    : failure
}

async function closeGate(ports: ProcessorPorts, gate: string, until: Date, error: Error): Promise<void> {
  try {
    await ports.onGate(gate, until, ports.redact(error.message))
  } catch (cause) {
    // The next job that meets the limit tries again.
    ports.log.error({ gate, error: ports.redact(asError(cause).message) }, 'gate not closed')
  }
}

/**
 * A job that failed without its handler: its process died too often (BullMQ fails it on its next pick-up), or a child
 * failed, which the child has recorded itself.
 */
export async function recordLostJob(ports: ProcessorPorts, job: Job | undefined): Promise<void> {
  if (!job?.deferredFailure?.includes('stalled')) return
  try {
    const bound = bindHandler(ports.handlers, rawJob(job, AbortSignal.abort()))
    const lost = new Rejected('The process working on this step died again and again.', { cause: job.failedReason })
    await bound?.onExhausted(lost)
  } catch (cause) {
    ports.log.error(
      { jobId: job.id, error: ports.redact(asError(cause).message) },
      'failure of a lost job not recorded',
    )
  }
}

function rawJob(job: Job, signal: AbortSignal): RawJob {
  const traceContext = job.opts.telemetry?.metadata
  return {
    name: job.name,
    data: job.data,
    jobId: job.id ?? '',
    attempt: job.attemptsMade + 1,
    isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? 1),
    signal,
    ...(traceContext === undefined ? {} : { traceContext }),
  }
}

function bindOrReject(ports: ProcessorPorts, job: RawJob): BoundHandler | undefined {
  try {
    return bindHandler(ports.handlers, job)
  } catch (cause) {
    ports.log.error({ jobId: job.jobId, step: job.name, error: asError(cause).message }, 'job data are not this step’s')
    throw new UnrecoverableError(`Data of ${job.jobId} are not those of ${job.name}`)
  }
}

async function handBack(job: Job, token: string): Promise<never> {
  await job.moveToWait(token)
  throw new WaitingError()
}

async function delay(job: Job, token: string, until: Date): Promise<never> {
  await job.moveToDelayed(Date.now() + delayUntil(until), token)
  throw new DelayedError()
}

// BullMQ keeps message and stack of what is thrown, in clear.
function redacted(error: Error, ports: ProcessorPorts): Error {
  const failure = new Error(ports.redact(error.message))
  failure.stack = ports.redact(error.stack ?? error.message)
  return failure
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
