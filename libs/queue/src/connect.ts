import { redisAddress } from '@code-agent/jobs/redis-address'
import { Redis, type RedisOptions } from 'ioredis'

export type RedisConnection = {
  client: Redis
  /** Whether a command sent now would be written to the socket now. */
  isReady(): boolean
  /** Rejects, within `timeoutMs`, if Redis does not answer. */
  ping(): Promise<void>
  close(): void
}

/** BullMQ blocks for 10 s at most, so whoever is silent for longer than that is gone. */
const silenceMs = 20_000

/**
 * Reconnects for ever, at most 2 s apart; READONLY is a replica that was our primary before a failover. A connection on
 * which nothing comes back for 20 s is given up: without a word of its end, TCP believes in it for a quarter of an hour.
 */
export function steadyConnection(isClosed: () => boolean = () => false) {
  return {
    retryStrategy: attempt => (isClosed() ? null : Math.min(attempt * 100, 2_000)),
    reconnectOnError: error => (error.message.startsWith('READONLY') ? 2 : false),
    connectTimeout: 5_000,
    socketTimeout: silenceMs,
    // Behind Sentinels only. A primary that was merely slow goes on believing in itself: whoever hears of its successor leaves it.
    sentinelRetryStrategy: attempt => (isClosed() ? null : Math.min(attempt * 100, 2_000)),
    sentinelCommandTimeout: 3_000,
    failoverDetector: true,
  } satisfies RedisOptions
}

function redisClient(url: string, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const address = redisAddress(url)
  return 'url' in address ? new Redis(address.url, options) : new Redis({ ...options, ...address })
}

/**
 * A client for producers: a command is written now or rejected now, and rejected after `commandTimeoutMs` without reply.
 * Redis may be down at the start and any time later: the client keeps trying in the background, `isReady` tells.
 * Commands in flight when the connection breaks are not sent again: an add that ran twice can hang its flow.
 */
export function connectRedis(options: {
  url: string
  commandTimeoutMs?: number
  onError?: (error: Error) => void
}): RedisConnection {
  const client = redisClient(options.url, {
    ...steadyConnection(),
    reconnectOnError: error => (error.message.startsWith('READONLY') ? 1 : false),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: options.commandTimeoutMs ?? 5_000,
    // One that did not answer in time will not answer the next command either.
    socketTimeout: options.commandTimeoutMs ?? 5_000,
  })
  client.on('error', options.onError ?? (() => {}))
  // The first attempt's rejection is the 'error' event above; retryStrategy goes on.
  client.connect().catch(() => {})
  return {
    client,
    // After disconnect() the status lags behind the socket.
    isReady: () => client.status === 'ready' && client.stream.writable,
    async ping() {
      await client.ping()
    },
    close: () => client.disconnect(),
  }
}
