import { Postponed, Rejected, Throttled } from '@code-agent/jobs/errors'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { add, finished, oneTask, testFleet, until } from './test-fleet.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(async () => await redis.stop())

test('an ordinary error is tried again with the attempt counted, and told as exhausted after the last', async () => {
  const attempts: [number, boolean][] = []
  const kit = testFleet(
    redis,
    job => {
      attempts.push([job.attempt, job.isLastAttempt])
      throw new Error('connection reset')
    },
    { attempts: 3 },
  )
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await finished(kit, node)
  expect(attempts).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ])
  expect(kit.ended.map(({ outcome }) => outcome)).toEqual(['retry', 'retry', 'failed'])
  expect(kit.exhausted).toEqual([{ name: 'show-wait', message: 'connection reset' }])
})

test('a rejected step is not tried again', async () => {
  const kit = testFleet(redis, () => {
    throw new Rejected('the branch is protected')
  })
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await finished(kit, node)
  expect(kit.ended).toMatchObject([{ outcome: 'failed', reasonClass: 'Rejected', message: 'the branch is protected' }])
})

test('a job whose failure cannot be recorded is tried again instead of failing unrecorded', async () => {
  let recordable = false
  const kit = testFleet(
    redis,
    () => {
      throw new Rejected('no')
    },
    {
      onExhausted: () => {
        if (recordable) return
        recordable = true
        throw new Error('database is down')
      },
    },
  )
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await until(() => expect(recordable).toBe(true))
  expect(await kit.producer.rootState('ado', node.id)).toBe('live')
  await finished(kit, node)
  expect(kit.exhausted).toHaveLength(1)
})

test('postponed and throttled steps come back at their time and burn no attempt; the gate is told', async () => {
  const gates: [string, Date][] = []
  const soon = new Date(Date.now() + 300)
  const kit = testFleet(
    redis,
    () => {
      if (kit.started.length === 1) throw new Postponed('held by another', { until: soon })
      if (kit.started.length === 2) throw new Throttled('429', { until: soon, gate: 'ado:contoso' })
      return undefined
    },
    { onGate: async (gate, when) => void gates.push([gate, when]) },
  )
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await finished(kit, node)
  expect(Date.now()).toBeGreaterThanOrEqual(soon.getTime())
  expect(kit.started.map(job => job.attempt)).toEqual([1, 1, 1])
  expect(kit.ended.map(({ outcome }) => outcome)).toEqual(['postponed', 'postponed', 'done'])
  expect(gates).toEqual([['ado:contoso', soon]])
})

test('a step begins only when its start is recorded, and waits without burning an attempt', async () => {
  let calls = 0
  const kit = testFleet(redis)
  const node = oneTask()
  kit.start({
    recorder: {
      ...kit.recorder,
      started: async job => {
        calls += 1
        if (calls === 1) throw new Error('database is down')
        return await kit.recorder.started(job)
      },
    },
  })
  await add(kit, node)
  await finished(kit, node)
  expect(kit.started.map(job => job.attempt)).toEqual([1])
})

test('a job with another step’s data fails at once, and its handler never sees it', async () => {
  const kit = testFleet(redis)
  const node = { ...oneTask(), data: { runId: 'not a uuid', generation: 1 } }
  kit.start()
  await add(kit, node)
  await finished(kit, node)
  expect(kit.started).toEqual([])
})

test('secrets in error messages reach neither Redis nor the recorder', async () => {
  const kit = testFleet(
    redis,
    () => {
      throw new Error('401 for token s3cr3t')
    },
    { attempts: 1, redact: text => text.replaceAll('s3cr3t', '[secret]') },
  )
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await finished(kit, node)
  expect(kit.ended).toMatchObject([{ message: '401 for token [secret]' }])
  const client = new Redis(redis.url)
  const stored = await client.hgetall(`${kit.prefix}:ado:${node.id}`)
  client.disconnect()
  expect(stored.failedReason).toContain('[secret]')
  expect(JSON.stringify(stored)).not.toContain('s3cr3t')
})
