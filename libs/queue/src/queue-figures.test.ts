import { randomUUID } from 'node:crypto'
import { Throttled } from '@code-agent/jobs/errors'
import type { FlowNode } from '@code-agent/jobs/flows'
import { variantsFlow } from '@code-agent/jobs/flows'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { Queue } from 'bullmq'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadOf } from './queue-figures.ts'
import { add, newRun, oneTask, testFleet, until } from './test-fleet.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(async () => await redis.stop())

const open = { gateClosed: false }
const closed = { gateClosed: true }

function kitWithQueue(...more: Parameters<typeof testFleet> extends [unknown, ...infer Rest] ? Rest : never) {
  const kit = testFleet(redis, ...more)
  const queue = new Queue('ado', { connection: { url: redis.url }, prefix: kit.prefix })
  onTestFinished(() => queue.close())
  return { ...kit, queue, figures: () => kit.producer.figures('ado') }
}

const urgent = (): FlowNode => ({ ...oneTask('answer-comment'), priority: 5 })

test('waiting and prioritized jobs are load, unless a pause, a rate limit or a gate holds them', async () => {
  const kit = kitWithQueue()
  await add(kit, oneTask())
  await add(kit, oneTask())
  await add(kit, urgent())
  const figures = await kit.figures()
  expect(figures.counts).toMatchObject({ wait: 2, prioritized: 1, active: 0, delayed: 0 })
  expect(loadOf(figures, open)).toBe(3)
  expect(loadOf(figures, closed)).toBe(0)

  await kit.queue.pause()
  const paused = await kit.figures()
  expect(paused).toMatchObject({ paused: true, counts: { wait: 2, prioritized: 1 } })
  expect(loadOf(paused, open)).toBe(0)
  await kit.queue.resume()

  await kit.queue.rateLimit(60_000)
  const limited = await kit.figures()
  expect(limited.rateLimited).toBe(true)
  expect(loadOf(limited, open)).toBe(0)
})

test('a job in hand is load even while a gate is closed, and the age of the oldest is known', async () => {
  const inHand: (() => void)[] = []
  const kit = kitWithQueue(() => new Promise(resolve => inHand.push(() => resolve(undefined))), { concurrency: 1 })
  await add(kit, oneTask())
  await add(kit, oneTask())
  kit.start()
  await until(() => expect(inHand).toHaveLength(1))
  await until(async () => expect((await kit.figures()).oldestSeconds.wait).toBeGreaterThan(0))
  const figures = await kit.figures()
  expect(figures.counts).toMatchObject({ active: 1, wait: 1 })
  expect(figures.oldestSeconds.active).toBeGreaterThan(0)
  expect(loadOf(figures, open)).toBe(2)
  expect(loadOf(figures, closed)).toBe(1)
  inHand[0]?.()
  await until(() => expect(inHand).toHaveLength(2))
  expect((await kit.figures()).finished.completed).toBe(1)
  inHand[1]?.()
  await until(async () => expect(loadOf(await kit.figures(), open)).toBe(0))
  expect((await kit.figures()).counts.completed).toBe(2)
})

test('a delayed job is load from the moment it is due, even when no worker is there to see it', async () => {
  const kit = kitWithQueue(() => {
    throw new Throttled('too often', { until: new Date(Date.now() + 400), gate: 'azure-devops/contoso' })
  })
  await add(kit, oneTask())
  kit.start()
  await until(async () => expect((await kit.figures()).counts.delayed).toBe(1))
  await kit.close(100)
  await kit.queue.add('show-wait', { taskId: randomUUID(), generation: 1 }, { delay: 3_600_000 })
  await until(async () => expect((await kit.figures()).dueDelayed).toBe(1))
  const figures = await kit.figures()
  expect(figures.counts).toMatchObject({ delayed: 2, wait: 0 })
  expect(loadOf(figures, open)).toBe(1)
  expect(loadOf(figures, closed)).toBe(0)
})

test('parents that wait for their children, and what is finished, are no load', async () => {
  const kit = kitWithQueue()
  const run = newRun()
  await add(kit, variantsFlow(run, { chains: [1, 2], announcements: [] }))
  const figures = await kit.figures()
  expect(figures.counts['waiting-children']).toBe(7)
  expect(loadOf(figures, open)).toBe(2)
})
