import { Postponed, Rejected, Superseded, Throttled } from '@code-agent/jobs/errors'
import { HandedBack, LockLost } from './active-jobs.ts'

/** As the attempts table has them: `retry` is tried again and counts, `postponed` does not count. */
export type AttemptOutcome = 'done' | 'failed' | 'retry' | 'postponed' | 'superseded'

/** What becomes of a job whose handler threw. */
export type Ending =
  | { act: 'supersede'; outcome: 'superseded' }
  | { act: 'hand-back'; outcome: 'postponed' }
  | { act: 'delay'; outcome: 'postponed'; until: Date; gate?: string }
  | { act: 'retry'; outcome: 'retry' }
  | { act: 'fail'; outcome: 'failed' }

/** The reason of an abort wins over whatever the abort made the handler throw. */
export function endingOf(error: Error, job: { isLastAttempt: boolean; signal: AbortSignal }): Ending {
  const decisive: unknown = job.signal.aborted ? job.signal.reason : error
  if (decisive instanceof HandedBack) return { act: 'hand-back', outcome: 'postponed' }
  if (decisive instanceof LockLost) return { act: 'retry', outcome: 'retry' }
  if (decisive instanceof Superseded) return { act: 'supersede', outcome: 'superseded' }
  if (error instanceof Throttled) return { act: 'delay', outcome: 'postponed', until: error.until, gate: error.gate }
  if (error instanceof Postponed) return { act: 'delay', outcome: 'postponed', until: error.until }
  if (error instanceof Rejected || job.isLastAttempt) return { act: 'fail', outcome: 'failed' }
  return { act: 'retry', outcome: 'retry' }
}
