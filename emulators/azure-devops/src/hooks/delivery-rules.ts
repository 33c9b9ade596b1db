/**
 * What Azure DevOps does with a web hook that fails, as a state machine without time or network:
 * 2xx is well; 410 disables the subscription at once; 408, 502, 503, 504 and silence are retried soon; every other answer
 * is enduring, puts the subscription on probation, and disables it when seven more tries over 36 hours fail.
 */
export type SubscriptionStatus = 'enabled' | 'onProbation' | 'disabledByUser' | 'disabledBySystem'

/** HTTP status, or null when no answer came */
export type Outcome = number | null

const second = 1000
const minute = 60 * second

export const transientDelaysMs = [1, 2, 4, 8, 16, 32, 60, 60].map(seconds => seconds * second)
export const probationDelaysMs = [20, 40, 80, 160, 320, 640, 900].map(minutes => minutes * minute)

export interface DeliveryState {
  status: SubscriptionStatus
  /** how many transient retries of this notification have been made */
  transientRetries: number
  /** how many probation retries have been made */
  probationRetries: number
}

export interface Verdict extends DeliveryState {
  result: 'succeeded' | 'failed' | 'pending'
  /** when to try the same notification again, null never */
  retryAfterMs: number | null
}

const transient: readonly Outcome[] = [408, 502, 503, 504, null]

function enduring(state: DeliveryState): Verdict {
  const onProbation = state.status === 'onProbation'
  const made = onProbation ? state.probationRetries + 1 : 0
  const retryAfterMs = probationDelaysMs[made]
  if (retryAfterMs === undefined) {
    return {
      status: 'disabledBySystem',
      transientRetries: 0,
      probationRetries: made,
      result: 'failed',
      retryAfterMs: null,
    }
  }
  return { status: 'onProbation', transientRetries: 0, probationRetries: made, result: 'pending', retryAfterMs }
}

/** What follows from one more attempt. */
export function afterAttempt(state: DeliveryState, outcome: Outcome): Verdict {
  if (outcome !== null && outcome >= 200 && outcome < 300) {
    return { status: 'enabled', transientRetries: 0, probationRetries: 0, result: 'succeeded', retryAfterMs: null }
  }
  if (outcome === 410) {
    return { ...state, status: 'disabledBySystem', result: 'failed', retryAfterMs: null }
  }
  const delay = transientDelaysMs[state.transientRetries]
  if (state.status === 'enabled' && transient.includes(outcome) && delay !== undefined) {
    return { ...state, transientRetries: state.transientRetries + 1, result: 'pending', retryAfterMs: delay }
  }
  return enduring(state)
}
