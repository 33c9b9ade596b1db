import type { StepResult } from '@code-agent/jobs/steps'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { add, done, finished, oneTask, testFleet, until } from './test-fleet.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(async () => await redis.stop())

test('a step name that an old worker does not know is handed on to a newer one without burning an attempt', async () => {
  const kit = testFleet(redis)
  const node = oneTask()
  const { 'show-wait': _, ...older } = kit.handlers
  const warnings: string[] = []
  const log = { info() {}, error() {}, warn: (_fields: object, message: string) => void warnings.push(message) }
  kit.start({ handlers: older, log })
  await add(kit, node)
  await until(() => expect(warnings.length).toBeGreaterThan(0))
  await kit.close(1_000)
  kit.start()
  await finished(kit, node)
  expect(kit.started.map(job => job.attempt)).toEqual([1])
})

test('cancelling aborts the matching jobs only, and they end as superseded', async () => {
  let release = (_: StepResult) => {}
  const kit = testFleet(
    redis,
    job =>
      new Promise((resolve, reject) => {
        if (job.jobId === other.id) release = resolve
        job.signal.addEventListener('abort', () => reject(new Error('stream aborted')))
      }),
  )
  const [victim, other] = [oneTask(), oneTask()]
  kit.start()
  await add(kit, victim)
  await add(kit, other)
  await until(() => expect(kit.started).toHaveLength(2))
  const cancelled = kit.workers.map(worker => worker.cancel(job => job.jobId === victim.id, 'cancelled by alice'))
  expect(cancelled.reduce((sum, count) => sum + count)).toBe(1)
  await finished(kit, victim)
  expect(await kit.producer.rootState('ado', other.id)).toBe('live')
  release(done)
  await finished(kit, other)
  expect(kit.ended.map(({ outcome, job }) => [job.jobId, outcome])).toEqual([
    [victim.id, 'superseded'],
    [other.id, 'done'],
  ])
})

test('closing hands active jobs back at once, and the next worker starts them with no attempt burned', async () => {
  const kit = testFleet(redis, job => {
    if (kit.started.length > 1) return done
    return new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason)))
  })
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await until(() => expect(kit.started).toHaveLength(1))
  const begin = Date.now()
  await kit.close(10_000)
  expect(Date.now() - begin).toBeLessThan(5_000)
  expect(await kit.producer.counts('ado')).toMatchObject({ wait: 1, active: 0 })
  kit.start()
  await finished(kit, node)
  expect(kit.started.map(job => job.attempt)).toEqual([1, 1])
})

test('closing does not wait longer than its grace for a handler that heeds nothing, and still hands its job back', async () => {
  let release = (_: StepResult) => {}
  const kit = testFleet(redis, () => (kit.started.length > 1 ? done : new Promise(resolve => (release = resolve))))
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await until(() => expect(kit.started).toHaveLength(1))
  await kit.close(200)
  expect(await kit.producer.counts('ado')).toMatchObject({ wait: 1, active: 0 })
  kit.start()
  await finished(kit, node)
  release(done)
})
