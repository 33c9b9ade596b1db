import { randomUUID } from 'node:crypto'
import { signatureOf, signingKey } from '@code-agent/service/webhook-signature'
import { type Check, fail, ok, reasonOf, unset, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'

const timeoutMs = 10_000

/** As Azure DevOps' Test button: a comment that is no command, on a pull request nobody has. */
const testEvent = {
  id: 'af07be1b-f3ad-44c8-a7f1-c4835f2df06b',
  eventType: 'ms.vss-code.git-pullrequest-comment-event',
  publisherId: 'tfs',
  resourceVersion: '2.0',
  resource: {
    comment: { id: 2, content: 'This is my comment.', commentType: 'text' },
    pullRequest: { pullRequestId: 1 },
  },
}

/** Whether the gateway is where the hooks deliver to, sends strangers away, and takes what is authentic. */
export async function checkWebhook(settings: DoctorSettings): Promise<Check[]> {
  const { WEBHOOK_URL: url } = settings
  if (url === undefined)
    return [unset('webhook', 'WEBHOOK_URL', 'https://…/webhooks/azure-devops, where the service hooks deliver to')]
  const body = JSON.stringify(testEvent)
  try {
    const stranger = await post(url, body, {})
    return [addressOf(url), strangerOf(stranger), await authenticOf(settings, url, body)]
  } catch (error) {
    return [
      fail(
        'webhook',
        `${url} does not answer: ${reasonOf(error)}`,
        'Is the gateway up, and its address reachable from outside (name, certificate, ingress)?',
      ),
    ]
  }
}

function addressOf(url: string): Check {
  const { protocol, hostname, pathname } = new URL(url)
  const name = 'webhook address'
  if (protocol !== 'https:')
    return warn(
      name,
      `${url} is not https: Azure DevOps Services sends no password to it`,
      'Put TLS in front of the gateway, and use its https address in WEBHOOK_URL.',
    )
  if (hostname === 'localhost' || /^(127|10|192\.168|169\.254)\./.test(hostname))
    return warn(
      name,
      `${hostname} cannot be reached by Azure DevOps Services`,
      'Use the public address of the gateway, or of the relay.',
    )
  if (!pathname.endsWith('/webhooks/azure-devops'))
    return warn(
      name,
      `its path is ${pathname}`,
      'The gateway listens at /webhooks/azure-devops; fine if something in front rewrites it.',
    )
  return ok(name, url)
}

function strangerOf(status: number): Check {
  const name = 'webhook and strangers'
  if (status === 401) return ok(name, 'who shows no credential is sent away (401)')
  if (status === 404)
    return fail(name, 'there is no webhook at this path (404)', 'WEBHOOK_URL ends in /webhooks/azure-devops.')
  return fail(
    name,
    `who shows no credential gets ${status}, not 401`,
    'Something else answers at WEBHOOK_URL, or a proxy adds credentials.',
  )
}

async function authenticOf(settings: DoctorSettings, url: string, body: string): Promise<Check> {
  const name = 'webhook and Azure DevOps'
  const headers = credentials(settings, body)
  if (headers === undefined)
    return unset(
      name,
      'WEBHOOK_USERNAME, WEBHOOK_PASSWORD',
      'as the gateway has them (or WEBHOOK_HMAC_SECRET behind a relay)',
    )
  const status = await post(url, body, headers)
  if (status >= 200 && status < 300) return ok(name, `a test event is taken (${status})`)
  if (status === 503)
    return fail(
      name,
      'the gateway cannot make deliveries durable (503)',
      'Its database does not answer: see the postgres checks.',
    )
  return fail(
    name,
    `a test event with our credentials gets ${status}`,
    'The gateway has other credentials: compare WEBHOOK_USERNAME and WEBHOOK_PASSWORD.',
  )
}

function credentials(settings: DoctorSettings, body: string): Record<string, string> | undefined {
  const { WEBHOOK_USERNAME: user, WEBHOOK_PASSWORD: password, WEBHOOK_HMAC_SECRET: secret } = settings
  if (user !== undefined && password !== undefined)
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  if (secret === undefined) return undefined
  const id = `doctor-${randomUUID()}`
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const signature = signatureOf(signingKey(secret), id, timestamp, Buffer.from(body))
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const signal = AbortSignal.timeout(timeoutMs)
  const request = { method: 'POST', body, signal, redirect: 'manual' as const }
  const response = await fetch(url, { ...request, headers: { 'content-type': 'application/json', ...headers } })
  await response.body?.cancel()
  return response.status
}
