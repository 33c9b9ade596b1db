import { hostname } from 'node:os'
import { connectAzureDevOps } from '@code-agent/ado/azure-devops'
import { azureDevOpsGate, organisationName } from '@code-agent/jobs/organisation'
import { inspectRedis } from '@code-agent/queue/inspect'
import { startWorker } from '@code-agent/queue/worker-host'
import { azureDevOpsObserver } from '@code-agent/service/call-metrics'
import { secretsOf } from '@code-agent/service/config'
import { crashPoint } from '@code-agent/service/crash-point'
import { dataKeys } from '@code-agent/service/data-key-settings'
import { startHealthServer } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import { announceReady } from '@code-agent/service/ready-line'
import { redactor } from '@code-agent/service/redact'
import { databaseFindings, redisFindings, timeFindings } from '@code-agent/service/server-findings'
import { onShutdown } from '@code-agent/service/shutdown'
import { startChecks } from '@code-agent/service/start-checks'
import { stepObserver } from '@code-agent/service/step-metrics'
import { attemptRecorder } from '@code-agent/store/attempt-recorder'
import { inspectDatabase } from '@code-agent/store/inspect-database'
import { openStore } from '@code-agent/store/store'
import { adoHandlers } from './handlers.ts'
import { introduceBot } from './introduce-bot.ts'
import { WorkerAdoSettings } from './settings.ts'
import { workerMetrics } from './worker-metrics.ts'

/** The only process that writes to Azure DevOps. */
export async function startWorkerAdo(settings: WorkerAdoSettings, log: Log): Promise<void> {
  const checks = await startChecks(log, {
    redis: async () =>
      redisFindings(await inspectRedis({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })),
    postgres: async () => databaseFindings(await inspectDatabase({ url: settings.DATABASE_URL })),
    settings: async () => timeFindings(settings),
  })
  const organisation = organisationName(settings.AZURE_DEVOPS_URL)
  const gate = azureDevOpsGate(organisation)
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: dataKeys(settings, log),
    applicationName: 'worker-ado',
    leaseMs: settings.EFFECT_LEASE_SECONDS * 1_000,
    crash: crashPoint(settings.CRASH_DIR),
  })
  const metrics = workerMetrics(store, organisation)
  const ado = connectAzureDevOps({
    url: settings.AZURE_DEVOPS_URL,
    token: settings.AZURE_DEVOPS_TOKEN,
    kind: settings.AZURE_DEVOPS_TOKEN_KIND,
    gate,
    log: azureDevOpsObserver(metrics),
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
    handlers: adoHandlers({ store, ado, holder, organisation, settings, log }),
    recorder: attemptRecorder(store),
    onGate: (name, until, reason) => store.closeGate({ gate: name, until, reason }),
    redact: redactor(secretsOf(WorkerAdoSettings, settings)),
    observe: stepObserver(metrics, { queue: 'ado', concurrency: settings.WORKER_CONCURRENCY }),
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
  )
  announceReady({ app: 'worker-ado', port: health.port, log })
}
