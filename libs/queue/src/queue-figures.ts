import type { RedisQueueBackend } from 'bullmq'

const countedStates = ['wait', 'prioritized', 'active', 'delayed', 'waiting-children', 'completed', 'failed'] as const
export type QueueCounts = Record<(typeof countedStates)[number], number>

/** The states of which the age of the oldest job tells something. */
export const agedStates = ['wait', 'prioritized', 'active', 'delayed', 'waiting-children'] as const
const finishedStates = ['completed', 'failed'] as const

export type QueueFigures = {
  counts: QueueCounts
  /** Delayed jobs whose time has come: only a worker makes them wait. */
  dueDelayed: number
  /** By BullMQ, all of the queue. */
  paused: boolean
  rateLimited: boolean
  /** Seconds since the oldest job of a state was added, of an active one since it was begun; 0 if there is none. */
  oldestSeconds: Record<(typeof agedStates)[number], number>
  /** As BullMQ counted them since Redis has this queue. */
  finished: Record<(typeof finishedStates)[number], number>
}

type Backend = Pick<
  RedisQueueBackend,
  'getCounts' | 'getRanges' | 'getJobData' | 'getMetrics' | 'getRateLimitTtl' | 'hasQueueMetaField'
>

export async function queueCounts(backend: Backend): Promise<QueueCounts> {
  return record(countedStates, await backend.getCounts([...countedStates]))
}

export async function queueFigures(backend: Backend): Promise<QueueFigures> {
  const [counts, [dueDelayed = 0], paused, limitedMs, oldest, finished] = await Promise.all([
    queueCounts(backend),
    backend.getCounts(['delayed'], Date.now() + 1),
    backend.hasQueueMetaField('paused'),
    backend.getRateLimitTtl(),
    Promise.all(agedStates.map(state => oldestSeconds(backend, state))),
    Promise.all(finishedStates.map(state => finishedJobs(backend, state))),
  ])
  return {
    counts,
    dueDelayed,
    paused,
    rateLimited: limitedMs > 0,
    oldestSeconds: record(agedStates, oldest),
    finished: record(finishedStates, finished),
  }
}

/**
 * How much work there is for workers: waiting, in hand, and delayed work whose time has come. What a pause, a rate limit
 * or a closed gate holds back is left out: more workers would not help it.
 */
export function loadOf(figures: QueueFigures, of: { gateClosed: boolean }): number {
  const { wait, prioritized, active } = figures.counts
  const held = figures.paused || figures.rateLimited || of.gateClosed
  return active + (held ? 0 : wait + prioritized + figures.dueDelayed)
}

async function oldestSeconds(backend: Backend, state: (typeof agedStates)[number]): Promise<number> {
  const [ids] = await backend.getRanges([state], 0, 0, true)
  const job = ids?.[0] === undefined ? undefined : await backend.getJobData(ids[0])
  if (!job) return 0
  const since = Number((state === 'active' && job.processedOn) || job.timestamp)
  return Math.max(0, (Date.now() - since) / 1_000)
}

async function finishedJobs(backend: Backend, state: (typeof finishedStates)[number]): Promise<number> {
  const [meta] = await backend.getMetrics(state, 0, 0)
  return Number(meta[0] ?? 0)
}

function record<State extends string>(states: readonly State[], values: number[]): Record<State, number> {
  return Object.fromEntries(states.map((state, index) => [state, values[index] ?? 0])) as Record<State, number>
}
