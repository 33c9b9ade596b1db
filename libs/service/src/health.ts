import { setTimeout as sleep } from 'node:timers/promises'
import { type FastifyInstance, type FastifyPluginAsync, fastify } from 'fastify'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

const CHECK_MS = 3_000

/** A dependency by name; its check rejects when the dependency cannot be used. */
export type Checks = Readonly<Record<string, () => Promise<unknown>>>
export type HealthOptions = { checks: Checks; metrics: Metrics; log?: Pick<Log, 'warn'> }

/**
 * Fastify plugin: /healthz (this process is alive), /readyz (its dependencies too, else 503 and their names), /metrics.
 * Register it without a prefix.
 */
export async function healthRoutes(app: FastifyInstance, options: HealthOptions): Promise<void> {
  options.metrics.gauge({
    name: 'code_agent_dependency_up',
    help: 'Whether this process can use what it depends on',
    labels: ['dependency'],
    read: async gauge => {
      const failed = await failedChecks({ checks: options.checks })
      for (const dependency of Object.keys(options.checks)) {
        gauge.set({ dependency }, failed.includes(dependency) ? 0 : 1)
      }
    },
  })
  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async (_request, reply) => {
    const failed = await failedChecks(options)
    return await reply.code(failed.length === 0 ? 200 : 503).send({ ready: failed.length === 0, failed })
  })
  app.get('/metrics', async (_request, reply) => {
    return await reply.type(options.metrics.contentType).send(await options.metrics.text())
  })
}

/** What a process answers besides, as a Fastify plugin. */
export type Routes = FastifyPluginAsync

export type HealthServer = { port: number; close(): Promise<void> }

/** For processes that answer little else; what else is `routes`. Port 0 takes a free one. */
export async function startHealthServer(
  options: HealthOptions & { host: string; port: number; routes?: Routes },
): Promise<HealthServer> {
  const app = fastify()
  await app.register(healthRoutes, options)
  if (options.routes) await app.register(options.routes)
  await app.listen({ host: options.host, port: options.port })
  return { port: boundPort(app), close: () => app.close() }
}

/** The port a listening app got. */
export function boundPort(app: { server: FastifyInstance['server'] }): number {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a TCP port')
  return address.port
}

// Why a check failed is for the log only: the message may name hosts.
async function failedChecks({ checks, log }: Pick<HealthOptions, 'checks' | 'log'>): Promise<string[]> {
  const names = Object.entries(checks).map(async ([name, check]) => {
    try {
      await within(CHECK_MS, check())
      return []
    } catch (error) {
      log?.warn({ err: error, check: name }, 'not ready')
      return [name]
    }
  })
  return (await Promise.all(names)).flat()
}

async function within(ms: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController()
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  try {
    await Promise.race([promise, late])
  } finally {
    timer.abort()
    late.catch(() => {})
  }
}
