import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '../redis-server.ts'
import { askTcp } from '../server-process.ts'

/** A Redis and its replica, both our own. */
export type RedisPair = {
  /** Where the primary listens now. */
  port(): number
  flush(): Promise<void>
  flushScripts(): Promise<void>
  /** kill -9, and up again after the pause with what its file holds. */
  crash(of: { pauseMs: number; loseShare?: number }): Promise<void>
  /** The replica takes over; what the primary was told in the last `lostMs` is gone. */
  failOver(of: { lostMs: number }): Promise<void>
  stop(): Promise<void>
}

export async function startRedisPair(): Promise<RedisPair> {
  let primary = await startRedis()
  let replica = await startRedis()
  await follow(replica, primary)

  return {
    port: () => primary.port,
    flush: () => say(primary, 'FLUSHALL'),
    flushScripts: () => say(primary, 'SCRIPT FLUSH'),
    async crash({ pauseMs, loseShare }) {
      await primary.kill()
      if (loseShare !== undefined) await cutTail(join(primary.dir, 'appendonlydir'), loseShare)
      await sleep(pauseMs)
      await primary.restart()
    },
    async failOver({ lostMs }) {
      await say(replica, 'REPLICAOF NO ONE')
      await sleep(lostMs)
      const former = primary
      primary = replica
      replica = former
      await follow(replica, primary)
    },
    async stop() {
      await primary.stop()
      await replica.stop()
    },
  }
}

async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await say(replica, `REPLICAOF 127.0.0.1 ${primary.port}`)
}

async function say(redis: RedisServer, command: string): Promise<void> {
  const answer = await askTcp(redis.port, `${command}\r\n`)
  if (!answer?.startsWith('+OK')) throw new Error(`Redis answered ${command} with ${answer ?? 'nothing'}`)
}

/** As if the machine had lost power before the last writes reached the disk. */
async function cutTail(folder: string, share: number): Promise<void> {
  const incremental = (await readdir(folder)).filter(name => name.endsWith('.incr.aof')).toSorted()
  const newest = incremental.at(-1)
  if (newest === undefined) return
  const file = join(folder, newest)
  const { size } = await stat(file)
  await truncate(file, Math.floor(size * (1 - share)))
}
