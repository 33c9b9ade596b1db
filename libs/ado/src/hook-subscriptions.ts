import { z } from 'zod'
import type { Connection } from './connection.ts'
import { missing } from './errors-of-azure-devops.ts'

/** Where deliveries go, and how they say who they are. */
export type HookTarget = { url: string; username: string; password: string }

/** A web hook that tells of comments on pull requests; the password in it is never given out. */
export type HookSubscription = {
  id: string
  /** Empty for all projects. */
  projectId: string
  url: string
  username: string
  status: 'enabled' | 'on-probation' | 'disabled-by-user' | 'disabled-by-system' | 'disabled-by-inactive-identity'
  /** Version and detail of what is sent: anything but 2.0 and all lacks what we read. */
  resourceVersion: string
  detail: string
  probationRetries: number
}

export type Delivery = { id: number; result: string; at: Date; answer?: string; problem?: string }

export type HookSubscriptions = {
  /** @throws Refused when this credential may not see subscriptions */
  list(): Promise<HookSubscription[]>
  create(of: { projectId: string; target: HookTarget }): Promise<HookSubscription>
  /** Enables it again, too. */
  replace(of: { id: string; projectId: string; target: HookTarget }): Promise<HookSubscription>
  remove(of: { id: string }): Promise<void>
  /** Newest first. */
  deliveries(of: { id: string; limit: number }): Promise<Delivery[]>
  /** Azure DevOps sends its sample event now, and waits for the answer. */
  test(of: { id: string; projectId: string; target: HookTarget }): Promise<Delivery>
}

const commentEvent = 'ms.vss-code.git-pullrequest-comment-event'

/** Bodies are JSON of this version, which every Azure DevOps Server still supported knows. */
const options = { acceptHeader: 'application/json;api-version=5.0' }

const Subscription = z.object({
  id: z.string(),
  status: z.string(),
  eventType: z.string(),
  consumerId: z.string(),
  resourceVersion: z.string().nullish(),
  probationRetries: z.number().nullish(),
  publisherInputs: z.object({ projectId: z.string().nullish() }).nullish(),
  consumerInputs: z
    .object({ url: z.string(), basicAuthUsername: z.string(), resourceDetailsToSend: z.string() })
    .partial()
    .nullish(),
})

const Notification = z.object({
  id: z.number(),
  result: z.string(),
  createdDate: z.coerce.date(),
  details: z.object({ response: z.string(), errorMessage: z.string() }).partial().nullish(),
})

/** Service hooks by REST: the client has no methods for them. */
export function hookSubscriptions(connection: Connection): HookSubscriptions {
  const at = (path: string) => `${connection.url}/_apis/hooks/${path}`

  async function answered<Schema extends z.ZodType>(
    schema: Schema,
    asking: Promise<{ result: unknown }>,
  ): Promise<z.infer<Schema>> {
    const { result } = await asking
    if (result === null) throw missing('this service hook')
    return schema.parse(result)
  }

  return {
    list: async () => {
      const found = await connection.read({
        path: 'hooks/subscriptions',
        schema: z.object({ value: z.array(Subscription) }),
      })
      return (found?.value ?? [])
        .filter(one => one.eventType === commentEvent && one.consumerId === 'webHooks')
        .map(subscriptionOf)
    },
    create: async ({ projectId, target }) => {
      const { rest } = await connection.git()
      const made = rest.create(at('subscriptions'), subscriptionBody(projectId, target), options)
      return subscriptionOf(await answered(Subscription, made))
    },
    replace: async ({ id, projectId, target }) => {
      const { rest } = await connection.git()
      const body = { id, status: 'enabled', ...subscriptionBody(projectId, target) }
      return subscriptionOf(await answered(Subscription, rest.replace(at(`subscriptions/${id}`), body, options)))
    },
    remove: async ({ id }) => {
      const { rest } = await connection.git()
      await rest.del(at(`subscriptions/${id}`), options)
    },
    deliveries: async ({ id, limit }) => {
      const found = await connection.read({
        path: `hooks/subscriptions/${id}/notifications`,
        query: { maxResults: String(limit) },
        schema: z.object({ value: z.array(Notification) }),
      })
      return (found?.value ?? []).map(deliveryOf).toSorted((a, b) => b.id - a.id)
    },
    test: async ({ id, projectId, target }) => {
      const { rest } = await connection.git()
      const { publisherId, consumerId, consumerActionId, ...of } = subscriptionBody(projectId, target)
      const body = { subscriptionId: id, details: { publisherId, consumerId, consumerActionId, ...of } }
      return deliveryOf(await answered(Notification, rest.create(at('testnotifications'), body, options)))
    },
  }
}

/** All of the resource, since minimal ones lack what we read; no prose, since nobody reads it. */
function subscriptionBody(projectId: string, target: HookTarget) {
  return {
    publisherId: 'tfs',
    eventType: commentEvent,
    resourceVersion: '2.0',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    publisherInputs: { projectId, repository: '', branch: '' },
    consumerInputs: {
      url: target.url,
      basicAuthUsername: target.username,
      basicAuthPassword: target.password,
      resourceDetailsToSend: 'all',
      messagesToSend: 'none',
      detailedMessagesToSend: 'none',
    },
  }
}

const statuses: Record<string, HookSubscription['status']> = {
  enabled: 'enabled',
  onProbation: 'on-probation',
  disabledByUser: 'disabled-by-user',
  disabledBySystem: 'disabled-by-system',
  disabledByInactiveIdentity: 'disabled-by-inactive-identity',
}

function subscriptionOf(found: z.infer<typeof Subscription>): HookSubscription {
  return {
    id: found.id,
    projectId: found.publisherInputs?.projectId ?? '',
    url: found.consumerInputs?.url ?? '',
    username: found.consumerInputs?.basicAuthUsername ?? '',
    status: statuses[found.status] ?? 'disabled-by-system',
    resourceVersion: found.resourceVersion ?? '',
    detail: (found.consumerInputs?.resourceDetailsToSend || 'all').toLowerCase(),
    probationRetries: found.probationRetries ?? 0,
  }
}

function deliveryOf(found: z.infer<typeof Notification>): Delivery {
  const { response, errorMessage } = found.details ?? {}
  return {
    id: found.id,
    result: found.result,
    at: found.createdDate,
    ...(response ? { answer: response.slice(0, 200) } : {}),
    ...(errorMessage ? { problem: errorMessage } : {}),
  }
}
