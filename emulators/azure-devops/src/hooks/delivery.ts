import type { World } from '../state/world.ts'
import { afterAttempt } from './delivery-rules.ts'
import { post } from './post.ts'
import type { Notification, Subscription } from './subscription.ts'

export interface Delivery {
  /** one request, without consequences; the status, or null when nobody answered */
  send(subscription: Subscription, notification: Notification): Promise<number | null>
  /** one request and what follows from it: retries, probation, the end */
  attempt(subscription: Subscription, notification: Notification): Promise<void>
}

function conclude(notification: Notification, result: Notification['result']) {
  Object.assign(notification, { status: 'completed', result, nextRetryAt: null })
}

/** Delivers notifications; `isLive` says whether the subscription still exists. */
export function delivery(
  world: World,
  settings: { timeoutMs: number },
  isLive: (subscription: Subscription) => boolean,
): Delivery {
  const { clock } = world

  async function send(subscription: Subscription, notification: Notification): Promise<number | null> {
    notification.attempts += 1
    notification.status = 'requestInProgress'
    const started = clock.now()
    const { status, request, response, errorMessage } = await post(
      subscription,
      notification,
      AbortSignal.any([AbortSignal.timeout(settings.timeoutMs), world.closing]),
    )
    Object.assign(notification, {
      request,
      response,
      errorMessage,
      modifiedAt: clock.now(),
      durationMs: clock.now() - started,
    })
    world.ledger.add({
      kind: 'delivery',
      subscriptionId: subscription.id,
      notificationId: notification.id,
      eventId: notification.eventId,
      attempt: notification.attempts,
      status,
    })
    return status
  }

  async function attempt(subscription: Subscription, notification: Notification): Promise<void> {
    if (!isLive(subscription) || subscription.status.startsWith('disabled')) {
      conclude(notification, 'failed')
      return
    }
    const probation = subscription.status === 'onProbation'
    if (probation) subscription.lastProbationRetryAt = clock.now()
    const outcome = await send(subscription, notification)
    const verdict = afterAttempt({ ...subscription, transientRetries: notification.transientRetries }, outcome)
    if (verdict.result === 'succeeded') subscription.lastSuccessAt = clock.now()
    // somebody may have switched it off while the request was on its way
    if (!subscription.status.startsWith('disabled')) {
      subscription.status = verdict.status
      subscription.probationRetries = verdict.probationRetries
    }
    notification.transientRetries = verdict.transientRetries
    notification.result = verdict.result
    notification.status = verdict.retryAfterMs === null ? 'completed' : 'queuedForRetry'
    notification.nextRetryAt = verdict.retryAfterMs === null ? null : clock.now() + verdict.retryAfterMs
    if (verdict.retryAfterMs !== null) world.later(verdict.retryAfterMs, () => attempt(subscription, notification))
  }

  return { send, attempt }
}
