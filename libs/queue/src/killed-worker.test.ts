import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { add, finished, oneTask, testFleet, until } from './test-fleet.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(async () => await redis.stop())

/** Short, so that a stall shows within a few seconds. */
const impatient = { lockDuration: 1_500, stalledInterval: 300 }

/** A worker process whose handler never ends; says `begun` for each job. */
function spawnWorker(prefix: string, behaviour: string): ChildProcess {
  const program = `
    import { startWorker } from ${JSON.stringify(join(import.meta.dirname, 'worker-host.ts'))}
    const worker = startWorker({
      redisUrl: ${JSON.stringify(redis.url)}, prefix: ${JSON.stringify(prefix)}, queue: 'ado', concurrency: 1,
      ...${JSON.stringify(impatient)},
      recorder: { started: async () => '1', ended: async () => {} },
      handlers: { 'show-wait': { handle: job => { process.send('begun'); return (${behaviour})(job) } } },
    })
    process.on('SIGTERM', async () => { await worker.close(3000); process.exit(0) })
  `
  const args = ['--input-type=module', '--eval', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const never = '() => new Promise(() => {})'
const untilAborted = '({ signal }) => new Promise((_, no) => signal.addEventListener("abort", () => no(signal.reason)))'

test('kill -9 of a worker loses no job: another one starts it again, no attempt burned', async () => {
  const kit = testFleet(redis, undefined, impatient)
  const node = oneTask()
  await add(kit, node)
  const child = spawnWorker(kit.prefix, never)
  await once(child, 'message')
  child.kill('SIGKILL')
  kit.start()
  await finished(kit, node)
  expect(kit.started.map(job => job.attempt)).toEqual([1])
})

test('SIGTERM of a worker hands its job back at once', async () => {
  const kit = testFleet(redis, undefined, impatient)
  const node = oneTask()
  await add(kit, node)
  const child = spawnWorker(kit.prefix, untilAborted)
  await once(child, 'message')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  expect(await kit.producer.counts('ado')).toMatchObject({ wait: 1, active: 0, delayed: 0 })
  kit.start()
  await finished(kit, node)
  expect(kit.started.map(job => job.attempt)).toEqual([1])
})

test('a job that kills every worker fails in the end, and its failure is recorded', async () => {
  const kit = testFleet(redis, undefined, { ...impatient, maxStalledCount: 1, attempts: 5 })
  const node = oneTask()
  await add(kit, node)
  for (let deaths = 0; deaths < 2; deaths++) {
    const child = spawnWorker(kit.prefix, never)
    await once(child, 'message')
    child.kill('SIGKILL')
  }
  kit.start()
  await finished(kit, node)
  await until(() => expect(kit.exhausted).toHaveLength(1))
  expect(kit.exhausted[0]?.message).toMatch(/died again and again/)
  expect(kit.started).toEqual([])
})

test('a worker whose lock was taken away aborts the handler', async () => {
  const reasons: unknown[] = []
  const kit = testFleet(
    redis,
    job => {
      if (kit.started.length > 1) return { outcome: 'done' }
      return new Promise((_, reject) => {
        job.signal.addEventListener('abort', () => {
          reasons.push(job.signal.reason)
          reject(new Error('stream aborted'))
        })
      })
    },
    impatient,
  )
  const node = oneTask()
  kit.start()
  await add(kit, node)
  await until(() => expect(kit.started).toHaveLength(1))
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  await client.set(`${kit.prefix}:ado:${node.id}:lock`, 'somebody-else', 'PX', 10_000)
  await until(() => expect(reasons).toMatchObject([{ name: 'LockLost' }]))
  expect(kit.ended).toMatchObject([{ outcome: 'retry' }])
})
