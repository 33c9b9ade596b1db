import { type QueueName, queues } from '@code-agent/jobs/steps'
import { Queue } from 'bullmq'
import { connectRedis } from './connect.ts'
import { forbiddenCommands } from './redis-rights.ts'

export type RedisFacts = {
  version: string
  role: string
  /** Append-only file: what was acknowledged survives a restart. */
  appendOnly: boolean
  evictionPolicy: string
  /** The best of three. */
  pingMs: number
  /** Undefined where the server keeps CLIENT LIST to itself. */
  workers: Record<QueueName, number> | undefined
  /** Under which other prefixes workers are connected: somebody may have told them another one. */
  otherPrefixes: string[]
  failed: Record<QueueName, number>
  /** Commands that queues need and this user may not give. */
  forbidden: string[]
}

const giveUpMs = 5_000

/** What an operator wants to know of Redis and the queues in it. @throws when it does not answer */
export async function inspectRedis(options: { redisUrl: string; prefix: string }): Promise<RedisFacts> {
  const problem = Promise.withResolvers<never>()
  const connection = connectRedis({ url: options.redisUrl, commandTimeoutMs: giveUpMs, onError: problem.reject })
  const late = setTimeout(() => problem.reject(new Error(`Redis did not answer within ${giveUpMs} ms`)), giveUpMs)
  try {
    await Promise.race([new Promise<void>(resolve => connection.client.once('ready', resolve)), problem.promise])
    return await facts(connection.client, options.prefix)
  } finally {
    clearTimeout(late)
    connection.close()
  }
}

async function facts(client: ReturnType<typeof connectRedis>['client'], prefix: string): Promise<RedisFacts> {
  const pings = [await timed(() => client.ping()), await timed(() => client.ping()), await timed(() => client.ping())]
  const forbidden = await forbiddenCommands(client, prefix)
  const info = new Map((await client.info()).split(/\r?\n/).map(line => splitOnce(line)))
  const all = queues.map(name => {
    const queue = new Queue(name, { connection: client, prefix, skipVersionCheck: true })
    queue.on('error', () => {})
    return { name, queue }
  })
  const count = async (of: (queue: Queue) => Promise<number>) =>
    Object.fromEntries(
      await Promise.all(all.map(async ({ name, queue }) => [name, await of(queue)] as const)),
    ) as Record<QueueName, number>
  return {
    version: info.get('redis_version') ?? '',
    role: info.get('role') ?? '',
    appendOnly: info.get('aof_enabled') === '1',
    evictionPolicy: info.get('maxmemory_policy') ?? '',
    pingMs: Math.min(...pings),
    workers: await count(queue => queue.getWorkersCount()).catch(() => undefined),
    otherPrefixes: await otherPrefixes(client, prefix).catch(() => []),
    // Counting takes scripts and keys: who lacks rights is told so, not refused an answer.
    failed: await count(async queue => (forbidden.length > 0 ? 0 : await queue.getFailedCount())),
    forbidden,
  }
}

/** BullMQ names the connections of a worker `prefix:queue`, the queue in base64. */
async function otherPrefixes(client: ReturnType<typeof connectRedis>['client'], own: string): Promise<string[]> {
  const named = queues.map(name => `:${Buffer.from(name).toString('base64')}`)
  const clients = String(await client.client('LIST')).split('\n')
  const prefixes = clients.flatMap(line => {
    const name = / name=(\S+)/.exec(line)?.[1] ?? ''
    return named.flatMap(end => (name.includes(end) ? [name.slice(0, name.indexOf(end))] : []))
  })
  return [...new Set(prefixes)].filter(prefix => prefix !== own)
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await ask()
  return Math.round((performance.now() - begun) * 10) / 10
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
}
