import { type QueueName, queues } from '@code-agent/jobs/steps'
import { Queue } from 'bullmq'
import { connectRedis } from './connect.ts'

export type RedisFacts = {
  version: string
  role: string
  /** Append-only file: what was acknowledged survives a restart. */
  appendOnly: boolean
  evictionPolicy: string
  pingMs: number
  /** Undefined where the server keeps CLIENT LIST to itself. */
  workers: Record<QueueName, number> | undefined
  failed: Record<QueueName, number>
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
  const begun = performance.now()
  await client.ping()
  const pingMs = Math.round((performance.now() - begun) * 10) / 10
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
    pingMs,
    workers: await count(queue => queue.getWorkersCount()).catch(() => undefined),
    failed: await count(queue => queue.getFailedCount()),
  }
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)]
}
