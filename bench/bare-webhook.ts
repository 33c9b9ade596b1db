import { createHmac, timingSafeEqual } from 'node:crypto'
import { environment } from '@code-agent/service/environment'
import { boundPort } from '@code-agent/service/health'
import Fastify from 'fastify'
import pg from 'pg'

// A process of its own: the least that any webhook of this kind does. With DATABASE_URL it makes one insert as well.
const { HMAC_SECRET = '', DATABASE_URL } = environment()
const key = Buffer.from(HMAC_SECRET.slice(6), 'base64')
const pool = DATABASE_URL === undefined ? undefined : new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
await pool?.query(
  'CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, message text, body jsonb, at timestamptz DEFAULT now())',
)

const app = Fastify()
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
app.post('/webhooks/azure-devops', async (request, reply) => {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const header = (name: string) => String(request.headers[name] ?? '')
  const expected = createHmac('sha256', key)
    .update(`${header('webhook-id')}.${header('webhook-timestamp')}.`)
    .update(body)
    .digest()
  const given = Buffer.from(header('webhook-signature').slice(3), 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send()
  const parsed: unknown = JSON.parse(body.toString('utf8'))
  await pool?.query('INSERT INTO bare (message, body) VALUES ($1, $2)', [header('webhook-id'), JSON.stringify(parsed)])
  return reply.code(202).send({ accepted: true })
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: boundPort(app) })
process.on('SIGTERM', () => process.exit(0))
