import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stepJobId, steps } from '@code-agent/jobs/steps'
import { createProducer } from '@code-agent/queue/producer'
import { startWorker } from '@code-agent/queue/worker-host'
import { attemptRecorder } from '@code-agent/store/attempt-recorder'
import { dispatched } from '@code-agent/store/test-store'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type TestWorld, testWorld, type WorkerOptions } from './test-world.ts'

/** How often a model is asked when it cannot be used: a real queue with its retries, and every HTTP call counted. */

vi.setConfig({ testTimeout: 90_000 })

let world: TestWorld
let redis: TestRedis
const variants = 4
const attempts = 3
beforeAll(async () => {
  ;[world, redis] = await Promise.all([
    testWorld({ files: { 'a.txt': 'one\nOld\nthree\n' }, apiKeys: ['key'] }),
    testRedis(),
  ])
})
afterAll(() => Promise.all([world.stop(), redis.stop()]))

/** plan-run and, if it came so far, every variant's write-patch, as the queue has them done. @returns calls of the model and what the commenter reads */
async function worked(options: WorkerOptions, spoil: () => void = () => {}) {
  const { store } = world.database
  const prefix = `{${Math.random()}}`
  const producer = createProducer({ redisUrl: redis.url, prefix, job: { attempts, backoffMs: 20 } })
  const worker = startWorker({
    ...{ redisUrl: redis.url, prefix, queue: 'llm', concurrency: 16 },
    handlers: world.handlers(options),
    recorder: attemptRecorder(store),
    onGate: (gate, until, reason) => store.closeGate({ gate, until, reason }),
  })
  onTestFinished(async () => {
    await Promise.all([worker.close(1_000), producer.close()])
  })
  const runId = await world.admitted({ variants })
  const add = async (name: 'plan-run' | 'write-patch', variant?: number) => {
    const data = { runId, generation: (await run()).generation, ...(variant === undefined ? {} : { variant }) }
    await producer.addFlow({ queue: steps[name].queue, name, id: stepJobId(name, data), data, children: [] })
  }
  const run = async () => {
    const found = await store.run(runId)
    if (!found) throw new Error('there is no such run')
    return found
  }
  await expect.poll(() => producer.isReady()).toBe(true)
  await add('plan-run')
  await expect.poll(async () => (await run()).state, { timeout: 60_000 }).toMatch(/ready|ending/)
  if ((await run()).state === 'ready') {
    spoil()
    await dispatched(store, runId)
    for (let variant = 1; variant <= variants; variant++) await add('write-patch', variant)
    const open = async () => (await run()).variants.filter(({ reason }) => reason === null).length
    await expect.poll(open, { timeout: 60_000 }).toBe(0)
  }
  const ended = await run()
  const calls = world.model.calls().filter(call => call.runId === runId)
  return { calls, reasons: ended.reason ? [ended.reason] : ended.variants.map(({ reason }) => reason) }
}

const everyTime = (reply: object) => () => world.model.setScript({ replies: [{ ...reply, repeat: true }] })

test('a model nobody knows is asked once for the whole run', async () => {
  const unknown = await countingServer(404, { type: 'error', error: { type: 'not_found_error', message: 'model: x' } })
  const { reasons } = await worked({ model: 'claude-nonsense-9', baseUrl: unknown.url })
  expect(unknown.asked()).toBe(1)
  expect(reasons).toEqual([expect.stringMatching(/does not know the model "claude-nonsense-9": correct MODEL\.$/)])
})

test('a spent budget is asked about once for each variant, never again', async () => {
  const over = { status: 400, text: 'over', errorCode: 'enforced_spend_limit_reached' }
  const { calls, reasons } = await worked({}, everyTime(over))
  expect(calls.filter(({ variant }) => variant !== 0)).toHaveLength(variants)
  for (const reason of reasons) expect(reason).toMatch(/^The budget of the model's account at .* is spent/)
})

test('a server that fails is asked as often as there are attempts, with pauses, and no oftener', async () => {
  const { calls, reasons } = await worked({}, everyTime({ status: 500, text: 'oh' }))
  expect(calls.filter(({ variant }) => variant !== 0)).toHaveLength(variants * attempts)
  for (const reason of reasons) expect(reason).toMatch(/failed with status 500.* It was tried several times\.$/)
})

/** Answers every request with one error, or hangs up; counts. */
async function countingServer(status?: number, body: object = {}) {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    if (status === undefined) request.socket.destroy()
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, asked: () => asked }
}

test('a bad key is tried once, a server that hangs up as often as there are attempts: the plan alone, no variant after it', async () => {
  const refusing = await countingServer(401)
  const { reasons } = await worked({ baseUrl: refusing.url })
  expect(refusing.asked()).toBe(1)
  expect(reasons).toEqual([expect.stringMatching(/refused the API key: correct MODEL_API_KEY\.$/)])

  const silent = await countingServer()
  const late = await worked({ baseUrl: silent.url })
  expect(silent.asked()).toBe(attempts)
  expect(late.reasons).toEqual([expect.stringMatching(/can't be reached \(.*\): check MODEL_BASE_URL/)])
})
