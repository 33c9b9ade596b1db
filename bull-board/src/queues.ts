import { redisAddress } from '@code-agent/jobs/redis-address'
import { queues } from '@code-agent/jobs/steps'
import type { Log } from '@code-agent/service/log'
import { Queue } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'

export type BoardQueues = {
  queues: Queue[]
  isReady(): boolean
  ping(): Promise<unknown>
  close(): Promise<void>
}

/** All queues over one connection; Redis may be down now and come later. */
export function openQueues(options: { redisUrl: string; prefix: string; log: Log }): BoardQueues {
  const address = redisAddress(options.redisUrl)
  const settings: Omit<RedisOptions, 'replyMapping'> = {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: 10_000,
    retryStrategy: attempt => Math.min(attempt * 100, 2_000),
    reconnectOnError: error => (error.message.startsWith('READONLY') ? 1 : false),
  }
  const client = 'url' in address ? new Redis(address.url, settings) : new Redis({ ...settings, ...address })
  client.on('error', error => options.log.debug({ err: error }, 'Redis trouble'))
  const opened = queues.map(
    // Looking must not write; a failed version check would be remembered for ever.
    name =>
      new Queue(name, { connection: client, prefix: options.prefix, skipMetasUpdate: true, skipVersionCheck: true }),
  )
  for (const queue of opened) queue.on('error', error => options.log.debug({ err: error }, 'queue trouble'))
  return {
    queues: opened,
    isReady: () => client.status === 'ready',
    ping: () => client.ping(),
    async close() {
      await Promise.all(opened.map(queue => queue.close()))
      client.disconnect()
    },
  }
}
