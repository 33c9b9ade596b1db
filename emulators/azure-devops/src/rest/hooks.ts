import { z } from 'zod'
import type { serviceEndpoints } from '../contract/service-endpoints.ts'
import type { ServiceHooks } from '../hooks/service-hooks.ts'
import type { Notification, Subscription } from '../hooks/subscription.ts'
import { type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import type { World } from '../state/world.ts'
import { isoDate, type Links } from './links.ts'
import { renderIdentity } from './render-repository.ts'

type Names =
  | 'getSubscriptions'
  | 'createSubscription'
  | 'getSubscription'
  | 'replaceSubscription'
  | 'deleteSubscription'
  | 'getNotifications'
  | 'getNotification'
  | 'queryNotifications'
  | 'createTestNotification'

const inputs = z
  .record(z.string(), z.union([z.string(), z.null(), z.boolean(), z.number()]))
  .transform(given =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value === null ? '' : String(value)])),
  )
const withoutSpaces = /^\S{0,256}$/
const subscriptionBody = z.object({
  publisherId: z.literal('tfs', 'Invalid argument value.'),
  eventType: z.string().min(1, 'Invalid argument value.'),
  resourceVersion: z.string().default('2.0'),
  consumerId: z.literal('webHooks', 'Invalid argument value.'),
  consumerActionId: z.literal('httpRequest', 'Invalid argument value.'),
  publisherInputs: inputs.default({}),
  consumerInputs: inputs,
  status: z.enum(['enabled', 'disabledByUser']).optional(),
})

function checkInputs(consumerInputs: Record<string, string>) {
  if (!/^https?:\/\/./.test(consumerInputs.url ?? '')) throw new ServiceError('subscriptionInput', 'url')
  for (const name of ['basicAuthUsername', 'basicAuthPassword']) {
    if (!withoutSpaces.test(consumerInputs[name] ?? '')) throw new ServiceError('subscriptionInput', name)
  }
}

// secrets go in and never come out
function masked(consumerInputs: Record<string, string>) {
  const secret = (name: string, value: string) => value !== '' && /password|headers/i.test(name)
  return Object.fromEntries(
    Object.entries(consumerInputs).map(([name, value]) => [name, secret(name, value) ? '********' : value]),
  )
}

function renderSubscription(one: Subscription, world: World, links: Links) {
  const createdBy = renderIdentity(one.createdBy, links)
  const url = `${links.base}/_apis/hooks/subscriptions/${one.id}`
  return {
    id: one.id,
    url,
    status: one.status,
    publisherId: 'tfs',
    eventType: one.eventType,
    subscriber: null,
    resourceVersion: one.resourceVersion,
    eventDescription: 'Any repository',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    actionDescription: `To host ${URL.canParse(one.consumerInputs.url ?? '') ? new URL(one.consumerInputs.url ?? '').host : ''}`,
    probationRetries: one.probationRetries,
    createdBy,
    createdDate: isoDate(one.createdAt),
    modifiedBy: createdBy,
    modifiedDate: isoDate(one.modifiedAt),
    ...(one.lastProbationRetryAt === null ? {} : { lastProbationRetryDate: isoDate(one.lastProbationRetryAt) }),
    ...(one.lastSuccessAt === null ? {} : { lastSuccessfulAttemptDate: isoDate(one.lastSuccessAt) }),
    publisherInputs: { ...one.publisherInputs, hostId: world.collectionId, tfsSubscriptionId: one.id },
    consumerInputs: masked(one.consumerInputs),
    _links: { self: { href: url } },
  }
}

function renderNotification(one: Notification, subscription: Subscription, details: boolean) {
  return {
    id: one.id,
    subscriptionId: subscription.id,
    eventId: one.eventId,
    status: one.status,
    result: one.result,
    createdDate: isoDate(one.createdAt),
    modifiedDate: isoDate(one.modifiedAt),
    ...(details
      ? {
          details: {
            eventType: one.eventType,
            event: one.event,
            publisherId: 'tfs',
            consumerId: 'webHooks',
            consumerActionId: 'httpRequest',
            consumerInputs: masked(subscription.consumerInputs),
            publisherInputs: subscription.publisherInputs,
            requestAttempts: one.attempts,
            retryCount: Math.max(0, one.attempts - 1),
            ...(one.nextRetryAt === null ? {} : { nextRetryTime: isoDate(one.nextRetryAt) }),
            queuedDate: isoDate(one.createdAt),
            completedDate: isoDate(one.modifiedAt),
            request: one.request,
            response: one.response,
            errorMessage: one.errorMessage,
            requestDuration: one.durationMs / 1000,
          },
        }
      : {}),
  }
}

function mayEdit(call: Call) {
  if (!call.user.mayEditHooks) throw new ServiceError('accessDenied', call.user.displayName, 'Edit subscriptions')
}

const testBody = z.looseObject({ details: z.looseObject({ consumerInputs: inputs, eventType: z.string().optional() }) })

/** The Test button: with the subscription's id, or with the inputs of one that is not made yet. */
async function test(hooks: ServiceHooks, call: Call) {
  const body = readBody(call, z.looseObject({ subscriptionId: z.string().optional() }), 'notification')
  const known = hooks.subscriptions.find(one => one.id === body.subscriptionId)
  if (known) return { json: renderNotification(await hooks.test(known), known, true) }
  const { details } = readBody(call, testBody, 'notification')
  checkInputs(details.consumerInputs)
  const passing = hooks.add({
    eventType: details.eventType ?? '',
    resourceVersion: '2.0',
    publisherInputs: {},
    consumerInputs: details.consumerInputs,
    by: call.user,
  })
  hooks.remove(passing)
  return { json: renderNotification(await hooks.test(passing), passing, true) }
}

function subscriptionOf(hooks: ServiceHooks, call: Call): Subscription {
  const id = param(call, 'subscriptionId').toLowerCase()
  const found = hooks.subscriptions.find(one => one.id === id)
  if (!found) throw new ServiceError('subscriptionNotFound', id)
  return found
}

function replace(world: World, hooks: ServiceHooks, call: Call) {
  mayEdit(call)
  const subscription = subscriptionOf(hooks, call)
  const { status, ...change } = readBody(call, subscriptionBody, 'subscription')
  // a secret that comes back masked is the one that was given
  const kept = Object.entries(change.consumerInputs).map(([name, value]) => [
    name,
    value === '********' ? (subscription.consumerInputs[name] ?? '') : value,
  ])
  const consumerInputs: Record<string, string> = Object.fromEntries(kept)
  checkInputs(consumerInputs)
  const renewed = { status: status ?? 'enabled', probationRetries: 0, modifiedAt: world.clock.now() }
  Object.assign(subscription, change, { consumerInputs }, renewed)
  return { json: renderSubscription(subscription, world, call.links) }
}

const queryBody = z.looseObject({
  subscriptionIds: z.array(z.string()).optional(),
  includeDetails: z.boolean().optional(),
  resultType: z.string().optional(),
})

function query(hooks: ServiceHooks, call: Call) {
  mayEdit(call)
  const body = readBody(call, queryBody, 'query')
  const results = hooks.subscriptions
    .filter(one => !body.subscriptionIds || body.subscriptionIds.includes(one.id))
    .flatMap(one => one.notifications.map(each => renderNotification(each, one, body.includeDetails ?? false)))
    .filter(one => !body.resultType || one.result === body.resultType)
  return { json: { ...body, results } }
}

export function hookHandlers(world: World, hooks: ServiceHooks): Pick<Handlers<typeof serviceEndpoints>, Names> {
  return {
    getSubscriptions(call) {
      mayEdit(call)
      return list(hooks.subscriptions.map(one => renderSubscription(one, world, call.links)))
    },
    createSubscription(call) {
      mayEdit(call)
      const {
        publisherId: _,
        consumerId: __,
        consumerActionId: ___,
        status: ____,
        ...body
      } = readBody(call, subscriptionBody, 'subscription')
      checkInputs(body.consumerInputs)
      return { json: renderSubscription(hooks.add({ ...body, by: call.user }), world, call.links) }
    },
    getSubscription(call) {
      mayEdit(call)
      return { json: renderSubscription(subscriptionOf(hooks, call), world, call.links) }
    },
    replaceSubscription: call => replace(world, hooks, call),
    deleteSubscription(call) {
      mayEdit(call)
      hooks.remove(subscriptionOf(hooks, call))
      return {}
    },
    getNotifications(call) {
      mayEdit(call)
      const subscription = subscriptionOf(hooks, call)
      const found = subscription.notifications.toReversed().slice(0, call.query.number('maxResults') ?? 100)
      return list(found.map(one => renderNotification(one, subscription, false)))
    },
    getNotification(call) {
      mayEdit(call)
      const subscription = subscriptionOf(hooks, call)
      const found = subscription.notifications[Number(param(call, 'notificationId')) - 1]
      if (!found) throw new ServiceError('notificationNotFound', param(call, 'notificationId'))
      return { json: renderNotification(found, subscription, true) }
    },
    queryNotifications: call => query(hooks, call),
    createTestNotification(call) {
      mayEdit(call)
      return test(hooks, call)
    },
  }
}
