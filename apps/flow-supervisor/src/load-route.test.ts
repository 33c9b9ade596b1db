import { randomUUID } from 'node:crypto'
import { taskJob } from '@code-agent/jobs/flows'
import { createProducer } from '@code-agent/queue/producer'
import { startHealthServer } from '@code-agent/service/health'
import { createMetrics } from '@code-agent/service/metrics'
import { migrate } from '@code-agent/store/migrate'
import { openStore } from '@code-agent/store/store'
import { testPostgres, testRedis } from '@code-agent/tools/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { fleetMetrics } from './fleet-metrics.ts'
import { loadRoute } from './load-route.ts'

const token = 'an-autoscaler-may-ask'

async function supervisor(given: { token?: string } = { token }) {
  const [redis, postgres] = await Promise.all([testRedis(), testPostgres()])
  await migrate({ url: postgres.url })
  const producer = createProducer({ redisUrl: redis.url, prefix: redis.prefix })
  const store = openStore({ url: postgres.url })
  const metrics = createMetrics('flow-supervisor')
  fleetMetrics(metrics, { store, producer })
  const routes = loadRoute({ producer, store, token: given.token })
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, checks: {}, metrics, routes })
  onTestFinished(async () => {
    await Promise.all([server.close(), producer.close(), store.close()])
    await Promise.all([redis.stop(), postgres.stop()])
  })
  await expect.poll(() => producer.isReady()).toBe(true)
  const get = (path: string, authorization = `Bearer ${token}`) =>
    fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization } })
  return { producer, store, metrics, get }
}

const oneTask = () => taskJob('show-wait', { taskId: randomUUID(), generation: 1 })

test('an autoscaler with the token is told the load of each queue; a closed gate holds its party, no other', async () => {
  const { producer, store, get } = await supervisor()
  await producer.addFlow(oneTask())
  await producer.addFlow(oneTask())
  expect(await (await get('/queues/ado/load')).json()).toEqual({ load: 2 })
  expect(await (await get('/queues/llm/load')).json()).toEqual({ load: 0 })

  const until = new Date(Date.now() + 60_000)
  await store.closeGate({ gate: 'model:api.test/a-model', until, reason: 'too often' })
  expect(await (await get('/queues/ado/load')).json()).toEqual({ load: 2 })
  await store.closeGate({ gate: 'azure-devops/contoso', until, reason: 'too often' })
  expect(await (await get('/queues/ado/load')).json()).toEqual({ load: 0 })
  await store.openGates()
  expect(await (await get('/queues/ado/load')).json()).toEqual({ load: 2 })
})

test('nobody is told the load without the token, and nobody at all where none is set', async () => {
  const { get } = await supervisor()
  for (const authorization of ['', 'Bearer wrong', `Basic ${token}`, token]) {
    expect((await get('/queues/ado/load', authorization)).status).toBe(401)
  }
  expect((await get('/queues/other/load')).status).toBe(404)
  const unset = await supervisor({})
  expect((await unset.get('/queues/ado/load')).status).toBe(401)
  expect((await unset.get('/queues/ado/load', 'Bearer undefined')).status).toBe(401)
})

test('a load that is not known is an error and not zero, so that nobody scales down for it', async () => {
  const { producer, get } = await supervisor()
  await producer.close()
  expect((await get('/queues/ado/load')).status).toBe(503)
})

test('a scrape shows queues, runs and gates, with zeros where there is nothing', async () => {
  const { producer, store, metrics } = await supervisor()
  await producer.addFlow(oneTask())
  await store.closeGate({ gate: 'azure-devops/contoso', until: new Date(Date.now() + 60_000), reason: 'too often' })
  const lines = (await metrics.text()).split('\n')
  const value = (series: string) =>
    Number(lines.find(line => line.startsWith(series.replace('}', ',service="flow-supervisor"}')))?.split(' ')[1])
  expect(value('code_agent_queue_jobs{queue="ado",state="wait"}')).toBe(1)
  expect(value('code_agent_queue_jobs{queue="flow",state="active"}')).toBe(0)
  expect(value('code_agent_queue_load{queue="ado"}')).toBe(0)
  expect(value('code_agent_gate_closed_seconds{party="azure-devops"}')).toBeGreaterThan(50)
  expect(value('code_agent_gate_closed_seconds{party="model"}')).toBe(0)
  expect(value('code_agent_runs{state="running"}')).toBe(0)
  expect(value('code_agent_run_oldest_seconds{state="running"}')).toBe(0)
})
