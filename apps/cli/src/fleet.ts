import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

export const appMains = {
  gateway: 'apps/gateway/main.ts',
  'worker-ado': 'apps/worker-ado/main.ts',
  'worker-llm': 'apps/worker-llm/main.ts',
  'flow-supervisor': 'apps/flow-supervisor/main.ts',
  'bull-board': 'bull-board/main.ts',
} as const
export type AppName = keyof typeof appMains

/** One process of an installation. `env` is all it is told: nothing of ours leaks into it. */
export type Member = { app: AppName; env: Record<string, string> }
/** One that is told where others are, and so starts once they are up. */
export type LateMember = { app: AppName; env(urlOf: Fleet['urlOf']): Record<string, string> }
export type FleetProcess = { app: AppName; pid: number; url: string }

export type Fleet = {
  processes(): FleetProcess[]
  /** Of the first process of this app. */
  urlOf(app: AppName): string
  /** SIGTERM to all; whoever has not left after the grace is killed. */
  stop(): Promise<void>
}

const Ready = z.object({ kind: z.literal('ready'), port: z.number().int() })
const stopGraceMs = 20_000
const restartPauseMs = 300
const root = join(import.meta.dirname, '..', '..', '..')

/**
 * Starts processes and waits until each says that it is ready. They leave when this process leaves, however it does.
 * @param of.logs folder that gets a file for each process
 * @param of.onRestart given, a process that ends is started again on the port it had, once this has returned
 * @throws naming the app whose start failed, with the last it wrote
 */
export async function startFleet(of: {
  members: Member[]
  late?: LateMember[]
  logs: string
  onRestart?: (app: AppName) => unknown
}): Promise<Fleet> {
  const places: Place[] = []
  const stop = async () => {
    await Promise.all(places.map(place => place.stop()))
  }
  const urlOf = (app: AppName) => {
    const found = places.map(place => place.describe()).find(process => process.app === app)
    if (!found) throw new Error(`the fleet has no ${app}`)
    return found.url
  }
  async function start(members: Member[]): Promise<void> {
    const added = members.map((member, at) =>
      processPlace(member, join(of.logs, `${member.app}-${places.length + at}.log`), of.onRestart),
    )
    places.push(...added)
    const started = await Promise.allSettled(added.map(place => place.start()))
    const failed = started.find(result => result.status === 'rejected')
    if (!failed) return
    await stop()
    throw failed.reason
  }
  await start(of.members)
  await start((of.late ?? []).map(({ app, env }) => ({ app, env: env(urlOf) })))
  return { processes: () => places.map(place => place.describe()), urlOf, stop }
}

type Place = ReturnType<typeof processPlace>

/** One member's place in the fleet: whichever process fills it now. */
function processPlace(member: Member, log: string, onRestart: ((app: AppName) => unknown) | undefined) {
  let child: ChildProcess | undefined
  let port = 0
  let stopping = false

  async function start(): Promise<void> {
    const env = port === 0 ? member.env : { ...member.env, PORT: String(port) }
    const begun = spawnApp({ ...member, env }, log)
    child = begun.child
    port = await begun.ready
    begun.child.once('exit', () => void again())
  }

  async function again(): Promise<void> {
    if (stopping || !onRestart) return
    await onRestart(member.app)
    await sleep(restartPauseMs)
    if (!stopping) await start().catch(again)
  }

  return {
    start,
    describe: () => ({ app: member.app, pid: child?.pid ?? 0, url: `http://127.0.0.1:${port}` }),
    async stop(): Promise<void> {
      stopping = true
      if (child) await end(child)
    },
  }
}

/** `ready` resolves with the port once the process says so, and rejects if it ends before. */
function spawnApp({ app, env }: Member, log: string): { child: ChildProcess; ready: Promise<number> } {
  const child = spawn(process.execPath, [join(root, appMains[app])], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const file = createWriteStream(log, { flags: 'a' })
  let tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      file.write(chunk)
      tail = (tail + chunk.toString('utf8')).slice(-4_000)
    })
  }
  child.once('close', () => file.end())
  const ready = new Promise<number>((resolve, reject) => {
    child.on('message', message => {
      const said = Ready.safeParse(message)
      if (said.success) resolve(said.data.port)
    })
    child.once('error', reject)
    child.once('exit', code =>
      reject(new Error(`${app} ended before it was ready (exit code ${code}). Its log, ${log}, ends with:\n${tail}`)),
    )
  })
  return { child, ready }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
  await gone
  clearTimeout(impatience)
}
