import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { boundPort } from '@code-agent/service/health'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { signatureOf, signingKey } from '@code-agent/service/webhook-signature'
import { type TestStore, testStore } from '@code-agent/store/test-store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildGateway } from './gateway.ts'
import { commentDelivery } from './test-delivery.ts'

const key = signingKey(`whsec_${randomBytes(32).toString('base64')}`)
const basic = { authorization: `Basic ${Buffer.from('hook:correct horse').toString('base64')}` }
let database: TestStore
let app: Awaited<ReturnType<typeof buildGateway>>
let url: string

beforeAll(async () => {
  database = await testStore()
  app = await buildGateway({
    store: database.store,
    credentials: { basic: { username: 'hook', passwords: ['correct horse'] }, hmac: { keys: [key] } },
    ...{ organisation: 'contoso', maxVariants: 8, metrics: createMetrics('gateway') },
    log: createLog({ service: 'gateway', level: 'silent' }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${boundPort(app)}/webhooks/azure-devops`
})
afterAll(async () => {
  await app?.close()
  await database?.stop()
})

type Hostile = { body: string | Buffer; headers?: Record<string, string> }

async function post({ body, headers = {} }: Hostile): Promise<number> {
  const sent = typeof body === 'string' ? body : new Uint8Array(body)
  const all = { 'content-type': 'application/json', ...headers }
  const response = await fetch(url, { method: 'POST', body: sent, headers: all })
  await response.arrayBuffer()
  return response.status
}

function signed(body: string, id: string, at = Date.now() / 1000): Hostile {
  const timestamp = String(Math.floor(at))
  const signature = signatureOf(key, id, timestamp, Buffer.from(body))
  return { body, headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } }
}

const runs = async () => (await database.query('SELECT 1 FROM runs')).length
const command = commentDelivery({ text: '/edit /8 x' })
const repositoryOf = (id: string, project = '9a0e0000-0000-4000-8000-000000000003') =>
  JSON.stringify(command)
    .replace('c0de0000-0000-4000-8000-000000000002', id)
    .replace('9a0e0000-0000-4000-8000-000000000003', project)

/** What strangers send, and what somebody sends who got hold of the password but not of Azure DevOps. */
const hostile: Hostile[] = [
  { body: JSON.stringify(command) },
  { body: JSON.stringify(command), headers: { authorization: 'Basic ####' } },
  { body: JSON.stringify(command), headers: { authorization: `Basic ${'A'.repeat(12_000)}` } },
  { body: JSON.stringify(command), headers: { authorization: 'Basic \u00e4\u00f6' } },
  {
    body: JSON.stringify(command),
    headers: { 'webhook-id': 'x', 'webhook-timestamp': '1e9', 'webhook-signature': 'v1,' },
  },
  { body: '['.repeat(200_000), headers: basic },
  { body: '{"__proto__":{"eventType":"x"},"constructor":{"prototype":{"a":1}}}', headers: basic },
  { body: `\uFEFF${'{"a":'.repeat(10_000)}`, headers: basic },
  { body: gzipSync('x'.repeat(5_000_000)), headers: { ...basic, 'content-encoding': 'gzip' } },
  { body: Buffer.from([0xff, 0x00, 0xfe]), headers: basic },
  { body: repositoryOf('../../_apis/x'), headers: basic },
  { body: repositoryOf('%2e%2e', '..'), headers: basic },
  { body: repositoryOf('c0de0000-0000-4000-8000-000000000002', 'https://evil.example/'), headers: basic },
  { body: JSON.stringify(commentDelivery({ text: '\uFF0F\uFF45\uFF44\uFF49\uFF54 x' })), headers: basic },
  { body: JSON.stringify(commentDelivery({ text: '/\u0435dit x' })), headers: basic },
  { body: JSON.stringify(commentDelivery({ text: `${' '.repeat(100_000)}/edit x` })), headers: basic },
  { body: JSON.stringify(commentDelivery({ text: '> /edit x' })), headers: basic },
  { body: JSON.stringify(commentDelivery({ commentId: -1, text: '/edit x' })), headers: basic },
  { body: 'y'.repeat(600_000), headers: basic },
]

test('rows 1, 3, 6 and 18: 1,000 hostile webhooks make no run, no 5xx, and no memory of themselves', {
  timeout: 120_000,
}, async () => {
  const statuses = new Map<number, number>()
  const send = async (from: number, count: number) => {
    for (let n = from; n < from + count; n += 20) {
      const some = Array.from({ length: 20 }, (_, m) => hostile[(n + m) % hostile.length]).filter(
        one => one !== undefined,
      )
      for (const status of await Promise.all(some.map(post))) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await send(0, 200)
  const before = process.memoryUsage().heapUsed
  await send(200, 800)
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000)
  expect([...statuses.keys()].filter(status => status >= 500)).toEqual([])
  expect(await runs()).toBe(0)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(80_000_000)
})

test('rows 2 and 18: a flood of what is authentic is never answered with 4xx', async () => {
  const bodies = Array.from({ length: 300 }, (_, n) =>
    JSON.stringify(commentDelivery({ commentId: n + 1, text: 'hello' })),
  )
  const statuses = await Promise.all(bodies.map(body => post({ body, headers: basic })))
  expect(new Set(statuses)).toEqual(new Set([202]))
})

test('row 2: the same delivery again, under whichever id and to whichever gateway, makes no second run', async () => {
  const body = JSON.stringify(commentDelivery({ commentId: 5_000, text: '/edit once' }))
  const before = await runs()
  const again = Array.from({ length: 50 }, (_, n) => signed(body, `msg_${n % 7}`))
  expect(new Set(await Promise.all(again.map(post)))).toEqual(new Set([202]))
  expect(await runs()).toBe(before + 1)
  // As in thirty days: the run has long ended, and nothing is remembered outside Postgres.
  await database.query(`UPDATE runs SET state = 'ended', outcome = 'done', ended_at = now() - interval '30 days',
    created_at = now() - interval '30 days'`)
  expect(await post(signed(body, 'msg_later'))).toBe(202)
  expect(await post(signed(body, 'msg_0', Date.now() / 1000 - 30 * 86_400))).toBe(401)
  expect(await runs()).toBe(before + 1)
})

test('row 14: no address of a payload is ever asked', async () => {
  let connections = 0
  const trap = createServer(socket => {
    connections++
    socket.destroy()
  })
  await new Promise<void>(resolve => trap.listen(0, '127.0.0.1', resolve))
  const address = trap.address()
  const evil = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
  const delivery = {
    ...commentDelivery({ commentId: 6_000, text: '/edit x' }),
    resourceContainers: { collection: { id: 'evil', baseUrl: `${evil}/` }, account: { baseUrl: evil } },
    url: `${evil}/x`,
  }
  const body = JSON.stringify(delivery).replaceAll('https://example.invalid', evil)
  expect(body).toContain(evil)
  expect(await post({ body, headers: basic })).toBe(202)
  expect(connections).toBe(0)
  const [run] = await database.store.runs({ limit: 1 })
  expect(JSON.stringify(run)).not.toContain(evil)
  expect(run?.key.organisation).toBe('contoso')
  trap.close()
})
