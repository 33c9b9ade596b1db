import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { testRedis } from '@code-agent/tools/test-servers'
import { FlowProducer, Worker } from 'bullmq'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { buildBoard } from './board.ts'
import { openQueues } from './queues.ts'

const operator = { username: 'operator', password: 'päss:word-1234' }
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
const signedIn = { authorization: basic(operator.username, operator.password) }
const token = 'abcdefghij234567abcdefghij234567abcdefghij234567abcd'

type Server = { url: string; prefix: string }

async function serve(redis: Server, { writable = false } = {}) {
  const log = createLog({ service: 'bull-board', level: 'silent' })
  const board = openQueues({ redisUrl: redis.url, prefix: redis.prefix, log })
  const secrets = [operator.password]
  const app = await buildBoard({ board, operator, writable, secrets, metrics: createMetrics('bull-board'), log })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    await app.close()
    await board.close()
  })
  return {
    board,
    ready: () => vi.waitFor(() => expect(board.isReady()).toBe(true)),
    get: (path: string, headers: Record<string, string> = signedIn) =>
      fetch(url + path, { headers, redirect: 'manual' }),
    put: (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { method: 'PUT', headers: { ...signedIn, ...headers } }),
  }
}

async function sharedRedis() {
  const redis = await testRedis()
  onTestFinished(() => redis.stop())
  return redis
}

/** A flow over all three queues, whose leaf fails for good with a token in its error and in its log. */
async function failedFlow({ url, prefix }: Server) {
  const connection = { url }
  const flows = new FlowProducer({ connection, prefix })
  const opts = (jobId: string) => ({ jobId, ignoreDependencyOnFailure: true })
  const leaf = { name: 'write-patch', queueName: 'llm', data: { runId: 'r1' }, opts: opts('leaf') }
  const conclude = { name: 'conclude-run', queueName: 'flow', opts: opts('conclude'), children: [leaf] }
  await flows.add({ name: 'publish-overview', queueName: 'ado', opts: { jobId: 'root' }, children: [conclude] })
  const worker = new Worker(
    'llm',
    async job => {
      await job.log(`sending Authorization: Bearer ${token}`)
      throw new Error(`401 for ${token}`)
    },
    { connection, prefix },
  )
  await new Promise(resolve => worker.once('failed', resolve))
  await worker.close()
  await flows.close()
}

test('nothing of the dashboard is given to anybody but the operator; health is', async () => {
  const { get, ready } = await serve(await sharedRedis())
  await ready()
  const paths = ['/', '/api/queues', '/static/images/logo.svg', '/queue/ado/x', '/none']
  const strangers: Record<string, string>[] = [
    {},
    { authorization: basic('operator', 'wrong') },
    { authorization: basic('other', operator.password) },
    { authorization: basic('', '') },
    { authorization: 'Bearer x' },
    { authorization: 'Basic %%%' },
  ]
  for (const path of paths) {
    for (const stranger of strangers) {
      const response = await get(path, stranger)
      expect(response.status, path).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('Basic')
      expect(await response.text()).toBe('')
    }
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) expect((await get(path, {})).status, path).toBe(200)
})

test('the operator sees the page, its assets and all queues', async () => {
  const { get, ready } = await serve(await sharedRedis())
  await ready()
  const page = await get('/')
  expect(page.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain('frame-ancestors')
  const html = await page.text()
  expect(html).toContain('Code Agent')
  const script = /src="(static\/[^"]+\.js)"/.exec(html)?.[1]
  expect((await get(`/${script}`)).status).toBe(200)
  const Listed = z.object({ queues: z.array(z.object({ name: z.string(), readOnlyMode: z.boolean() })) })
  const { queues } = Listed.parse(await (await get('/api/queues')).json())
  expect(queues.map(({ name }) => name).toSorted()).toEqual(['ado', 'flow', 'llm'])
  expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true)
})

test('a flow is shown as a tree over all queues, without the secrets in its reasons, stacks and logs', async () => {
  const redis = await sharedRedis()
  await failedFlow(redis)
  const { get, ready } = await serve(redis)
  await ready()
  const texts = await Promise.all(
    [
      '/api/queues?activeQueue=llm&status=failed&page=1&jobsPerPage=10',
      '/api/queues/llm/leaf',
      '/api/queues/llm/leaf/logs',
      '/api/queues/ado/root/flow',
      '/api/queues/flow/conclude/flow',
    ].map(async path => {
      const response = await get(path)
      expect(response.status, path).toBe(200)
      return await response.text()
    }),
  )
  for (const text of texts) expect(text).not.toContain(token)
  expect(texts[1]).toContain('401 for [secret]')
  expect(texts[2]).toContain('Bearer [secret]')
  for (const name of ['publish-overview', 'conclude-run', 'write-patch']) expect(texts[3]).toContain(name)
})

test('a dashboard that only shows changes nothing', async () => {
  const redis = await sharedRedis()
  await failedFlow(redis)
  const { put, board, ready } = await serve(redis)
  await ready()
  for (const path of ['llm/leaf/retry', 'llm/leaf/clean', 'llm/pause', 'llm/empty', 'llm/retry/failed', 'pause']) {
    expect((await put(`/api/queues/${path}`)).status, path).toBe(405)
  }
  const llm = board.queues.find(({ name }) => name === 'llm')
  expect(await llm?.getJobState('leaf')).toBe('failed')
  expect(await llm?.isPaused()).toBe(false)
})

test('a writable dashboard obeys its own pages and refuses what a stranger’s page sends with the operator’s credentials', async () => {
  const redis = await sharedRedis()
  await failedFlow(redis)
  const { put, board, ready } = await serve(redis, { writable: true })
  await ready()
  const llm = board.queues.find(({ name }) => name === 'llm')
  const retry = '/api/queues/llm/leaf/retry'
  expect((await put(retry, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await put(retry, { origin: 'https://evil.example' })).status).toBe(403)
  expect(await llm?.getJobState('leaf')).toBe('failed')
  expect((await put(retry, { 'sec-fetch-site': 'same-origin' })).status).toBeLessThan(300)
  expect(await llm?.getJobState('leaf')).toBe('waiting')
  for (const path of ['llm/obliterate', 'llm/empty', 'llm/leaf/clean', 'llm/concurrency']) {
    expect((await put(`/api/queues/${path}`)).status, path).toBe(405)
  }
})

test('where Redis runs and how it does is nobody’s business', async () => {
  const { get, ready } = await serve(await sharedRedis())
  await ready()
  expect((await get('/api/redis/stats')).status).toBe(403)
})

test('without Redis the dashboard says so at once, is not ready, and recovers', async () => {
  const redis = await testRedis({ private: true })
  onTestFinished(() => redis.stop())
  await redis.kill()
  const { get, ready } = await serve(redis)
  expect((await get('/api/queues')).status).toBe(503)
  expect((await get('/readyz', {})).status).toBe(503)
  expect((await get('/healthz', {})).status).toBe(200)
  await redis.restart()
  await ready()
  expect((await get('/api/queues')).status).toBe(200)
  expect((await get('/readyz', {})).status).toBe(200)
})
