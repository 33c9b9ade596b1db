import { createHash } from 'node:crypto'
import { basicCredentials, sameText } from '@code-agent/service/basic-authentication'
import { httpSettings, processSettings } from '@code-agent/service/settings'
import { signatureOf, signingKey } from '@code-agent/service/webhook-signature'
import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'

/**
 * Takes Azure DevOps' basic-auth delivery and hands it on signed, so that the gateway may stand in another zone and
 * trust nothing but a signature.
 */
export const RelaySettings = z.object({
  ...processSettings,
  ...httpSettings,
  RELAY_TARGET: z.url().meta({
    description: 'Where the gateway takes deliveries',
    example: 'https://gateway.internal/webhooks/azure-devops',
  }),
  WEBHOOK_USERNAME: z
    .string()
    .min(1)
    .max(256)
    .meta({ description: 'User name of the service hook', example: 'azure-devops' }),
  WEBHOOK_PASSWORD: z
    .string()
    .min(8)
    .max(256)
    .meta({ description: 'Password of the service hook', example: 'a long random text' }),
  WEBHOOK_HMAC_SECRET: z.string().min(24).meta({
    description: 'Standard Webhooks key the gateway knows too',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  }),
})
export type RelaySettings = z.infer<typeof RelaySettings>

/** Azure DevOps sends at most 2 MB; what is longer is passed on as nothing, and so ignored. */
const bodyLimit = 2 * 1024 * 1024
const forwardTimeoutMs = 10_000

/** The gateway's answer is the relay's: 2xx, or 503 when the gateway could not be reached or did not take it. */
export function buildRelay(
  settings: Pick<RelaySettings, 'RELAY_TARGET' | 'WEBHOOK_USERNAME' | 'WEBHOOK_PASSWORD' | 'WEBHOOK_HMAC_SECRET'>,
): FastifyInstance {
  const app = Fastify({ bodyLimit, logger: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) => done(null, body))
  app.get('/healthz', async () => ({ status: 'alive' }))
  app.post('/webhooks/azure-devops', async (request, reply) => {
    if (!isKnown(request.headers.authorization, settings)) {
      return reply.code(401).header('www-authenticate', 'Basic realm="code-agent"').send({ error: 'unauthenticated' })
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const status = await forward(settings, body).catch(() => 503)
    return reply.code(status).send({ forwarded: status === 202 })
  })
  // An authentic delivery never meets another code: it would put the hook on probation (azure-devops.md §1).
  app.setErrorHandler((_error, request, reply) => {
    const known = isKnown(request.headers.authorization, settings)
    return reply.code(known ? 202 : 401).send({ forwarded: false })
  })
  return app
}

async function forward(
  settings: Pick<RelaySettings, 'RELAY_TARGET' | 'WEBHOOK_HMAC_SECRET'>,
  body: Buffer,
): Promise<number> {
  const id = `msg_${deliveryId(body)}`
  const timestamp = String(Math.floor(Date.now() / 1000))
  const response = await fetch(settings.RELAY_TARGET, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signatureOf(signingKey(settings.WEBHOOK_HMAC_SECRET), id, timestamp, body),
    },
    redirect: 'error',
    signal: AbortSignal.timeout(forwardTimeoutMs),
  })
  await response.body?.cancel()
  return response.ok ? 202 : 503
}

/** The same over retries of one delivery: Azure DevOps sends the same body again. */
function deliveryId(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32)
}

function isKnown(
  authorization: string | undefined,
  settings: Pick<RelaySettings, 'WEBHOOK_USERNAME' | 'WEBHOOK_PASSWORD'>,
): boolean {
  const given = basicCredentials(authorization)
  if (!given) return false
  return [
    sameText(given.username, settings.WEBHOOK_USERNAME),
    sameText(given.password, settings.WEBHOOK_PASSWORD),
  ].every(Boolean)
}
