import { randomUUID } from 'node:crypto'
import type { Exchange } from '../contract/check.ts'
import { endpoints, isEndpointName, largestRequest } from '../contract/endpoints.ts'
import type { ServiceHooks } from '../hooks/service-hooks.ts'
import { apiVersion } from '../http/api-version.ts'
import type { Arrival } from '../http/arrival.ts'
import { missingScope, reaches, refuse } from '../http/authentication.ts'
import { type Answer, type Call, type Handlers, readQuery } from '../http/call.ts'
import { jsonReply, type Reply, textReply } from '../http/reply.ts'
import { createRouter, type RouteMatch } from '../http/router.ts'
import { ServiceError } from '../http/service-error.ts'
import type { World } from '../state/world.ts'
import { commitHandlers } from './commits.ts'
import { describeLocations, discoveryHandlers } from './discovery.ts'
import { hookHandlers } from './hooks.ts'
import { identityHandlers } from './identities.ts'
import { itemHandlers } from './items.ts'
import { iterationHandlers } from './iterations.ts'
import { objectHandlers } from './objects.ts'
import { policyHandlers } from './policies.ts'
import { attachmentHandlers, labelHandlers, propertyHandlers } from './pull-request-extras.ts'
import { pullRequestHandlers } from './pull-requests.ts'
import { pushHandlers } from './pushes.ts'
import { refHandlers } from './refs.ts'
import { repositoryHandlers } from './repositories.ts'
import { reviewerHandlers } from './reviewers.ts'
import { securityHandlers } from './security.ts'
import { commitStatusHandlers, statusHandlers } from './statuses.ts'
import { threadHandlers } from './threads.ts'

function allHandlers(world: World, hooks: ServiceHooks): Handlers<typeof endpoints> {
  return {
    ...repositoryHandlers(world),
    ...refHandlers(world),
    ...pushHandlers(world),
    ...itemHandlers(world),
    ...objectHandlers(world),
    ...commitHandlers(world),
    ...commitStatusHandlers(world),
    ...pullRequestHandlers(world),
    ...iterationHandlers(world),
    ...statusHandlers(world),
    ...labelHandlers(world),
    ...propertyHandlers(world),
    ...reviewerHandlers(world),
    ...attachmentHandlers(world),
    ...threadHandlers(world),
    ...policyHandlers(world),
    ...discoveryHandlers(world),
    ...securityHandlers(world),
    ...identityHandlers(world),
    ...hookHandlers(world, hooks),
  }
}

function asReply(answer: Answer, status: number, version: string): Reply {
  const { json, bytes, contentType = 'application/octet-stream', headers = {} } = answer
  if (bytes !== undefined) return { status, headers: { 'content-type': contentType, ...headers }, body: bytes }
  if (json === undefined) return { status, headers, body: Buffer.alloc(0) }
  return jsonReply(status, json, {
    'content-type': `application/json; charset=utf-8; api-version=${version}`,
    ...headers,
  })
}

function noRoute(arrival: Arrival): Reply {
  const path = (arrival.url.split('?')[0] ?? '').replace(/^\/[^/]+/, '')
  const message = `The controller for path '${path}' was not found or does not implement IController.`
  return textReply(404, message, { 'x-tfs-serviceerror': encodeURIComponent(message) })
}

function asCall(world: World, arrival: Arrival, params: Record<string, string>, body: Buffer): Call {
  const { token, scope, headers } = arrival
  if (!token) throw new Error('only a known caller can call')
  const project = scope[0] === undefined ? undefined : world.findProject(scope[0])
  if (scope[0] !== undefined && !project) throw new ServiceError('projectNotFound', scope[0])
  return {
    method: arrival.method,
    params,
    query: readQuery(arrival.search),
    body,
    contentType: String(headers['content-type'] ?? ''),
    accept: String(headers.accept ?? 'application/json').toLowerCase(),
    user: token.identity,
    project,
    links: arrival.links,
  }
}

/** Answers everything below `_apis`. */
export function createApi(world: World, hooks: ServiceHooks, observe: ((exchange: Exchange) => void) | undefined) {
  const router = createRouter(endpoints)
  const handlers = new Map(Object.entries(allHandlers(world, hooks)))

  async function answer(arrival: Arrival, match: RouteMatch, body: Buffer): Promise<Reply> {
    if (!arrival.token) throw new Error('only a known caller can call')
    if (!reaches(arrival.token, match.endpoint.scope)) {
      const { status, headers } = missingScope()
      return { status, headers, body: Buffer.alloc(0) }
    }
    const query = arrival.search.get('api-version') ?? undefined
    const version = apiVersion(arrival.method, arrival.headers, query)
    if (body.length > largestRequest) throw new ServiceError('requestTooLarge')
    const handler = handlers.get(match.name)
    if (!handler) throw new Error(`no handler for ${match.name}`)
    const result = await handler(asCall(world, arrival, match.params, body))
    return asReply(result, result.status ?? match.endpoint.status, version)
  }

  function failed(error: unknown): Reply {
    if (error instanceof ServiceError) return jsonReply(error.status, error.body())
    const activity = randomUUID()
    world.log('a request failed inside the emulator', { error, activity })
    return jsonReply(500, new ServiceError('serverError', activity).body())
  }

  return async (arrival: Arrival, body: Buffer): Promise<Reply> => {
    const { method, rest, token } = arrival
    if (method === 'OPTIONS') return asReply(describeLocations(rest.split('/')[0] || undefined), 200, '7.2')
    if (!token) {
      const { body: text, ...refusal } = refuse(method, arrival.headers, arrival.links.base)
      return { ...refusal, body: Buffer.from(text) }
    }
    const match = router.match(method, rest)
    if (match === undefined) return noRoute(arrival)
    if (match === 'method') {
      const Message = `The requested resource does not support http method '${method}'.`
      return jsonReply(405, { count: 1, value: { Message } })
    }
    const reply = await answer(arrival, match, body).catch(failed)
    if (observe && isEndpointName(match.name)) {
      observe({
        endpoint: match.name,
        path: arrival.url,
        requestBody: body.toString(),
        status: reply.status,
        contentType: reply.headers['content-type'] ?? '',
        body: reply.body.toString(),
      })
    }
    return reply
  }
}
