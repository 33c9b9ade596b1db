import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStart } from './process-lock.mjs'

/** Folder that survives between runs, inside the project and not in git. */
export const cacheFolder: string = join(import.meta.dirname, '..', '.cache')

const POLL_MS = 10
const MEMORY_FOLDER = '/dev/shm'
const MEMORY_ROOM_BYTES = 4 * 1024 ** 3

export type ServerProcess = {
  pid: number
  /** False as soon as the process has ended. */
  isRunning(): boolean
  /** Sends `signal` and waits for the end; after `graceMs` sends SIGKILL. */
  end(signal: NodeJS.Signals, graceMs?: number): Promise<void>
}

export type ServerCommand = {
  command: string[]
  /** Commands that change who runs it (unshare, setpriv --reuid): they clear the parent-death signal, so they go first. */
  asUser?: string[]
  /** What the operating system sends when the parent dies, and what a stop sends first. */
  endSignal: NodeJS.Signals
  logFile: string
}

/** Whether a program can be started here, found on the PATH; undefined if not. */
export function findOnPath(program: string): string | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The end of a server's log, for an error message. */
export function lastLines(logFile: string, lines = 8): string {
  try {
    return readFileSync(logFile, 'utf8').trim().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago; whoever uses it retries when somebody was quicker. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP address for a free port')
  return address.port
}

/**
 * A new private folder, named for its owner, so that what a killed owner left behind is removed by the next start.
 * `inMemory` puts it on a memory file system with plenty of room, if there is one: there making a thousand
 * small files, as each Postgres database has, takes milliseconds.
 */
export async function temporaryFolder(kind: string, { inMemory = false } = {}): Promise<string> {
  const prefix = `code-agent-${kind}-`
  const base = inMemory && hasRoom(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir()
  removeLeftovers(base, prefix)
  return await mkdtemp(join(base, `${prefix}${process.pid}-${ownerStart(process.pid)}-`))
}

function removeLeftovers(base: string, prefix: string): void {
  for (const name of readdirSync(base)) {
    const owner = name.startsWith(prefix) ? /^(\d+)-(\d+)-/.exec(name.slice(prefix.length)) : null
    if (!owner || ownerStart(Number(owner[1])) === owner[2]) continue
    try {
      rmSync(join(base, name), { recursive: true, force: true })
    } catch {
      // Another user's, or another start is removing it at this moment.
    }
  }
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= MEMORY_ROOM_BYTES
  } catch {
    return false
  }
}

function ownerStart(pid: number): string {
  return (processStart(pid) ?? '').replace(/\D/g, '') || '0'
}

// Where setpriv is missing (macOS): the pipe closes when the parent dies, however it dies.
function watchParent(pid: number, endSignal: NodeJS.Signals): ChildProcess {
  const script = `cat >/dev/null; kill -${endSignal.slice(3)} ${pid} 2>/dev/null`
  const watcher = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  watcher.unref()
  return watcher
}

/**
 * Starts a server that dies with this process (the thread that calls, to be exact), in a process group of its own:
 * Ctrl-C in a terminal reaches the owner only, which then stops its servers in order.
 */
export function startServerProcess(server: ServerCommand): ServerProcess {
  mkdirSync(dirname(server.logFile), { recursive: true })
  const log = openSync(server.logFile, 'a')
  const setpriv = findOnPath('setpriv')
  const dieWithParent = setpriv ? [setpriv, '--pdeathsig', server.endSignal.slice(3)] : []
  const [program = '', ...args] = [...(server.asUser ?? []), ...dieWithParent, ...server.command]
  const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  let running = child.pid !== undefined
  const ended = new Promise<void>(resolve => {
    const end = () => {
      running = false
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  child.unref()
  const pid = child.pid ?? -1
  const watcher = running && !setpriv ? watchParent(pid, server.endSignal) : undefined
  return {
    pid,
    isRunning: () => running,
    async end(signal, graceMs = 10_000) {
      watcher?.kill('SIGKILL')
      if (!running) return
      child.ref()
      child.kill(signal)
      const force = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(force)
    },
  }
}

/** Polls until `isReady` says true; false when the server ended or `timeoutMs` passed. */
export async function waitUntilReady(
  server: ServerProcess,
  isReady: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (server.isRunning() && Date.now() < deadline) {
    if (await isReady()) return true
    await sleep(POLL_MS)
  }
  return false
}

/** One line sent, one answer read; undefined when nobody answers within a second. */
export async function askTcp(port: number, line: string): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
  try {
    return await new Promise<string | undefined>(resolve => {
      socket.on('connect', () => socket.write(line))
      socket.on('data', data => resolve(data.toString()))
      socket.on('timeout', () => resolve(undefined))
      socket.on('error', () => resolve(undefined))
      socket.on('close', () => resolve(undefined))
    })
  } finally {
    socket.destroy()
  }
}
