import type { Links } from '../rest/links.ts'
import type { Happening } from '../state/happening.ts'
import type { World } from '../state/world.ts'
import { type Delivery, delivery } from './delivery.ts'
import {
  asPullRequestHappening,
  type CommentHappening,
  commentEvent,
  commentEventOf,
  type HookEvent,
  pullRequestEventOf,
} from './event-payload.ts'
import {
  type Notification,
  newNotification,
  newSubscription,
  type Subscription,
  type SubscriptionInputs,
} from './subscription.ts'
import { testCommentEvent } from './test-event.ts'

export interface HookSettings {
  /** from the change to the delivery; 6 to 8 seconds on the real service */
  latencyMs: number
  /** how long a receiver may take; unknown of the real service */
  timeoutMs: number
}

export interface ServiceHooks {
  /** may be changed at any time */
  settings: HookSettings
  subscriptions: Subscription[]
  add(subscription: SubscriptionInputs): Subscription
  remove(subscription: Subscription): void
  /** sends the sample event now; resolves after the attempt */
  test(subscription: Subscription): Promise<Notification>
  /** the same notification once more, whatever became of it; resolves after the attempt */
  replay(subscription: Subscription, notificationId: number): Promise<Notification | undefined>
}

function wants(subscription: Subscription, event: HookEvent): boolean {
  const { projectId, repository, branch } = subscription.publisherInputs
  return (
    subscription.eventType === event.eventType &&
    (!projectId || projectId === event.projectId) &&
    (!repository || repository === event.repositoryId) &&
    (!branch || branch === event.branch || `refs/heads/${branch}` === event.branch)
  )
}

// likes, changed thread states and system comments: not known whether the service tells of them, so it does here
function isCommentHappening(happening: Happening): happening is CommentHappening {
  return 'comment' in happening || happening.kind === 'thread-updated'
}

/** Version 1.0 of the comment event carries the comment alone. */
function asVersion(event: HookEvent, version: string): Record<string, unknown> {
  const { resource } = event.body
  if (event.eventType !== commentEvent || version !== '1.0') return event.body
  const comment =
    typeof resource === 'object' && resource !== null && 'comment' in resource ? resource.comment : resource
  return { ...event.body, resource: comment, resourceVersion: '1.0' }
}

/** Remembers the event for a subscription and sends it a moment later, unless it is lost to probation. */
function enqueue(
  world: World,
  subscription: Subscription,
  event: HookEvent,
  { attempt, latencyMs }: { attempt: Delivery['attempt']; latencyMs: number },
) {
  if (subscription.status.startsWith('disabled')) return
  const body = asVersion(event, subscription.resourceVersion)
  const notification = newNotification(subscription, { ...event, body, now: world.clock.now() })
  if (subscription.status === 'onProbation') {
    // only the notification that failed is tried again
    Object.assign(notification, { status: 'completed', result: 'filtered' })
    return
  }
  world.later(latencyMs, () => attempt(subscription, notification))
}

export function createServiceHooks(world: World, links: () => Links, settings: HookSettings): ServiceHooks {
  const subscriptions: Subscription[] = []
  const { clock } = world
  const { send, attempt } = delivery(world, settings, one => subscriptions.includes(one))
  const publish = (event: HookEvent) => {
    for (const one of subscriptions)
      if (wants(one, event)) enqueue(world, one, event, { attempt, latencyMs: settings.latencyMs })
  }

  // rendered at once, for the comment may change again; sent in the order of the changes, although git takes its time
  let sending: Promise<void> = Promise.resolve()
  world.happenings.on(happening => {
    if (subscriptions.length === 0) return
    const ofPullRequest = asPullRequestHappening(happening)
    const event = isCommentHappening(happening)
      ? commentEventOf(world, links(), happening)
      : ofPullRequest && pullRequestEventOf(world, links(), ofPullRequest)
    const made = Promise.resolve(event).catch(error => world.log('no event could be made', { error }))
    sending = sending.then(async () => {
      const ready = await made
      if (ready) publish(ready)
    })
  })

  return {
    settings,
    subscriptions,
    add(inputs) {
      const subscription = newSubscription(inputs, clock.now())
      subscriptions.push(subscription)
      return subscription
    },
    remove(subscription) {
      const at = subscriptions.indexOf(subscription)
      if (at >= 0) subscriptions.splice(at, 1)
    },
    async test(subscription) {
      const event = testCommentEvent(world, links())
      const notification = newNotification(subscription, { ...event, now: clock.now() })
      const status = await send(subscription, notification)
      const result = status !== null && status >= 200 && status < 300 ? 'succeeded' : 'failed'
      return Object.assign(notification, { status: 'completed' as const, result } as const)
    },
    async replay(subscription, notificationId) {
      const notification = subscription.notifications[notificationId - 1]
      if (!notification) return undefined
      await send(subscription, notification)
      notification.status = 'completed'
      return notification
    },
  }
}
