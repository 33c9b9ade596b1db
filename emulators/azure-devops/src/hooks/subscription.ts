import { randomUUID } from 'node:crypto'
import type { Identity } from '../state/identity.ts'
import type { SubscriptionStatus } from './delivery-rules.ts'

export interface Subscription {
  id: string
  eventType: string
  resourceVersion: string
  publisherInputs: Record<string, string>
  consumerInputs: Record<string, string>
  status: SubscriptionStatus
  probationRetries: number
  createdBy: Identity
  createdAt: number
  modifiedAt: number
  lastProbationRetryAt: number | null
  lastSuccessAt: number | null
  notifications: Notification[]
}

export interface Notification {
  /** 1, 2, 3 … per subscription; the same for every retry */
  id: number
  eventId: string
  eventType: string
  /** the body as sent */
  event: Record<string, unknown>
  status: 'queued' | 'processing' | 'requestInProgress' | 'queuedForRetry' | 'completed'
  result: 'pending' | 'succeeded' | 'failed' | 'filtered'
  createdAt: number
  modifiedAt: number
  attempts: number
  transientRetries: number
  nextRetryAt: number | null
  request: string
  response: string
  errorMessage: string
  durationMs: number
}

export function newNotification(
  subscription: Subscription,
  event: { id: string; eventType: string; body: Record<string, unknown>; now: number },
): Notification {
  const id = subscription.notifications.length + 1
  const notification: Notification = {
    id,
    eventId: event.id,
    eventType: event.eventType,
    event: { subscriptionId: subscription.id, notificationId: id, ...event.body },
    status: 'queued',
    result: 'pending',
    createdAt: event.now,
    modifiedAt: event.now,
    attempts: 0,
    transientRetries: 0,
    nextRetryAt: null,
    request: '',
    response: '',
    errorMessage: '',
    durationMs: 0,
  }
  subscription.notifications.push(notification)
  return notification
}

export interface SubscriptionInputs
  extends Pick<Subscription, 'eventType' | 'resourceVersion' | 'publisherInputs' | 'consumerInputs'> {
  by: Identity
}

export function newSubscription({ by, ...inputs }: SubscriptionInputs, now: number): Subscription {
  return {
    id: randomUUID(),
    ...inputs,
    status: 'enabled',
    probationRetries: 0,
    createdBy: by,
    createdAt: now,
    modifiedAt: now,
    lastProbationRetryAt: null,
    lastSuccessAt: null,
    notifications: [],
  }
}
