import { hostname } from 'node:os'
import { connectAzureDevOps } from '@code-agent/ado/azure-devops'
import type { CallRecord, Throttle } from '@code-agent/ado/connection'
import { azureDevOpsGate, organisationName } from '@code-agent/jobs/organisation'
import { inspectRedis } from '@code-agent/queue/inspect'
import { startWorker } from '@code-agent/queue/worker-host'
import { azureDevOpsObserver } from '@code-agent/service/call-metrics'
import { azureDevOpsSpans } from '@code-agent/service/call-spans'
import { secretsOf } from '@code-agent/service/config'
import { crashPoint } from '@code-agent/service/crash-point'
import { dataKeys } from '@code-agent/service/data-key-settings'
import { effectSpans } from '@code-agent/service/effect-spans'
import { startHealthServer } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import { announceReady } from '@code-agent/service/ready-line'
import { redactor } from '@code-agent/service/redact'
import { databaseFindings, redisFindings, timeFindings } from '@code-agent/service/server-findings'
import { onShutdown } from '@code-agent/service/shutdown'
import { startChecks } from '@code-agent/service/start-checks'
import { toldSteps } from '@code-agent/service/step-spans'
import type { Telemetry } from '@code-agent/service/telemetry'
import { attemptRecorder } from '@code-agent/store/attempt-recorder'
import { inspectDatabase } from '@code-agent/store/inspect-database'
import { openStore } from '@code-agent/store/store'
import { adoHandlers } from './handlers.ts'
import { introduceBot } from './introduce-bot.ts'
import { WorkerAdoSettings } from './settings.ts'
import { pollObserver, workerMetrics } from './worker-metrics.ts'

/** The only process that writes to Azure DevOps. */
export async function startWorkerAdo(settings: WorkerAdoSettings, log: Log, telemetry: Telemetry): Promise<void> {
  const checks = await checkServers(settings, log)
  const organisation = organisationName(settings.AZURE_DEVOPS_URL)
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: dataKeys(settings, log),
    applicationName: 'worker-ado',
    leaseMs: settings.EFFECT_LEASE_SECONDS * 1_000,
    crash: crashPoint(settings.CRASH_DIR),
    aroundEffect: effectSpans(telemetry),
  })
  const metrics = workerMetrics(store, organisation)
  telemetry.sendMetrics(metrics)
  const ado = connected(settings, {
    told: both(azureDevOpsObserver(metrics), azureDevOpsSpans(telemetry)),
    onThrottle: closed =>
      void store.closeGate(closed).catch(error => log.warn({ err: error }, 'a gate could not be closed')),
  })
  const holder = `worker-ado ${hostname()} ${process.pid}`
  const worker = startWorker({
    redisUrl: settings.REDIS_URL,
    prefix: settings.QUEUE_PREFIX,
    queue: 'ado',
    concurrency: settings.WORKER_CONCURRENCY,
    lockDuration: settings.LOCK_SECONDS * 1_000,
    stalledInterval: settings.STALLED_SECONDS * 1_000,
    handlers: adoHandlers({
      ...{ store, ado, holder, organisation, settings, log, tracing: telemetry },
      observePoll: pollObserver(metrics),
    }),
    recorder: attemptRecorder(store),
    onGate: (name, until, reason) => store.closeGate({ gate: name, until, reason }),
    redact: redactor(secretsOf(WorkerAdoSettings, settings)),
    ...toldSteps(metrics, telemetry, { queue: 'ado', concurrency: settings.WORKER_CONCURRENCY }),
    log,
  })
  const introduction = introduceBot({ store, ado, organisation, log })
  const health = await startHealthServer({
    host: settings.HOST,
    port: settings.PORT,
    checks: { postgres: () => store.ping(), redis: () => worker.ping() },
    metrics,
    log,
  })
  const graceMs = settings.SHUTDOWN_GRACE_SECONDS * 1_000
  onShutdown(
    log,
    graceMs,
    () => checks.stop(),
    () => introduction.stop(),
    () => worker.close(graceMs),
    () => health.close(),
    () => store.close(),
    () => telemetry.close(),
  )
  announceReady({ app: 'worker-ado', port: health.port, log })
}

function connected(
  settings: WorkerAdoSettings,
  { told, onThrottle }: { told: (call: CallRecord) => void; onThrottle: (throttle: Throttle) => void },
) {
  return connectAzureDevOps({
    url: settings.AZURE_DEVOPS_URL,
    token: settings.AZURE_DEVOPS_TOKEN,
    kind: settings.AZURE_DEVOPS_TOKEN_KIND,
    gate: azureDevOpsGate(organisationName(settings.AZURE_DEVOPS_URL)),
    log: told,
    onThrottle,
  })
}

function both<T>(one: (told: T) => void, other: (told: T) => void): (told: T) => void {
  return told => {
    one(told)
    other(told)
  }
}

function checkServers(settings: WorkerAdoSettings, log: Log) {
  return startChecks(log, {
    redis: async () =>
      redisFindings(await inspectRedis({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })),
    postgres: async () => databaseFindings(await inspectDatabase({ url: settings.DATABASE_URL })),
    settings: async () => timeFindings(settings),
  })
}
