import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { boundPort } from '@code-agent/service/health'
import { isSigned, signingKey } from '@code-agent/service/webhook-signature'
import { afterEach, expect, test } from 'vitest'
import { buildRelay } from './relay.ts'

const secret = 'whsec_c2l4dGVlbiBieXRlcyBhdCBsZWFzdCBhcmUgaW4gaGVyZQ=='
const basic = { authorization: `Basic ${Buffer.from('hook:correct horse').toString('base64')}` }
const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function gatewayThat(answers: number) {
  const seen: { headers: IncomingHttpHeaders; body: Buffer }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    seen.push({ headers: request.headers, body: Buffer.concat(chunks) })
    response.writeHead(answers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => server.close())
  return { seen, url: `http://127.0.0.1:${boundPort({ server })}/webhooks/azure-devops` }
}

async function relayTo(target: string) {
  const relay = buildRelay({
    RELAY_TARGET: target,
    WEBHOOK_USERNAME: 'hook',
    WEBHOOK_PASSWORD: 'correct horse',
    WEBHOOK_HMAC_SECRET: secret,
  })
  closers.push(() => relay.close())
  await relay.listen({ host: '127.0.0.1', port: 0 })
  return (body: string, headers: Record<string, string> = basic) =>
    fetch(`http://127.0.0.1:${boundPort(relay)}/webhooks/azure-devops`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
}

test('a delivery is handed on byte for byte, signed over what was sent', async () => {
  const gateway = await gatewayThat(202)
  const body = '{"n":1.0,"text":"\\u0041"}'
  const response = await (await relayTo(gateway.url))(body)
  expect(response.status).toBe(202)
  const [got] = gateway.seen
  expect(got?.body.toString()).toBe(body)
  const one = (name: string) => [got?.headers[name]].flat()[0]
  const headers = { id: one('webhook-id'), timestamp: one('webhook-timestamp'), signature: one('webhook-signature') }
  expect(isSigned({ keys: [signingKey(secret)], headers, body: Buffer.from(body), now: Date.now() / 1000 })).toBe(true)
  expect(got?.headers.authorization).toBeUndefined()
})

test('a retry of a delivery bears the id of the first', async () => {
  const gateway = await gatewayThat(202)
  const send = await relayTo(gateway.url)
  await send('{"a":1}')
  await send('{"a":1}')
  await send('{"a":2}')
  const ids = gateway.seen.map(({ headers }) => headers['webhook-id'])
  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).not.toBe(ids[0])
})

test('a stranger gets 401 and nothing is handed on', async () => {
  const gateway = await gatewayThat(202)
  const send = await relayTo(gateway.url)
  expect((await send('{}', {})).status).toBe(401)
  expect((await send('{}', { authorization: `Basic ${Buffer.from('hook:wrong').toString('base64')}` })).status).toBe(
    401,
  )
  expect(gateway.seen).toEqual([])
})

test.each([400, 401, 500, 503])(
  'a gateway that answers %i becomes a 503, which the sender retries without harm',
  async status => {
    const gateway = await gatewayThat(status)
    expect((await (await relayTo(gateway.url))('{}')).status).toBe(503)
  },
)

test('a gateway that is not there becomes a 503', async () => {
  expect((await (await relayTo('http://127.0.0.1:1/'))('{}')).status).toBe(503)
})

test('a body nobody sends is acknowledged and dropped', async () => {
  const gateway = await gatewayThat(202)
  expect((await (await relayTo(gateway.url))('x'.repeat(3_000_000))).status).toBe(202)
  expect(gateway.seen).toEqual([])
})
