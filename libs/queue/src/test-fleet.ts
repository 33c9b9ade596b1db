import { randomUUID } from 'node:crypto'
import type { FlowNode } from '@code-agent/jobs/flows'
import { type JobName, queues, type StepResult } from '@code-agent/jobs/steps'
import { expect, onTestFinished, vi } from 'vitest'
import type { HandlerJob, Handlers } from './handlers.ts'
import type { AttemptRecorder } from './process-job.ts'
import { createProducer, type Producer } from './producer.ts'
import { startWorker, type WorkerHost, type WorkerHostOptions } from './worker-host.ts'

export const done: StepResult = { outcome: 'done' }

export const until = (assertion: () => void | Promise<void>, timeout = 15_000) =>
  vi.waitFor(assertion, { timeout, interval: 20 })

type Behaviour = (job: HandlerJob) => Promise<StepResult | undefined> | StepResult | undefined
type FleetOptions = Partial<WorkerHostOptions> & {
  attempts?: number
  commandTimeoutMs?: number
  onExhausted?: (job: HandlerJob, error: Error) => void
}

/**
 * A worker on each queue, under a prefix of their own, on which every step does as `behaviour` says, and is done when
 * that says nothing. Nothing runs before start(); all is closed when the test ends.
 */
export function testFleet(
  redis: { url: string; prefix: string },
  behaviour: Behaviour = () => undefined,
  options: FleetOptions = {},
) {
  const prefix = `${redis.prefix}${randomUUID().slice(0, 8)}`
  const completed: JobName[] = []
  const exhausted: { name: JobName; message: string }[] = []
  const { recorder, started, ended } = memoryRecorder()
  const handlers = everyStep({
    async handle(job) {
      const result = (await behaviour(job)) ?? done
      completed.push(job.name)
      return result
    },
    async onExhausted(job, error) {
      options.onExhausted?.(job, error)
      exhausted.push({ name: job.name, message: error.message })
    },
  })
  const job = { attempts: options.attempts ?? 2, backoffMs: 20 }
  const { commandTimeoutMs = 5_000 } = options
  const producer = createProducer({ redisUrl: redis.url, prefix, job, commandTimeoutMs })
  const workers: WorkerHost[] = []
  const start = (more: Partial<WorkerHostOptions> = {}) => {
    const settings = { redisUrl: redis.url, prefix, concurrency: 4, handlers, recorder, ...options, ...more }
    for (const queue of queues) workers.push(startWorker({ ...settings, queue }))
  }
  const close = async (graceMs: number) => {
    await Promise.all(workers.splice(0).map(worker => worker.close(graceMs)))
  }
  onTestFinished(async () => {
    await close(100)
    await producer.close()
  })
  return { prefix, producer, workers, handlers, recorder, started, ended, completed, exhausted, start, close }
}

type Ended = Parameters<AttemptRecorder['ended']>[1] & { job: HandlerJob }

function memoryRecorder() {
  const started: HandlerJob[] = []
  const ended: Ended[] = []
  const recorder: AttemptRecorder = {
    async started(job) {
      started.push(job)
      return String(started.length - 1)
    },
    async ended(id, ending) {
      const job = started[Number(id)]
      if (job) ended.push({ ...ending, job })
    },
  }
  return { recorder, started, ended }
}

function everyStep(handler: {
  handle(job: HandlerJob): Promise<StepResult>
  onExhausted(job: HandlerJob, error: Error): Promise<void>
}): Handlers {
  return {
    'reserve-branch': handler,
    'write-patch': handler,
    'commit-patch': handler,
    'open-draft-pr': handler,
    'announce-variant': handler,
    'conclude-run': handler,
    'publish-overview': handler,
    'show-wait': handler,
    'answer-comment': handler,
  }
}

/** Adds as soon as Redis can be reached. */
export async function add({ producer }: { producer: Producer }, node: FlowNode): Promise<void> {
  await until(() => expect(producer.isReady()).toBe(true))
  await producer.addFlow(node)
}

/** Resolves when the root has completed or failed for good. */
export async function finished({ producer }: { producer: Producer }, node: FlowNode): Promise<void> {
  await until(async () => expect(await producer.rootState(node.queue, node.id)).toBe('finished'))
}

export const newRun = () => ({ runId: randomUUID(), generation: 1 })

/** A flow of one job. */
export function oneTask(name: 'show-wait' | 'answer-comment' = 'show-wait'): FlowNode {
  const data = { taskId: randomUUID(), generation: 1 }
  return { queue: 'ado', name, id: `${data.taskId}-g1-${name}`, data, children: [] }
}
