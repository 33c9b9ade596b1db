import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AzureDevOpsEmulator, startAzureDevOps } from '@code-agent/emulator-azure-devops/emulator'
import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import type { LlmScript } from '@code-agent/emulator-llm/script'
import { environment } from '@code-agent/service/environment'
import { migrate } from '@code-agent/store/migrate'
import { startPostgres } from '@code-agent/tools/postgres-server'
import { startRedis } from '@code-agent/tools/redis-server'
import { type AppName, type Fleet, startFleet } from './fleet.ts'

export type Installation = {
  azureDevOps: AzureDevOpsEmulator
  gateway: { url: string; webhook: string; username: string; password: string }
  bullBoard: { url: string; username: string; password: string }
  /** Who may open every run page, and what signs links to them. */
  runPage: { url: string; username: string; password: string; linkKey: string }
  model: { url: string }
  databaseUrl: string
  redisUrl: string
  /** Folder of the bare repositories; outlives the installation. */
  repos: string
  logs: string
  fleet: Fleet
  stop(): Promise<void>
}

export type InstallationOptions = {
  /** Bare repositories `DIR/<project>/<repository>.git` to begin with. */
  importRepos?: string
  script?: LlmScript
  /** Where a real model is; absent is the emulator, which costs nothing. */
  realModel?: Record<string, string>
  /** Servers somebody runs already; private ones otherwise. Tests never give any. */
  servers?: { redisUrl: string | undefined; databaseUrl: string | undefined }
  /** Settings beyond the defaults, by app. */
  settings?: Partial<Record<AppName, Record<string, string>>>
  /** Called with what is being done, in a few words. */
  progress: (message: string) => void
  /** Given, a process that ends is started again, once this has returned. */
  onRestart?: (app: AppName) => unknown
}

/** Two of each worker, so that what holds here holds where they are many. */
const workers: AppName[] = ['worker-llm', 'worker-llm', 'flow-supervisor', 'flow-supervisor']

/** Everything an installation is made of, private and on free ports: servers, both emulators, the fleet. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const undo: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    return await build(options, undo, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function build(
  options: InstallationOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Installation> {
  const { progress } = options
  const home = await mkdtemp(join(tmpdir(), 'code-agent-'))
  const [repos, logs, cache] = [join(home, 'repositories'), join(home, 'logs'), join(home, 'cache')]
  await Promise.all([repos, logs, cache].map(dir => mkdir(dir)))
  undo.push(() => rm(cache, { recursive: true, force: true }))

  progress('Starting Redis, Postgres and the two emulators')
  const [redisUrl, databaseUrl, azureDevOps, model] = await Promise.all([
    options.servers?.redisUrl ?? privateRedis(undo),
    migrated(options.servers?.databaseUrl ?? privatePostgres(undo)),
    startAzureDevOps({ reposDir: repos, ...(options.importRepos ? { importRepos: options.importRepos } : {}) }),
    startModelEmulator(options.script ? { script: options.script } : {}),
  ])
  undo.push(
    () => azureDevOps.close(),
    () => model.close(),
  )

  progress('Starting the fleet: gateway, two of each worker, Bull Board')
  const secrets = {
    webhook: randomBytes(18).toString('base64url'),
    board: randomBytes(12).toString('base64url'),
    link: randomBytes(32).toString('base64'),
    operator: randomBytes(12).toString('base64url'),
  }
  const env = environments({
    redisUrl,
    databaseUrl,
    azureDevOps,
    modelUrl: model.url,
    cache,
    secrets,
    ...(options.realModel ? { realModel: options.realModel } : {}),
  })
  const fleet = await startApps(env, logs, options)
  undo.push(() => fleet.stop())

  const gateway = {
    url: fleet.urlOf('gateway'),
    webhook: `${fleet.urlOf('gateway')}/webhooks/azure-devops`,
    username: 'azure-devops',
    password: secrets.webhook,
  }
  await azureDevOps.subscribe({ url: gateway.webhook, username: gateway.username, password: gateway.password })
  const bullBoard = { url: fleet.urlOf('bull-board'), username: 'ops', password: secrets.board }
  const runPage = { url: gateway.url, username: 'ops', password: secrets.operator, linkKey: secrets.link }
  const where = { gateway, bullBoard, runPage, model: { url: model.url }, databaseUrl, redisUrl, repos, logs }
  return { azureDevOps, ...where, fleet, stop }
}

async function startApps(
  env: Record<AppName, Record<string, string>>,
  logs: string,
  { settings, onRestart }: InstallationOptions,
): Promise<Fleet> {
  const envOf = (app: AppName) => ({ ...env[app], ...settings?.[app] })
  return await startFleet({
    members: (['gateway', ...workers, 'bull-board'] as const).map(app => ({ app, env: envOf(app) })),
    // Their comments lead to the gateway, whose port is its own to choose.
    late: (['worker-ado', 'worker-ado'] as const).map(app => ({
      app,
      env: urlOf => ({ PUBLIC_URL: urlOf('gateway'), ...envOf(app) }),
    })),
    logs,
    ...(onRestart ? { onRestart } : {}),
  })
}

async function privateRedis(undo: (() => Promise<unknown>)[]): Promise<string> {
  const server = await startRedis()
  undo.push(() => server.stop())
  return server.url
}

async function migrated(database: string | Promise<string>): Promise<string> {
  const url = await database
  await migrate({ url })
  return url
}

async function privatePostgres(undo: (() => Promise<unknown>)[]): Promise<string> {
  const server = await startPostgres()
  undo.push(() => server.stop())
  return server.createDatabase('code_agent')
}

type Parts = {
  redisUrl: string
  databaseUrl: string
  azureDevOps: AzureDevOpsEmulator
  modelUrl: string
  realModel?: Record<string, string>
  cache: string
  secrets: { webhook: string; board: string; link: string; operator: string }
}

/** What each app is told, and no more: design.md §4, who may do what. */
function environments(of: Parts): Record<AppName, Record<string, string>> {
  const base = {
    PATH: environment().PATH ?? '',
    HOME: environment().HOME ?? '',
    HOST: '127.0.0.1',
    PORT: '0',
    REDIS_URL: of.redisUrl,
    QUEUE_PREFIX: `{ca-${randomBytes(4).toString('hex')}}`,
  }
  const store = { ...base, DATABASE_URL: of.databaseUrl }
  const organisation = { AZURE_DEVOPS_URL: of.azureDevOps.url }
  return {
    gateway: {
      ...store,
      ...organisation,
      WEBHOOK_USERNAME: 'azure-devops',
      WEBHOOK_PASSWORD: of.secrets.webhook,
      LINK_KEY: of.secrets.link,
      OPS_USERNAME: 'ops',
      OPS_PASSWORD: of.secrets.operator,
    },
    'worker-ado': {
      ...store,
      ...organisation,
      AZURE_DEVOPS_TOKEN: of.azureDevOps.tokens.bot,
      LINK_KEY: of.secrets.link,
    },
    'worker-llm': {
      ...store,
      ...organisation,
      AZURE_DEVOPS_READ_TOKEN: of.azureDevOps.tokens.reader,
      REPOSITORY_CACHE_DIR: of.cache,
      ...(of.realModel ?? { MODEL_BASE_URL: of.modelUrl, MODEL_API_KEY: 'emulated' }),
    },
    'flow-supervisor': store,
    'bull-board': { ...base, BULL_BOARD_USERNAME: 'ops', BULL_BOARD_PASSWORD: of.secrets.board },
  }
}
