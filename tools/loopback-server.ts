import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  freePort,
  lastLines,
  type ServerProcess,
  startServerProcess,
  temporaryFolder,
  waitUntilReady,
} from './server-process.ts'

const ATTEMPTS = 10
const PAUSE_MS = 100

export type LoopbackServer = {
  port: number
  dir: string
  /** Of the process that runs now; another one after restart(). */
  readonly pid: number
  /** SIGKILL, as a crash would be. */
  kill(): Promise<void>
  /** Starts again with the same folder and port; ends the running process first. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export type LoopbackRecipe = {
  name: 'redis' | 'postgres' | 'prometheus'
  /** Where the data lives; kept on stop. Without it a temporary folder, removed on stop. */
  dir: string | undefined
  /** Without it a free port of 127.0.0.1. */
  port: number | undefined
  /** Whether a temporary folder may lie in memory. */
  inMemory?: boolean
  asUser?: string[]
  endSignal: NodeJS.Signals
  /** Called once, with the folder made. */
  prepare?(dir: string): Promise<void>
  command(dir: string, port: number): string[]
  isReady(server: ServerProcess, dir: string, port: number): boolean | Promise<boolean>
}

/** A server on 127.0.0.1 in a folder of its own; throws with the end of its log when it does not start. */
export async function startLoopbackServer(recipe: LoopbackRecipe): Promise<LoopbackServer> {
  const dir = recipe.dir ?? (await temporaryFolder(recipe.name, { inMemory: recipe.inMemory === true }))
  const removeIfTemporary = async () => {
    if (recipe.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  const first = await firstLaunch(recipe, dir).catch(async (error: unknown) => {
    await removeIfTemporary()
    throw error
  })
  const { port } = first
  let running = first.server
  return {
    port,
    dir,
    get pid() {
      return running.pid
    },
    kill: () => running.end('SIGKILL'),
    async restart() {
      await running.end(recipe.endSignal)
      running = (await launch(recipe, dir, port)).server
    },
    async stop() {
      await running.end(recipe.endSignal)
      await removeIfTemporary()
    },
  }
}

async function firstLaunch(recipe: LoopbackRecipe, dir: string) {
  await mkdir(dir, { recursive: true })
  await recipe.prepare?.(dir)
  return await launch(recipe, dir, recipe.port)
}

async function launch(recipe: LoopbackRecipe, dir: string, fixedPort: number | undefined) {
  const { name, asUser = [], endSignal } = recipe
  const logFile = join(dir, `${name}.log`)
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort())
    const server = startServerProcess({ command: recipe.command(dir, port), asUser, endSignal, logFile })
    if (await waitUntilReady(server, () => recipe.isReady(server, dir, port))) return { server, port }
    await server.end('SIGKILL')
    // Somebody was quicker on a free port, or the backends of a killed Postgres have not noticed yet.
    const passing = /address already in use|shared memory block/i.test(lastLines(logFile))
    if (!passing || attempt === ATTEMPTS) throw new Error(`${name} did not start: ${lastLines(logFile)}`)
    await sleep(PAUSE_MS)
  }
}
