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
import { startPostgres } from '../postgres-server.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import type { Pace } from './pace.ts'
import { type RedisPair, startRedisPair } from './redis-pair.ts'
import { shop } from './shop.ts'

/** A whole installation of which everything may be broken: nothing of it is shared with anybody. */
export type Installation = {
  azure: AzureDevOpsEmulator
  model: ModelEmulator
  redis: RedisPair
  lines: { redis: FaultProxy; postgres: FaultProxy }
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

export async function startInstallation(pace: Pace): Promise<Installation> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    return { ...(await build(pace, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(pace: Pace, undo: (() => Promise<unknown>)[]): Promise<Omit<Installation, 'stop'>> {
  const home = await mkdtemp(join(tmpdir(), 'code-agent-chaos-'))
  undo.push(() => rm(home, { recursive: true, force: true }))
  const folder = async (name: string) => {
    await mkdir(join(home, name))
    return join(home, name)
  }
  const logs = await folder('logs')
  const { redis, postgres, azure, model } = await startServers(await folder('repositories'), undo)
  const databaseUrl = await postgres.createDatabase('code_agent')
  await migrate({ url: databaseUrl })
  const database = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  // An idle connection that breaks is replaced.
  database.on('error', () => {})
  undo.push(() => database.end())
  const lines = { redis: await startFaultProxy([redis.port()]), postgres: await startFaultProxy([postgres.port]) }
  undo.push(
    () => lines.redis.close(),
    () => lines.postgres.close(),
  )

  const crashDir = await folder('crash')
  const through = new URL(databaseUrl)
  through.port = String(lines.postgres.port)
  const password = randomBytes(18).toString('base64url')
  const env = environments({
    databaseUrl: through.href,
    redisUrl: `redis://127.0.0.1:${lines.redis.port}`,
    azure,
    modelUrl: model.url,
    cache: await folder('cache'),
    password,
    pace: { ...pace.env, CRASH_DIR: crashDir },
  })
  const restarts = restartBook()
  const fleet = await startFleet({
    members: members.map(app => ({ app, env: env(app) })),
    logs,
    onRestart: restarts.wait,
  })
  undo.push(() => fleet.stop())
  const front = await startFaultProxy(portsOf(fleet, 'gateway'))
  undo.push(() => front.close())
  const url = `http://127.0.0.1:${front.port}/webhooks/azure-devops`
  await azure.subscribe({ url, username: 'azure-devops', password })
  const { pauseNext, unexplainedEnds } = restarts
  const built = { azure, model, redis, lines, fleet, database, crashDir, logs, pauseNext, unexplainedEnds }
  return { ...built, ...(await shop(azure)) }
}

async function startServers(reposDir: string, undo: (() => Promise<unknown>)[]) {
  const [redis, postgres, azure, model] = await Promise.all([
    startRedisPair(),
    startPostgres(),
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
