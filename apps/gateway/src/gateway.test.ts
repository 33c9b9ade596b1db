import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { boundPort } from '@code-agent/service/health'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { signatureOf, signingKey } from '@code-agent/service/webhook-signature'
import { migrate } from '@code-agent/store/migrate'
import { openStore, type Store } from '@code-agent/store/store'
import { testPostgres } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildGateway } from './gateway.ts'
import { commentDelivery } from './test-delivery.ts'

const basic = { authorization: `Basic ${Buffer.from('hook:correct horse').toString('base64')}` }
const key = signingKey(`whsec_${randomBytes(32).toString('base64')}`)
const bot = 'b0700000-0000-4000-8000-00000000000b'
let database: Awaited<ReturnType<typeof testPostgres>>
let store: Store
let app: Awaited<ReturnType<typeof buildGateway>>
let url: string
let comment = 0

beforeAll(async () => {
  database = await testPostgres()
  await migrate({ url: database.url })
  store = openStore({ url: database.url })
  await store.saveIdentity({ organisation: 'contoso', id: bot, displayName: 'Code Agent' })
  app = await build(store)
  url = `http://127.0.0.1:${boundPort(app)}/webhooks/azure-devops`
})

afterAll(async () => {
  await app?.close()
  await store?.close()
  await database?.stop()
})

beforeEach(() => {
  comment += 1
})

async function build(on: Parameters<typeof buildGateway>[0]['store']) {
  const gateway = await buildGateway({
    store: on,
    credentials: { basic: { username: 'hook', passwords: ['correct horse', 'former horse'] }, hmac: { keys: [key] } },
    organisation: 'contoso',
    maxVariants: 8,
    metrics: createMetrics('gateway'),
    log: createLog({ service: 'gateway', level: 'silent' }),
  })
  await gateway.listen({ host: '127.0.0.1', port: 0 })
  return gateway
}

async function send(
  body: unknown,
  headers: Record<string, string> = basic,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: response.status, body: JSON.parse((await response.text()) || '{}') }
}

async function openRuns() {
  return (await store.runs({ filter: { organisation: 'contoso' }, limit: 1_000 })).length
}

test('a command becomes one run, however often and in whatever order it is delivered', async () => {
  const delivery = commentDelivery({ commentId: comment, text: '/edit /3 make buttons red\nand round' })
  const before = await openRuns()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send({ ...delivery, notificationId: n })))
  expect(answers.every(answer => answer.status === 202)).toBe(true)
  expect(answers.filter(answer => answer.body.outcome === 'accepted')).toHaveLength(1)
  expect(await openRuns()).toBe(before + 1)
  const [run] = await store.runs({ limit: 1 })
  expect(run).toMatchObject({ intent: 'make buttons red\nand round', variantCount: 3, state: 'accepted' })
})

test.each([
  ['no header', {}],
  ['an empty one', { authorization: '' }],
  ['another scheme', { authorization: 'Bearer correct horse' }],
  ['a wrong user', { authorization: `Basic ${Buffer.from('hooks:correct horse').toString('base64')}` }],
  ['a wrong password', { authorization: `Basic ${Buffer.from('hook:wrong').toString('base64')}` }],
  ['no colon', { authorization: `Basic ${Buffer.from('hook').toString('base64')}` }],
  ['bytes that are no text', { authorization: `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x80]).toString('base64')}` }],
  ['a long one', { authorization: `Basic ${'A'.repeat(8_000)}` }],
])('a caller with %s is turned away and leaves nothing behind', async (_what, headers) => {
  const before = await openRuns()
  expect((await send(commentDelivery({ commentId: comment }), headers)).status).toBe(401)
  expect(await openRuns()).toBe(before)
})

test('the password before the last change still works', async () => {
  const former = { authorization: `Basic ${Buffer.from('hook:former horse').toString('base64')}` }
  expect((await send(commentDelivery({ commentId: comment }), former)).status).toBe(202)
})

function signed(body: string, over: { id?: string; at?: number; key?: Buffer } = {}): Record<string, string> {
  const id = over.id ?? 'msg_1'
  const timestamp = String(Math.floor(over.at ?? Date.now() / 1000))
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,bm9uc2Vuc2U= ${signatureOf(over.key ?? key, id, timestamp, Buffer.from(body))}`,
  }
}

test('a signed delivery is taken over its raw bytes, whatever parsing would make of them', async () => {
  const body = JSON.stringify(commentDelivery({ commentId: comment })).replace(
    '"publisherId":"tfs"',
    '"publisherId":"\\u0074fs","n":1.0,"big":12345678901234567890',
  )
  expect(await send(body, signed(body))).toMatchObject({ status: 202, body: { outcome: 'accepted' } })
})

test.each([
  ['too old', (body: string) => signed(body, { at: Date.now() / 1000 - 301 })],
  ['from the future', (body: string) => signed(body, { at: Date.now() / 1000 + 301 })],
  ['of another key', (body: string) => signed(body, { key: randomBytes(32) })],
  ['of another body', () => signed('{}')],
  [
    'with another time',
    (body: string) => ({ ...signed(body), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 5) }),
  ],
  ['without an id', (body: string) => ({ ...signed(body), 'webhook-id': '' })],
])('a signature %s is none', async (_what, headers) => {
  const body = JSON.stringify(commentDelivery({ commentId: comment }))
  expect((await send(body, headers(body))).status).toBe(401)
})

test.each([
  ['no body', '', 'unreadable'],
  ['no JSON', '{"eventType":', 'unreadable'],
  ['another event', commentDelivery({ eventType: 'git.push' }), 'other-event'],
  ['resource version 1.0', commentDelivery({ resourceVersion: '1.0' }), 'other-version'],
  ['a deleted comment', commentDelivery({ deleted: true }), 'deleted'],
  ['an edited comment', commentDelivery({ edited: true }), 'edited'],
  ['a vote', commentDelivery({ commentType: 'system' }), 'system-comment'],
  ['a plain comment', commentDelivery({ text: 'looks good' }), 'no-command'],
  ['a command further down', commentDelivery({ text: 'please\n/edit x' }), 'no-command'],
  ['another bot’s command', commentDelivery({ text: '/review' }), 'no-command'],
  ['the bot’s own comment', commentDelivery({ text: '/edit make it so', authorId: bot }), 'own-comment'],
  ['a build’s command', commentDelivery({ descriptor: 'svc.YnVpbGQ' }), 'service-account'],
  ['a quoted command', commentDelivery({ text: '> /edit /3 make buttons red' }), 'no-command'],
  ['a body of 3 MB', { ...commentDelivery({}), padding: 'x'.repeat(3_000_000) }, 'too-large'],
])('%s is acknowledged and ignored', async (_what, body, because) => {
  const before = await openRuns()
  expect(await send(body)).toEqual({ status: 202, body: { outcome: 'ignored', because } })
  expect(await openRuns()).toBe(before)
})

test.each([
  'text/plain',
  'application/json; charset=utf-8',
  'application/json garbage',
  'no/such/type',
  'application/x-www-form-urlencoded',
])('an authentic delivery as %s never meets another code than 2xx', async contentType => {
  expect(
    (await send(commentDelivery({ commentId: comment, text: 'hello' }), { ...basic, 'content-type': contentType }))
      .status,
  ).toBe(202)
})

test.each(['/edit', '/edit /0 x', '/edit /999 x', '/edit /3', '/help', `/edit ${'x'.repeat(100_000)}`])(
  '%.20s gets one answer in its thread, and no run',
  async text => {
    const before = await openRuns()
    const delivery = commentDelivery({ text, commentId: comment, threadId: 99 })
    const [first, second] = [await send(delivery), await send(delivery)]
    expect([first.status, second.status]).toEqual([202, 202])
    expect(first.body.outcome).toBe('answered')
    expect(second.body.taskId).toBe(first.body.taskId)
    expect(await openRuns()).toBe(before)
  },
)

test('a stranger’s body is not read further than 2 MB', async () => {
  const body = 'x'.repeat(3_000_000)
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { ...signed('other'), 'content-type': 'application/json' },
  }).catch(() => undefined)
  expect(response === undefined || [401, 413].includes(response.status)).toBe(true)
})

test('without a database the sender is told to try again, at once', async () => {
  const gone = openStore({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const gateway = await build(gone)
  const started = performance.now()
  const response = await fetch(`http://127.0.0.1:${boundPort(gateway)}/webhooks/azure-devops`, {
    method: 'POST',
    headers: { ...basic, 'content-type': 'application/json' },
    body: JSON.stringify(commentDelivery({ commentId: comment })),
  })
  expect(response.status).toBe(503)
  expect(performance.now() - started).toBeLessThan(3_000)
  expect((await fetch(`http://127.0.0.1:${boundPort(gateway)}/readyz`)).status).toBe(503)
  expect((await fetch(`http://127.0.0.1:${boundPort(gateway)}/healthz`)).status).toBe(200)
  await gateway.close()
  await gone.close()
})

test('a sender that never finishes is not waited for by the others', async () => {
  const socket = connect(boundPort(app), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    `POST /webhooks/azure-devops HTTP/1.1\r\nhost: x\r\nauthorization: ${basic.authorization}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`,
  )
  expect((await send(commentDelivery({ commentId: comment, text: 'hello' }))).status).toBe(202)
  socket.destroy()
})

test('what became of deliveries is counted', async () => {
  await send(commentDelivery({ text: 'hello' }))
  const metrics = await (await fetch(`http://127.0.0.1:${boundPort(app)}/metrics`)).text()
  expect(metrics).toMatch(/code_agent_webhook_duration_seconds_count\{[^}]*outcome="ignored"[^}]*\} [1-9]/)
})
