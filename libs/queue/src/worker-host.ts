import { setTimeout as sleep } from 'node:timers/promises'
import { Rejected, Superseded } from '@code-agent/jobs/errors'
import { redisAddress } from '@code-agent/jobs/redis-address'
import type { QueueName } from '@code-agent/jobs/steps'
import { type Job, Worker } from 'bullmq'
import { activeJobs, HandedBack, LockLost } from './active-jobs.ts'
import { backoffDelay } from './backoff.ts'
import { steadyConnection } from './connect.ts'
import type { HandlerJob, Handlers } from './handlers.ts'
import {
  type AttemptRecorder,
  jobProcessor,
  type ProcessorPorts,
  recordLostJob,
  type WorkerLog,
} from './process-job.ts'

const HAND_BACK_MS = 1_000
const PING_MS = 2_000

export type WorkerHostOptions = {
  redisUrl: string
  prefix: string
  queue: QueueName
  concurrency: number
  handlers: Handlers
  recorder: AttemptRecorder
  log?: WorkerLog
  /** A handler threw Throttled: keep everybody from `gate` until then. */
  onGate?: ProcessorPorts['onGate']
  /** Told of each attempt that ended; must not throw. */
  observe?: ProcessorPorts['observe']
  /** Does each attempt within what its trace and its log lines say of it. */
  around?: ProcessorPorts['around']
  /** Takes secrets out of error messages before they reach Redis, the recorder or the log. */
  redact?: (text: string) => string
  lockDuration?: number
  stalledInterval?: number
  maxStalledCount?: number
}

export type WorkerHost = {
  /** Rejects, within 2 s, if Redis does not answer. */
  ping(): Promise<void>
  /** Aborts the active jobs that match: they end quietly, as superseded. Returns how many there were. */
  cancel(
    predicate: (job: Pick<HandlerJob, 'jobId'> & { name: string; data: unknown }) => boolean,
    reason: string,
  ): number
  /**
   * Takes no more jobs and hands the active ones back, burning no attempt. A handler that does not heed its signal
   * within `graceMs` loses its job all the same, so end the process then.
   */
  close(graceMs: number): Promise<void>
}

/** Works on a queue; Redis may be down now and come later. Defaults recover a killed worker's jobs within 11–19 s. */
export function startWorker(options: WorkerHostOptions): WorkerHost {
  const log = options.log ?? { info() {}, warn() {}, error() {} }
  const active = activeJobs()
  let closing = false
  let disconnecting = false
  const ports: ProcessorPorts = {
    handlers: options.handlers,
    recorder: options.recorder,
    log,
    active,
    isClosing: () => closing,
    onGate: options.onGate ?? (async () => {}),
    redact: options.redact ?? (text => text),
    ...(options.observe ? { observe: options.observe } : {}),
    ...(options.around ? { around: options.around } : {}),
  }
  const worker = new Worker(options.queue, jobProcessor(ports), {
    connection: {
      ...redisAddress(options.redisUrl),
      maxRetriesPerRequest: null,
      ...steadyConnection(() => disconnecting),
    },
    prefix: options.prefix,
    concurrency: options.concurrency,
    lockDuration: options.lockDuration ?? 15_000,
    stalledInterval: options.stalledInterval ?? 5_000,
    maxStalledCount: options.maxStalledCount ?? 3,
    metrics: { maxDataPoints: 60 },
    settings: { backoffStrategy: (attemptsMade, _type, _error, job) => backoffDelay(attemptsMade, backoffBase(job)) },
  })
  worker.on('error', error => log.warn({ error: ports.redact(error.message), queue: options.queue }, 'queue trouble'))
  worker.on('lockRenewalFailed', ids =>
    active.abort(job => ids.includes(job.jobId), new LockLost('another worker may have taken this job over')),
  )
  worker.on('failed', job => void recordLostJob(ports, job))

  return {
    async ping() {
      const client = await within(PING_MS, worker.getBackend().client)
      await within(PING_MS, client.info())
    },
    cancel: (predicate, reason) => active.abort(predicate, new Superseded(reason)),
    async close(graceMs) {
      closing = true
      const closed = worker.close()
      active.abort(() => true, new HandedBack('the worker is shutting down'))
      const inTime = await within(graceMs, closed).then(
        () => true,
        () => false,
      )
      if (inTime) return
      log.warn({ queue: options.queue }, 'steps still running after the grace period: handing their jobs back')
      await within(HAND_BACK_MS, active.handBackAll()).catch(() => {})
      disconnecting = true
      await within(HAND_BACK_MS, worker.disconnect()).catch(() => {})
    },
  }
}

function backoffBase(job: Pick<Job, 'opts'> | undefined): number {
  const backoff = job?.opts.backoff
  return typeof backoff === 'number' ? backoff : (backoff?.delay ?? 1_000)
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Rejected(`not within ${ms} ms`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
    late.catch(() => {})
  }
}
