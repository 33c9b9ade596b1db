import type { Redis } from 'ioredis'

/**
 * What the user of REDIS_URL may not do of what queues need: one command of each kind, tried on a key below `prefix`
 * that does not exist, so that nothing is read or changed.
 */
export async function forbiddenCommands(client: Redis, prefix: string): Promise<string[]> {
  const key = `${prefix}:is-it-allowed`
  const tries: readonly [command: string, ...args: (string | number)[]][] = [
    ['EVAL', "return redis.call('EXISTS', KEYS[1])", 1, key],
    ['SCRIPT', 'EXISTS', '0'.repeat(40)],
    ['GET', key],
    ['HDEL', key, 'none'],
    ['LREM', key, 0, 'none'],
    ['SREM', key, 'none'],
    ['ZREM', key, 'none'],
    ['XTRIM', key, 'MAXLEN', 1],
    ['PEXPIRE', key, 1],
    ['DEL', key],
    ['BZPOPMIN', key, 0.01],
  ]
  const forbidden: string[] = []
  for (const [command, ...args] of tries) {
    await client.call(command, ...args).catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.includes('NOPERM')) throw error
      forbidden.push(command)
    })
  }
  return forbidden
}
