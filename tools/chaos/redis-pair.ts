import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '../redis-server.ts'
import { askTcp } from '../server-process.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { limitFiles, sparesFullDisk } from './file-limit.ts'

/** A Redis and its replica, both our own. */
export type RedisPair = {
  /** What the processes are told. */
  url: string
  /** All that the processes say to Redis goes through here. */
  line: Pick<FaultProxy, 'set' | 'reset' | 'silence'>
  flush(): Promise<void>
  flushScripts(): Promise<void>
  /** kill -9, and up again after the pause with what its file holds. */
  crash(of: { pauseMs: number; loseShare?: number }): Promise<void>
  /** The replica takes over; what the primary was told in the last `lostMs` is gone. */
  failOver(of: { lostMs: number }): Promise<void>
  /** No memory is left for so long. */
  starve(ms: number): Promise<void>
  /** For so long nothing more can be written to its file. */
  fillDisk(ms: number): Promise<void>
  stop(): Promise<void>
}

/** A primary and a replica that takes over when it is told to. */
export async function startRedisPair(): Promise<RedisPair> {
  let primary = await startRedis({ before: sparesFullDisk })
  let replica = await startRedis({ before: sparesFullDisk })
  await sayTo(replica.port, `REPLICAOF 127.0.0.1 ${primary.port}`)
  const line = await startFaultProxy([primary.port])

  return {
    url: `redis://127.0.0.1:${line.port}`,
    line,
    ...troubles(async () => primary),
    async failOver({ lostMs }) {
      await sayTo(replica.port, 'REPLICAOF NO ONE')
      await sleep(lostMs)
      const former = primary
      primary = replica
      replica = former
      await sayTo(replica.port, `REPLICAOF 127.0.0.1 ${primary.port}`)
      line.target([primary.port])
      line.reset()
    },
    async stop() {
      await line.close()
      await primary.stop()
      await replica.stop()
    },
  }
}

/** What can be done to one server, whichever is the primary at that moment. */
export function troubles(primary: () => Promise<RedisServer>) {
  return {
    flush: async () => await sayTo((await primary()).port, 'FLUSHALL'),
    flushScripts: async () => await sayTo((await primary()).port, 'SCRIPT FLUSH'),
    async crash({ pauseMs, loseShare }: { pauseMs: number; loseShare?: number }) {
      const server = await primary()
      await server.kill()
      if (loseShare !== undefined) await cutTail(join(server.dir, 'appendonlydir'), loseShare)
      await sleep(pauseMs)
      await server.restart()
    },
    async starve(ms: number) {
      const { port } = await primary()
      await sayTo(port, 'CONFIG SET maxmemory 1')
      await sleep(ms)
      // Whoever was started anew in between is told nothing wrong by this.
      await sayTo(port, 'CONFIG SET maxmemory 0')
    },
    async fillDisk(ms: number) {
      const { pid } = await primary()
      await limitFiles([pid], 1)
      await sleep(ms)
      await limitFiles([pid], undefined)
    },
  }
}

const patienceMs = 60_000

/** Says it again until the server, which may be on its way up, does it. */
export async function sayTo(port: number, command: string): Promise<void> {
  const until = Date.now() + patienceMs
  for (;;) {
    const answer = await askTcp(port, `${command}\r\n`)
    if (answer?.startsWith('+OK')) return
    if (Date.now() > until) throw new Error(`Redis answered ${command} with ${answer ?? 'nothing'}`)
    await sleep(50)
  }
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
