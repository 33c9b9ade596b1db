import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AppName, type Fleet, type Member, startFleet } from '@code-agent/cli/fleet'
import { type AzureDevOpsEmulator, startAzureDevOps } from '@code-agent/emulator-azure-devops/emulator'
import { type ModelEmulator, startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { environment } from '@code-agent/service/environment'
import { migrate } from '@code-agent/store/migrate'
import pg from 'pg'
import { type PostgresServer, startPostgres } from '../postgres-server.ts'
import { type Clocks, openClocks } from './clocks.ts'
import type { FaultKind } from './fault.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { noFullDisk } from './file-limit.ts'
import type { Pace } from './pace.ts'
import { type RedisPair, startRedisPair } from './redis-pair.ts'
import { startSentinelTrio } from './sentinel-trio.ts'
import { shop } from './shop.ts'

/** A whole installation of which everything may be broken: nothing of it is shared with anybody. */
export type Installation = {
  azure: AzureDevOpsEmulator
  model: ModelEmulator
  redis: RedisPair
  postgres: PostgresServer
  lines: { redis: RedisPair['line']; postgres: FaultProxy }
  /** Of one process of each app; undefined where libfaketime is not to be had. */
  clocks: Clocks | undefined
  /** Faults that cannot be had here, with the reason; whoever draws one leaves it out. */
  impossible: { kind: FaultKind; because: string }[]
  fleet: Fleet
  /** Straight to Postgres, past the proxy. */
  database: pg.Pool
  project: string
  repository: string
  /** Two, with source branches of their own. */
  pullRequests: readonly number[]
  /** Armed by a file named after a place: the process that comes there dies. */
  crashDir: string
  /** The next process of this app to end is started again so much later. */
  pauseNext(app: AppName, ms: number): void
  /** Processes that ended since the last call although nobody had asked for it. */
  unexplainedEnds(): AppName[]
  logs: string
  stop(): Promise<void>
}

const members: AppName[] = [
  ...(['gateway', 'gateway', 'worker-ado', 'worker-ado'] as const),
  ...(['worker-llm', 'worker-llm', 'flow-supervisor', 'flow-supervisor'] as const),
]
const usualPauseMs = 200

export const redisKinds = ['pair', 'sentinel'] as const
export type RedisKind = (typeof redisKinds)[number]

/** @param redis a primary and a replica promoted by hand, or both under the eyes of three Sentinels */
export async function startInstallation(pace: Pace, redis: RedisKind = 'pair'): Promise<Installation> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    return { ...(await build(pace, redis, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  pace: Pace,
  redisKind: RedisKind,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<Installation, 'stop'>> {
  const home = await mkdtemp(join(tmpdir(), 'code-agent-chaos-'))
  undo.push(() => rm(home, { recursive: true, force: true }))
  const folder = async (name: string) => {
    await mkdir(join(home, name))
    return join(home, name)
  }
  const logs = await folder('logs')
  const { redis, postgres, azure, model } = await startServers(await folder('repositories'), redisKind, undo)
  const databaseUrl = await postgres.createDatabase('code_agent')
  await migrate({ url: databaseUrl })
  const database = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  // An idle connection that breaks is replaced.
  database.on('error', () => {})
  undo.push(() => database.end())
  const lines = { redis: redis.line, postgres: await startFaultProxy([postgres.port]) }
  undo.push(() => lines.postgres.close())

  const crashDir = await folder('crash')
  const through = new URL(databaseUrl)
  through.port = String(lines.postgres.port)
  const password = randomBytes(18).toString('base64url')
  const env = environments({
    databaseUrl: through.href,
    redisUrl: redis.url,
    azure,
    modelUrl: model.url,
    cache: await folder('cache'),
    password,
    pace: { ...pace.env, CRASH_DIR: crashDir },
  })
  const restarts = restartBook()
  const { clocks, impossible } = await faultsAtHand(await folder('clocks'))
  const fleet = await startFleet({
    members: await Promise.all(members.map((app, place) => memberOf(app, place, env(app), clocks))),
    logs,
    onRestart: restarts.wait,
  })
  undo.push(() => fleet.stop())
  const front = await startFaultProxy(portsOf(fleet, 'gateway'))
  undo.push(() => front.close())
  const url = `http://127.0.0.1:${front.port}/webhooks/azure-devops`
  await azure.subscribe({ url, username: 'azure-devops', password })
  const { pauseNext, unexplainedEnds } = restarts
  const servers = { azure, model, redis, postgres, lines, fleet, database, clocks, impossible }
  const built = { ...servers, crashDir, logs, pauseNext, unexplainedEnds }
  return { ...built, ...(await shop(azure)) }
}

async function faultsAtHand(folder: string): Promise<Pick<Installation, 'clocks' | 'impossible'>> {
  const impossible: Installation['impossible'] = []
  const clocks = await openClocks(folder).catch((error: unknown) => {
    impossible.push({ kind: 'clock', because: error instanceof Error ? error.message : String(error) })
    return undefined
  })
  const because = noFullDisk()
  if (because) impossible.push({ kind: 'redis-disk-full', because }, { kind: 'postgres-disk-full', because })
  return { clocks, impossible }
}

/** The second of each app has a clock that can be wrong; the first lives on the machine's. */
async function memberOf(app: AppName, place: number, env: Member['env'], clocks: Clocks | undefined): Promise<Member> {
  const hasOwnClock = members.indexOf(app) !== place
  return { app, env: { ...env, ...(hasOwnClock ? await clocks?.env(app) : {}) } }
}

async function startServers(reposDir: string, redisKind: RedisKind, undo: (() => Promise<unknown>)[]) {
  const [redis, postgres, azure, model] = await Promise.all([
    redisKind === 'sentinel' ? startSentinelTrio() : startRedisPair(),
    // Killed with what it has in memory, it must have said nothing that it does not know any more.
    startPostgres({ settings: ['synchronous_commit=on'] }),
    startAzureDevOps({ reposDir, log: () => {} }),
    // Slow enough for something to happen while it speaks.
    startModelEmulator({ tokensPerSecond: 600, latencyMs: 150 }),
  ])
  undo.push(
    () => redis.stop(),
    () => postgres.stop(),
    () => azure.close(),
    () => model.close(),
  )
  return { redis, postgres, azure, model }
}

function portsOf(fleet: Fleet, app: AppName): number[] {
  return fleet
    .processes()
    .filter(process => process.app === app)
    .map(process => Number(new URL(process.url).port))
}

/** Who is to come back when, and who went without being asked. */
function restartBook() {
  const pauses = new Map<AppName, number[]>()
  let unexplained: AppName[] = []
  return {
    pauseNext(app: AppName, ms: number) {
      pauses.set(app, [...(pauses.get(app) ?? []), ms])
    },
    unexplainedEnds() {
      const ends = unexplained
      unexplained = []
      return ends
    },
    async wait(app: AppName) {
      const pause = pauses.get(app)?.shift()
      if (pause === undefined) unexplained.push(app)
      await sleep(pause ?? usualPauseMs)
    },
  }
}

type Parts = {
  databaseUrl: string
  redisUrl: string
  azure: AzureDevOpsEmulator
  modelUrl: string
  cache: string
  password: string
  pace: Record<string, string>
}

function environments(of: Parts): (app: AppName) => Member['env'] {
  const base = {
    ...of.pace,
    PATH: environment().PATH ?? '',
    HOME: environment().HOME ?? '',
    HOST: '127.0.0.1',
    PORT: '0',
    REDIS_URL: of.redisUrl,
    DATABASE_URL: of.databaseUrl,
    AZURE_DEVOPS_URL: of.azure.url,
  }
  const own: Partial<Record<AppName, Record<string, string>>> = {
    gateway: { WEBHOOK_USERNAME: 'azure-devops', WEBHOOK_PASSWORD: of.password },
    'worker-ado': { AZURE_DEVOPS_TOKEN: of.azure.tokens.bot },
    'worker-llm': {
      AZURE_DEVOPS_READ_TOKEN: of.azure.tokens.reader,
      REPOSITORY_CACHE_DIR: of.cache,
      MODEL_BASE_URL: of.modelUrl,
      MODEL_API_KEY: 'emulated',
    },
  }
  return app => ({ ...base, ...own[app] })
}
