import { admissionFlow, closingFlow, variantsFlow } from '@code-agent/jobs/flows'
import { startFaultProxy } from '@code-agent/tools/chaos/fault-proxy'
import { testRedis } from '@code-agent/tools/test-servers'
import { FlowProducer } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { add, finished, newRun, oneTask, testFleet, until } from './test-fleet.ts'

async function privateRedis() {
  const redis = await testRedis({ private: true })
  onTestFinished(() => redis.stop())
  const ask = new Redis(redis.url, { lazyConnect: true })
  ask.on('error', () => {})
  onTestFinished(() => ask.disconnect())
  return { redis, ask }
}

test('a fleet started while Redis is down rejects adds at once, then works as soon as Redis is there', async () => {
  const { redis } = await privateRedis()
  await redis.kill()
  const kit = testFleet(redis)
  kit.start()
  const node = oneTask()
  const begin = Date.now()
  await expect(kit.producer.addFlow(node)).rejects.toThrow(/not reachable/)
  await expect(kit.producer.rootState('ado', node.id)).rejects.toThrow(/not reachable/)
  await expect(kit.producer.ping()).rejects.toThrow()
  expect(Date.now() - begin).toBeLessThan(500)
  await redis.restart()
  await add(kit, node)
  await finished(kit, node)
})

test('a fleet survives a restart that loses everything, and works on', async () => {
  const { redis } = await privateRedis()
  const kit = testFleet(redis)
  kit.start()
  const before = oneTask()
  await add(kit, before)
  await finished(kit, before)
  await redis.kill()
  await until(() => expect(kit.producer.isReady()).toBe(false))
  await expect(kit.producer.addFlow(oneTask())).rejects.toThrow(/not reachable/)
  await redis.restart()
  await until(() => expect(kit.producer.isReady()).toBe(true))
  expect(await kit.producer.rootState('ado', before.id)).toBe('absent')
  const after = oneTask()
  await add(kit, after)
  await finished(kit, after)
  for (const worker of kit.workers) await worker.ping()
})

test('workers can be closed within their grace while Redis was never there', async () => {
  const { redis } = await privateRedis()
  await redis.kill()
  const kit = testFleet(redis)
  kit.start()
  const begin = Date.now()
  await kit.close(300)
  expect(Date.now() - begin).toBeLessThan(5_000)
})

test('SCRIPT FLUSH does not cut a flow short', async () => {
  const { redis, ask } = await privateRedis()
  const kit = testFleet(redis)
  kit.start()
  const run = newRun()
  const first = variantsFlow(run, { chains: [1], announcements: [] })
  await add(kit, first)
  await finished(kit, first)
  await ask.script('FLUSH')
  // Somebody else brings back the script for parents, but not the one for leaves without a priority.
  const other = new FlowProducer({ connection: { url: redis.url }, prefix: redis.prefix })
  onTestFinished(() => other.close())
  const opts = { priority: 10, ignoreDependencyOnFailure: true }
  await other.add({ name: 'a', queueName: 'other', children: [{ name: 'b', queueName: 'other', opts }] })
  const second = variantsFlow({ ...run, generation: 2 }, { chains: [1], announcements: [] })
  await add(kit, second)
  await finished(kit, second)
  expect(kit.completed.filter(name => name === 'write-patch')).toHaveLength(2)
})

test('a flow of which one job could not be stored is rejected', async () => {
  const { redis } = await privateRedis()
  const kit = testFleet(redis)
  const first = closingFlow(newRun(), [])
  await add(kit, first)
  const second = closingFlow(newRun(), [])
  await expect(kit.producer.addFlow({ ...second, children: first.children })).rejects.toThrow(/Uncertain/)
})

test('an add whose reply does not come is rejected in time, and the producer finds back to a Redis that answers', async () => {
  const { redis, ask } = await privateRedis()
  const kit = testFleet(redis, undefined, { commandTimeoutMs: 300 })
  const node = admissionFlow(newRun())
  await until(() => expect(kit.producer.isReady()).toBe(true))
  await ask.client('PAUSE', 1_000, 'WRITE')
  await expect(kit.producer.addFlow(node)).rejects.toThrow(/Uncertain/)
  // Whether these ids arrived nobody knows, so they are never added again: the next generation goes its way.
  await until(() => expect(kit.producer.isReady()).toBe(true))
  const next = admissionFlow({ runId: node.id.slice(0, 36), generation: 2 })
  await until(() => kit.producer.addFlow(next))
  expect(await kit.producer.rootState('llm', next.id)).toBe('live')
})

test('an add whose reply is lost has arrived, is rejected as uncertain, and its successor runs beside it', async () => {
  const { redis, ask } = await privateRedis()
  const proxy = await startFaultProxy([redis.port])
  onTestFinished(() => proxy.close())
  const through = { url: `redis://127.0.0.1:${proxy.port}`, prefix: redis.prefix }
  const kit = testFleet(through, undefined, { commandTimeoutMs: 3_000 })
  await until(() => expect(kit.producer.isReady()).toBe(true))
  const run = newRun()
  const node = admissionFlow(run)
  proxy.set({ kind: 'no-answers', after: node.id })
  await expect(kit.producer.addFlow(node)).rejects.toThrow(/Uncertain/)
  proxy.set({ kind: 'sound' })
  await until(async () => expect(await ask.exists(`${kit.prefix}:llm:${node.id}`)).toBe(1))
  await until(async () => expect(await kit.producer.rootState('llm', node.id)).toBe('live'))
  const next = admissionFlow({ ...run, generation: 2 })
  await until(() => kit.producer.addFlow(next))
  expect(await kit.producer.rootState('llm', next.id)).toBe('live')
})

test('an add in flight while Redis dies is rejected and not sent again by itself', async () => {
  const { redis, ask } = await privateRedis()
  const kit = testFleet(redis)
  await until(() => expect(kit.producer.isReady()).toBe(true))
  await ask.client('PAUSE', 60_000, 'WRITE')
  const node = oneTask()
  const adding = kit.producer.addFlow(node)
  const rejected = expect(adding).rejects.toThrow(/Uncertain/)
  await redis.kill()
  await rejected
  await redis.restart()
  await until(() => expect(kit.producer.isReady()).toBe(true))
  expect(await kit.producer.rootState('ado', node.id)).toBe('absent')
})
