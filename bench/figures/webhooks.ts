import { type ChildProcess, fork } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { startBenchServers } from '../bench-servers.ts'
import { byTurns, type Figure, figure, type Measure } from '../figure.ts'

const secret = 'whsec_c2l4dGVlbiBieXRlcyBhdCBsZWFzdCBhcmUgaW4gaGVyZQ=='
const connections = 32
const bodies = 4_000

/** Acknowledged deliveries a second, each a command: the real gateway in its own process against a bare Fastify that checks the same signature. */
export const measureWebhooks: Measure = async ({ effort, say }) => {
  const seconds = effort === 'quick' ? 2 : 6
  const rounds = effort === 'quick' ? 1 : 3
  const servers = await startBenchServers()
  const databaseUrl = await servers.databaseUrl()
  const children: ChildProcess[] = []
  try {
    const gateway = await start(children, join(import.meta.dirname, '../../apps/gateway/main.ts'), {
      DATABASE_URL: databaseUrl,
      REDIS_URL: servers.redisUrl,
      PORT: '0',
      LOG_LEVEL: 'warn',
      AZURE_DEVOPS_URL: 'https://dev.azure.com/bench',
      WEBHOOK_HMAC_SECRET: secret,
      // What is acknowledged waits: dispatching is another figure.
      MAX_ADMISSIONS: '1',
      MAX_RUNNING: '1',
    })
    const bare = await start(children, join(import.meta.dirname, '../bare-webhook.ts'), { HMAC_SECRET: secret })
    const inserting = await start(children, join(import.meta.dirname, '../bare-webhook.ts'), {
      HMAC_SECRET: secret,
      DATABASE_URL: databaseUrl,
    })
    const p99: number[] = []
    say('gateway against a bare check of the signature')
    const check = await byTurns(
      rounds,
      () => load(gateway, seconds, p99),
      () => load(bare, seconds),
    )
    say('gateway against the same check and one insert')
    const insert = await byTurns(
      rounds,
      () => load(gateway, seconds, p99),
      () => load(inserting, seconds),
    )
    return [
      figure({
        name: 'acknowledged webhooks against a bare check',
        value: check.subject,
        unit: 'req/s',
        baseline: check.baseline,
        target: '≥ 0.5',
      }),
      figure({
        name: 'acknowledged webhooks against check and insert',
        value: insert.subject,
        unit: 'req/s',
        baseline: insert.baseline,
        target: '≥ 0.9',
      }),
      figure({ name: 'acknowledgement p99, 32 connections', value: Math.max(...p99), unit: 'ms', target: '≤ 15 ms' }),
    ] satisfies Figure[]
  } finally {
    for (const child of children) child.kill('SIGTERM')
    await servers.stop()
  }
}

function start(children: ChildProcess[], main: string, env: Record<string, string>): Promise<string> {
  const child = fork(main, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.on('message', message => {
      if (typeof message === 'object' && 'port' in message && typeof message.port === 'number')
        resolve(`http://127.0.0.1:${message.port}/webhooks/azure-devops`)
    })
    child.once('exit', code => reject(new Error(`${main} ended (${code}) before it was ready`)))
  })
}

async function load(url: string, seconds: number, p99: number[] = []): Promise<number> {
  const deliveries = Array.from({ length: bodies }, signedDelivery)
  let next = 0
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [{ method: 'POST', setupRequest: request => ({ ...request, ...deliveries[next++ % bodies] }) }],
  })
  if (result.non2xx > 0) throw new Error(`${result.non2xx} of ${result.requests.total} were not acknowledged`)
  p99.push(result.latency.p99)
  return result.requests.average
}

/** 2.4 kB, as real deliveries are; a command of its own each. */
function signedDelivery(): { body: string; headers: Record<string, string> } {
  const at = '2026-03-01T10:00:00Z'
  const person = { id: randomUUID(), displayName: 'Alice Example', uniqueName: 'alice@example.com' }
  const thread = 1 + Math.floor(Math.random() * 1e9)
  const comment = {
    id: 1,
    parentCommentId: 0,
    author: person,
    content: '/edit /3 make buttons red',
    publishedDate: at,
    lastUpdatedDate: at,
    lastContentUpdatedDate: at,
    commentType: 'text',
    _links: { threads: { href: `https://x/threads/${thread}` } },
  }
  const pullRequest = {
    pullRequestId: 1,
    repository: { id: 'bench', name: 'bench', project: { id: 'bench' } },
    description: 'x'.repeat(1_500),
  }
  const body = JSON.stringify({
    subscriptionId: randomUUID(),
    notificationId: thread,
    id: randomUUID(),
    eventType: 'ms.vss-code.git-pullrequest-comment-event',
    publisherId: 'tfs',
    resource: { comment, pullRequest },
    resourceVersion: '2.0',
    createdDate: at,
  })
  const id = `msg_${thread}`
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  }
}
