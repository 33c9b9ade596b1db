import { fastify } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { boundPort, healthRoutes, startHealthServer } from './health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'

async function serve(checks: Record<string, () => Promise<unknown>>) {
  const metrics = createMetrics('worker-ado')
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, checks, metrics })
  onTestFinished(() => server.close())
  return { metrics, get: (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`) }
}

test('a process with its dependencies at hand is alive and ready', async () => {
  const { get } = await serve({ postgres: async () => {}, redis: async () => 'PONG' })
  expect((await get('/healthz')).status).toBe(200)
  const ready = await get('/readyz')
  expect(ready.status).toBe(200)
  expect(await ready.json()).toEqual({ ready: true, failed: [] })
})

test('a process without a dependency is alive, not ready, and names it without saying where it is', async () => {
  const { get } = await serve({
    postgres: async () => {},
    redis: async () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7:6379')
    },
  })
  expect((await get('/healthz')).status).toBe(200)
  const ready = await get('/readyz')
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({ ready: false, failed: ['redis'] })
})

test('a check that never answers counts as failed', async () => {
  const { get } = await serve({ redis: () => new Promise(() => {}) })
  expect((await get('/readyz')).status).toBe(503)
})

test('metrics carry the service, own counters and what is read at the scrape; a failed read spoils nothing', async () => {
  const { get, metrics } = await serve({})
  metrics.counter({ name: 'deliveries_total', help: 'Deliveries', labels: ['outcome'] }).inc({ outcome: 'accepted' }, 2)
  metrics.histogram({ name: 'step_seconds', help: 'Steps', buckets: [1, 10] }).observe(3)
  metrics.gauge({
    name: 'queue_jobs',
    help: 'Jobs',
    labels: ['queue'],
    read: async gauge => gauge.set({ queue: 'ado' }, 7),
  })
  metrics.gauge({
    name: 'broken',
    help: 'Broken',
    read: async () => {
      throw new Error('down')
    },
  })
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  expect(text).toContain('deliveries_total{outcome="accepted",service="worker-ado"} 2')
  expect(text).toContain('step_seconds_bucket{le="10",service="worker-ado"} 1')
  expect(text).toContain('queue_jobs{queue="ado",service="worker-ado"} 7')
  expect(text).toContain('process_cpu_seconds_total')
})

test('the routes can be part of an app of one’s own', async () => {
  const app = fastify({ loggerInstance: createLog({ service: 'gateway', level: 'silent' }) })
  onTestFinished(() => app.close())
  await app.register(healthRoutes, { checks: {}, metrics: createMetrics('gateway') })
  await app.listen({ host: '127.0.0.1', port: 0 })
  expect((await fetch(`http://127.0.0.1:${boundPort(app)}/readyz`)).status).toBe(200)
})
