import type { Readable } from 'node:stream'
import type { Span, Tracing } from '@code-agent/service/tracing'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Credentials, isBasicAuthentic, isSignatureAuthentic } from './authenticate.ts'
import type { Receive, Received } from './receive.ts'

/** Azure DevOps sends at most 2 MB (security-reliability.md §1 row 3). */
const bodyLimit = 2 * 1024 * 1024
/** An authentic sender gets its 2xx however long its body is, up to here: then the connection is cut. */
const drainLimit = 64 * 1024 * 1024

const path = '/webhooks/azure-devops'

export type WebhookObserver = (event: {
  outcome: Received['outcome'] | 'unauthenticated' | 'too-large' | 'unavailable'
  seconds: number
  because?: string
  runId?: string
}) => void

declare module 'fastify' {
  interface FastifyRequest {
    basicAuthentic: boolean
  }
}

type WebhookPorts = {
  credentials: Credentials
  organisation: string
  receive: Receive
  observe: WebhookObserver
  tracing: Tracing
  now?: () => number
}

/**
 * `POST /webhooks/azure-devops`. Once a caller is known, every body gets 2xx, or 503 when it could not be made durable:
 * any other status would put the customer's hook on probation (azure-devops.md §1).
 */
export function webhookRoute(ports: WebhookPorts) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (request, payload, done) => {
      readBody(request, payload).then(body => done(null, body), done)
    })
    app.decorateRequest('basicAuthentic', false)
    app.addHook('onRequest', async (request, reply) => {
      request.basicAuthentic = isBasicAuthentic(ports.credentials, request.headers.authorization)
      if (request.basicAuthentic || maySign(ports.credentials, request)) return
      ports.observe({ outcome: 'unauthenticated', seconds: reply.elapsedTime / 1000 })
      await reply.code(401).header('www-authenticate', 'Basic realm="code-agent"').send({ error: 'unauthenticated' })
    })
    // A media type no parser takes, a cut connection: what an authentic sender sent is ignored, not refused.
    app.setErrorHandler((error, request, reply) => {
      if (error instanceof TooLarge)
        return answer(ports, reply.code(413), { outcome: 'too-large' }, { error: 'too large' })
      if (request.basicAuthentic) return answer(ports, reply.code(202), { outcome: 'ignored', because: 'unreadable' })
      return answer(ports, reply.code(401), { outcome: 'unauthenticated' }, { error: 'unauthenticated' })
    })
    app.post(path, (request, reply) => handle(ports, request, reply))
  }
}

async function handle(ports: WebhookPorts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (!request.basicAuthentic && !signed(ports, request, body)) {
    return answer(ports, reply.code(401), { outcome: 'unauthenticated' }, { error: 'unauthenticated' })
  }
  return await ports.tracing.span(
    {
      name: `${request.method} ${path}`,
      kind: 'server',
      // Of a sender that has proved who it is, and only as to the ids: whether to keep the trace is ours to say.
      parent: ports.tracing.adopt(oneHeader(request, 'traceparent')) ?? null,
      sinceMs: reply.elapsedTime,
      attributes: { 'http.request.method': request.method, 'http.route': path },
    },
    span => received(ports, request, reply, { body, span }),
  )
}

async function received(
  ports: WebhookPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  { body, span }: { body: Buffer; span: Span },
): Promise<FastifyReply> {
  try {
    const taken: Received =
      request.body === tooLarge
        ? { outcome: 'ignored', because: 'too-large' }
        : await ports.receive(body, ports.organisation, span.traceparent)
    span.set({
      'http.response.status_code': 202,
      'code_agent.delivery': taken.outcome,
      'code_agent.run': 'runId' in taken ? taken.runId : undefined,
      'code_agent.task': 'taskId' in taken ? taken.taskId : undefined,
    })
    return await answer(ports, reply.code(202), taken)
  } catch (error) {
    request.log.error({ err: error }, 'a delivery could not be made durable')
    span.set({ 'http.response.status_code': 503 })
    span.fail({ type: '503' })
    return answer(
      ports,
      reply.code(503).header('retry-after', '2'),
      { outcome: 'unavailable' },
      { error: 'not durable, try again' },
    )
  }
}

type Observed = Omit<Parameters<WebhookObserver>[0], 'seconds'>

function answer(ports: WebhookPorts, reply: FastifyReply, observed: Observed, body: object = observed): FastifyReply {
  ports.observe({ ...observed, seconds: reply.elapsedTime / 1000 })
  return reply.send(body)
}

function maySign(credentials: Credentials, request: FastifyRequest): boolean {
  return credentials.hmac !== undefined && request.headers['webhook-signature'] !== undefined
}

function signed(ports: WebhookPorts, request: FastifyRequest, body: Buffer): boolean {
  const one = (name: string) => oneHeader(request, name)
  const headers = { id: one('webhook-id'), timestamp: one('webhook-timestamp'), signature: one('webhook-signature') }
  return isSignatureAuthentic(ports.credentials, headers, body, ports.now?.() ?? Date.now() / 1000)
}

function oneHeader(request: FastifyRequest, name: string): string | undefined {
  return [request.headers[name]].flat()[0]
}

/** A body we did not keep: longer than any delivery, from somebody who proved who they are. */
const tooLarge = Buffer.from('too large')

class TooLarge extends Error {}

async function readBody(request: FastifyRequest, payload: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of payload) {
    length += chunk.length
    if (length <= bodyLimit) chunks.push(chunk)
    else if (!request.basicAuthentic || length > drainLimit) throw new TooLarge('the body is longer than 2 MiB')
  }
  return length > bodyLimit ? tooLarge : Buffer.concat(chunks)
}
