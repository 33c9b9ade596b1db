import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { BoardHooks } from '@bull-board/api/typings/app'
import { FastifyAdapter } from '@bull-board/fastify'
import { healthRoutes } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import type { Metrics } from '@code-agent/service/metrics'
import { type FastifyInstance, fastify } from 'fastify'
import { operatorOnly } from './operator-only.ts'
import type { BoardQueues } from './queues.ts'
import { scrubber } from './scrub.ts'

/** Its page asks Google for fonts; what an operator looks at is not Google's to know. Inline styles are Bull Board's. */
const CONTENT_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export type BoardOptions = {
  board: BoardQueues
  operator: { username: string; password: string }
  /** Retry, promote, pause, resume: off unless the operator asked for it. */
  writable: boolean
  /** Values never to be shown, on top of what looks like a credential. */
  secrets: string[]
  metrics: Metrics
  log: Log
}

/** The dashboard as an app that does not listen yet: all of it behind authentication, but for health and metrics. */
export async function buildBoard(options: BoardOptions): Promise<FastifyInstance> {
  const app = fastify()
  const { board, metrics, log } = options
  await app.register(healthRoutes, { checks: { redis: board.ping }, metrics, log })
  await app.register(async guarded => {
    guarded.addHook('onRequest', operatorOnly(options.operator))
    guarded.addHook('onRequest', async (_request, reply) => {
      if (!board.isReady()) await reply.code(503).send({ error: 'Redis is not reachable at the moment.' })
    })
    guarded.addHook('onSend', async (_request, reply) => {
      void reply.headers({
        'cache-control': 'no-store',
        'content-security-policy': CONTENT_POLICY,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
    })
    // Of this scope, so that the hooks above stand before it too.
    guarded.setNotFoundHandler(
      async (_request, reply) => await reply.code(404).send({ error: 'There is no such page.' }),
    )
    await guarded.register(dashboard(options))
  })
  return app
}

function dashboard(options: BoardOptions) {
  const serverAdapter = new FastifyAdapter()
  createBullBoard({
    // All of them, or the tree of a flow would have holes.
    queues: options.board.queues.map(queue => new BullMQAdapter(queue, { readOnlyMode: !options.writable })),
    serverAdapter,
    options: {
      uiConfig: { boardTitle: 'Code Agent', hideRedisDetails: true, hideDocsLink: true },
      handlerHooks: hooks(options),
    },
  })
  return serverAdapter.registerPlugin()
}

/**
 * What a writable dashboard may do. Removing jobs cuts flows that Postgres believes in; limits and job data of its own
 * in Redis would be nobody's.
 */
const WRITABLE_ROUTE = /\/(retry(\/:queueStatus)?|promote|pause|resume)$/

function hooks({ writable, secrets }: BoardOptions): BoardHooks {
  const scrub = scrubber(secrets)
  return {
    before: ({ method, route }) => ({
      allow: method === 'get' || (writable && WRITABLE_ROUTE.test(route)),
      status: 405,
      message: 'This dashboard does not do that.',
    }),
    after: (_context, result) => {
      const body = scrub(result.body)
      return { ...result, body: isBody(body) ? body : {} }
    },
  }
}

function isBody(value: unknown): value is string | Record<string, unknown> {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}
