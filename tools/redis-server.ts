import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts'
import { redisCommand } from './redis-binary.ts'
import { askTcp } from './server-process.ts'

export type RedisOptions = {
  /** Where the data lives; kept on stop. Without it a temporary folder, removed on stop. */
  dir?: string
  /** Without it a free port of 127.0.0.1. */
  port?: number
  /** Default true: append-only file, fsynced every second. False: nothing survives a kill or restart. */
  appendonly?: boolean
  /** Further arguments of redis-server, after ours. */
  args?: string[]
  /** What to put before the command. */
  before?: string[]
}

export type RedisServer = LoopbackServer & { url: string }

/** A private Redis on 127.0.0.1 that dies with this process. Throws one sentence if there is no Redis to be had. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const program = await redisCommand()
  const server = await startLoopbackServer({
    name: 'redis',
    dir: options.dir,
    port: options.port,
    endSignal: 'SIGTERM',
    command: (dir, port) => [...(options.before ?? []), ...program, ...redisArguments(dir, port, options)],
    // A stranger's server on this port answers too: it must be ours that answers, and its data loaded.
    isReady: async ({ pid }, _dir, port) =>
      (await askTcp(port, 'INFO server\r\n'))?.includes(`process_id:${pid}\r\n`) === true &&
      (await askTcp(port, 'PING\r\n')) === '+PONG\r\n',
  })
  return Object.assign(server, { url: `redis://127.0.0.1:${server.port}` })
}

function redisArguments(dir: string, port: number, { appendonly = true, args = [] }: RedisOptions): string[] {
  return [
    ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--daemonize', 'no'],
    ...['--appendonly', appendonly ? 'yes' : 'no', '--appendfsync', 'everysec', '--save', ''],
    ...['--maxmemory-policy', 'noeviction'],
    ...args,
  ]
}
