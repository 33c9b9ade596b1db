import { hostname } from 'node:os'
import { steps } from '@code-agent/jobs/steps'
import type { ModelCallRecord } from '@code-agent/llm/observed-model'
import { inspectRedis } from '@code-agent/queue/inspect'
import { startWorker, type WorkerHost } from '@code-agent/queue/worker-host'
import { openRepositoryCache, type RepositoryCache } from '@code-agent/repository/repository-cache'
import { modelObserver } from '@code-agent/service/call-metrics'
import { modelSpans } from '@code-agent/service/call-spans'
import { secretsOf } from '@code-agent/service/config'
import { crashPoint } from '@code-agent/service/crash-point'
import { dataKeys } from '@code-agent/service/data-key-settings'
import { effectSpans } from '@code-agent/service/effect-spans'
import { startHealthServer } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import { createMetrics, type Metrics } from '@code-agent/service/metrics'
import { announceReady } from '@code-agent/service/ready-line'
import { redactor } from '@code-agent/service/redact'
import { databaseFindings, redisFindings, timeFindings } from '@code-agent/service/server-findings'
import { onShutdown } from '@code-agent/service/shutdown'
import { startChecks } from '@code-agent/service/start-checks'
import { toldSteps } from '@code-agent/service/step-spans'
import type { Telemetry } from '@code-agent/service/telemetry'
import { attemptRecorder } from '@code-agent/store/attempt-recorder'
import { inspectDatabase } from '@code-agent/store/inspect-database'
import { openStore, type Store } from '@code-agent/store/store'
import { budgetMetrics } from './budget-metrics.ts'
import { llmHandlers } from './handlers.ts'
import { modelConfigs } from './model-config.ts'
import { watchModels } from './model-watch.ts'
import { openModels } from './models.ts'
import { contextReader } from './read-context.ts'
import { WorkerLlmSettings } from './settings.ts'

/** The only process with a model key; of Azure DevOps it may read code, no more. */
export async function startWorkerLlm(settings: WorkerLlmSettings, log: Log, telemetry: Telemetry): Promise<void> {
  const checks = await checkServers(settings, log)
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: dataKeys(settings, log),
    applicationName: 'worker-llm',
    leaseMs: settings.EFFECT_LEASE_SECONDS * 1_000,
    crash: crashPoint(settings.CRASH_DIR),
    aroundEffect: effectSpans(telemetry),
  })
  const cache = openRepositoryCache({
    dir: settings.REPOSITORY_CACHE_DIR,
    maxBytes: settings.REPOSITORY_CACHE_MEGABYTES * 1024 * 1024,
    log,
  })
  const metrics = createMetrics('worker-llm')
  telemetry.sendMetrics(metrics)
  budgetMetrics(metrics, store, settings)
  const models = openModels(modelConfigs(settings), modelsObserver(metrics, telemetry))
  const watch = watchModels(models, log)
  const holder = `worker-llm ${hostname()} ${process.pid}`
  const readContext = readerOf(settings, cache, models.offered)
  const worker = startWorker({
    redisUrl: settings.REDIS_URL,
    prefix: settings.QUEUE_PREFIX,
    queue: 'llm',
    concurrency: settings.WORKER_CONCURRENCY,
    lockDuration: settings.LOCK_SECONDS * 1_000,
    stalledInterval: settings.STALLED_SECONDS * 1_000,
    handlers: llmHandlers({ store, models, readContext, holder, settings }),
    recorder: attemptRecorder(store),
    onGate: (gate, until, reason) => store.closeGate({ gate, until, reason }),
    redact: redactor(secretsOf(WorkerLlmSettings, settings)),
    ...toldSteps(metrics, telemetry, { queue: 'llm', concurrency: settings.WORKER_CONCURRENCY }),
    log,
  })
  const endings = await stopWhenRunsEnd(store, worker)
  const health = await startHealthServer({
    host: settings.HOST,
    port: settings.PORT,
    checks: { postgres: () => store.ping(), redis: () => worker.ping(), model: () => watch.check() },
    metrics,
    log,
  })
  const graceMs = settings.SHUTDOWN_GRACE_SECONDS * 1_000
  onShutdown(
    log,
    graceMs,
    () => checks.stop(),
    () => worker.close(graceMs),
    () => endings.stop(),
    () => health.close(),
    () => cache.close(),
    () => store.close(),
    () => telemetry.close(),
  )
  announceReady({ app: 'worker-llm', port: health.port, log })
}

/** A cancelled run stops in the middle of its stream; tokens nobody wants are not paid for. */
function stopWhenRunsEnd(store: Pick<Store, 'listenForEndings'>, worker: Pick<WorkerHost, 'cancel'>) {
  return store.listenForEndings(runId => {
    worker.cancel(job => isOf(job.data, runId) && job.name in steps, 'the run was told to end')
  })
}

function modelsObserver(metrics: Metrics, telemetry: Telemetry): (call: ModelCallRecord) => void {
  const [count, trace] = [modelObserver(metrics), modelSpans(telemetry)]
  return call => {
    count(call)
    trace(call)
  }
}

function readerOf(settings: WorkerLlmSettings, cache: RepositoryCache, offered: readonly string[]) {
  const base = settings.AZURE_DEVOPS_URL.replace(/\/+$/, '')
  return contextReader({
    cache,
    cloneUrl: ({ projectId, repositoryId }) =>
      `${base}/${encodeURIComponent(projectId)}/_git/${encodeURIComponent(repositoryId)}`,
    credential: {
      token: settings.AZURE_DEVOPS_READ_TOKEN,
      kind: settings.AZURE_DEVOPS_READ_TOKEN_KIND === 'pat' ? 'basic' : 'bearer',
    },
    offer: { models: offered, maxVariants: settings.MAX_VARIANTS },
  })
}

function isOf(data: unknown, runId: string): boolean {
  return typeof data === 'object' && data !== null && 'runId' in data && data.runId === runId
}

function checkServers(settings: WorkerLlmSettings, log: Log) {
  return startChecks(log, {
    redis: async () =>
      redisFindings(await inspectRedis({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })),
    postgres: async () => databaseFindings(await inspectDatabase({ url: settings.DATABASE_URL })),
    settings: async () => timeFindings(settings),
  })
}
