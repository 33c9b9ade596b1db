import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LoopbackServer, startLoopbackServer } from '../loopback-server.ts'
import { redisCommand } from '../redis-binary.ts'
import { type RedisServer, startRedis } from '../redis-server.ts'
import { askTcp } from '../server-process.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { sparesFullDisk } from './file-limit.ts'
import { type RedisPair, sayTo, troubles } from './redis-pair.ts'

const group = 'chaos'
/** Longer than a line is cut for, so that who is merely cut off is not given up. */
const downAfterMs = 3_500
const promotionMs = 90_000

type Member = { server: RedisServer; line: FaultProxy }

/**
 * A primary and a replica as the production of others has them: three Sentinels watch, and one of the two takes over when
 * they say so. Everybody, Sentinels and replica included, reaches either server through its proxy.
 */
export async function startSentinelTrio(): Promise<RedisPair> {
  const members = [await startMember(), await startMember()]
  const [first, second] = members
  if (!first || !second) throw new Error('a pair has two')
  await sayTo(second.server.port, `REPLICAOF 127.0.0.1 ${first.line.port}`)
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(first.line.port)))
  await until('the Sentinels know each other and the replica', async () => {
    const known = await Promise.all(sentinels.map(({ port }) => askTcp(port, `SENTINEL CKQUORUM ${group}\r\n`)))
    const replicas = await askTcp(sentinels[0]?.port ?? 0, `SENTINEL REPLICAS ${group}\r\n`)
    return known.every(answer => answer?.startsWith('+OK 3')) && replicas?.includes(`:${second.line.port}`) === true
  })

  async function primary(): Promise<Member> {
    for (const { port } of sentinels) {
      const answer = await askTcp(port, `SENTINEL GET-MASTER-ADDR-BY-NAME ${group}\r\n`)
      const found = members.find(({ line }) => answer?.includes(`\r\n${line.port}\r\n`))
      if (found) return found
    }
    throw new Error('no Sentinel names a primary')
  }

  const all = (act: (line: FaultProxy) => void) => () => {
    for (const { line } of members) act(line)
  }
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${group}`,
    line: {
      set: line => all(one => one.set(line))(),
      reset: all(one => one.reset()),
      silence: all(one => one.silence()),
    },
    ...troubles(async () => (await primary()).server),
    async failOver({ lostMs }) {
      const former = await primary()
      const changed = () =>
        until('the Sentinels name another primary', async () => (await primary().catch(() => former)) !== former)
      if (lostMs === 0) {
        await former.server.kill()
        await changed()
        // It comes back in the belief that it is the primary; the Sentinels tell it otherwise.
        await former.server.restart()
        return
      }
      // Merely slow: it wakes up and goes on serving those who did not hear of its successor.
      process.kill(former.server.pid, 'SIGSTOP')
      await changed().finally(() => process.kill(former.server.pid, 'SIGCONT'))
    },
    async stop() {
      for (const sentinel of sentinels) await sentinel.stop()
      for (const { server, line } of members) {
        await line.close()
        await server.stop()
      }
    },
  }
}

async function startMember(): Promise<Member> {
  const line = await startFaultProxy([])
  const announced = ['--replica-announce-ip', '127.0.0.1', '--replica-announce-port', String(line.port)]
  const server = await startRedis({ before: sparesFullDisk, args: announced })
  line.target([server.port])
  return { server, line }
}

async function startSentinel(primaryPort: number): Promise<LoopbackServer> {
  const program = await redisCommand()
  return await startLoopbackServer({
    name: 'redis',
    dir: undefined,
    port: undefined,
    endSignal: 'SIGTERM',
    prepare: dir => writeFile(join(dir, 'sentinel.conf'), configOf(primaryPort)),
    command: (dir, port) => {
      const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir]
      return [...program, join(dir, 'sentinel.conf'), '--sentinel', ...listen]
    },
    isReady: async ({ pid }, _dir, port) =>
      (await askTcp(port, 'INFO server\r\n'))?.includes(`process_id:${pid}\r\n`) === true,
  })
}

function configOf(primaryPort: number): string {
  return `${[
    `sentinel monitor ${group} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${group} ${downAfterMs}`,
    `sentinel failover-timeout ${group} 8000`,
    `sentinel parallel-syncs ${group} 1`,
  ].join('\n')}\n`
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + promotionMs
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${promotionMs / 1_000} s: ${what}`)
    await sleep(100)
  }
}
