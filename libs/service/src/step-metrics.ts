import type { Metrics } from './metrics.ts'

/** How one attempt of a step ended. */
export type StepEvent = {
  step: string
  outcome: 'done' | 'failed' | 'retry' | 'postponed' | 'superseded'
  /** The error's class, when there was one. */
  errorName?: string
  seconds: number
  /** From 1. */
  attempt: number
  /** Postponed by this much. */
  waitSeconds?: number
}

const failureClasses: Readonly<Record<string, string>> = {
  Rejected: 'rejected',
  Throttled: 'throttled',
  Postponed: 'postponed',
  Superseded: 'superseded',
  Answered: 'answered',
  LockLost: 'lock-lost',
  HandedBack: 'handed-back',
}

/**
 * Counts what a worker's steps come to; of the names of errors only those the queue knows become labels. Says as well that
 * this process takes jobs of `queue`: a queue of which nobody says so is dead.
 */
export function stepObserver(
  metrics: Metrics,
  worker: { queue: string; concurrency: number },
): (event: StepEvent) => void {
  metrics.gauge({
    name: 'code_agent_worker_slots',
    help: 'Jobs this process may have in hand at once',
    labels: ['queue'],
    read: async gauge => gauge.set({ queue: worker.queue }, worker.concurrency),
  })
  const attempts = metrics.counter({
    name: 'code_agent_step_attempts_total',
    help: 'Attempts of steps by how they ended and by the class of the error',
    labels: ['step', 'outcome', 'failure'],
  })
  const seconds = metrics.histogram({
    name: 'code_agent_step_duration_seconds',
    help: 'How long one attempt of a step took',
    labels: ['step', 'outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 90, 180, 300, 600],
  })
  const tries = metrics.histogram({
    name: 'code_agent_step_tries',
    help: 'With which attempt a step was done or failed for good',
    labels: ['step'],
    buckets: [1, 2, 3, 5, 8],
  })
  const waited = metrics.counter({
    name: 'code_agent_step_wait_seconds_total',
    help: 'Seconds steps were postponed by: throttled (a limit was met) or postponed (a gate was closed, or somebody else at work)',
    labels: ['step', 'cause'],
  })
  return event => {
    const { step, outcome } = event
    const failure = event.errorName === undefined ? 'none' : (failureClasses[event.errorName] ?? 'error')
    attempts.inc({ step, outcome, failure })
    seconds.observe({ step, outcome }, event.seconds)
    if (outcome === 'done' || outcome === 'failed') tries.observe({ step }, event.attempt)
    if (event.waitSeconds !== undefined && event.waitSeconds > 0) {
      waited.inc({ step, cause: failure === 'throttled' ? 'throttled' : 'postponed' }, event.waitSeconds)
    }
  }
}
