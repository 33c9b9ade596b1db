import { inspectRedis } from '@code-agent/queue/inspect'
import { createProducer } from '@code-agent/queue/producer'
import { startWorker } from '@code-agent/queue/worker-host'
import { secretsOf } from '@code-agent/service/config'
import { crashPoint } from '@code-agent/service/crash-point'
import { dataKeys } from '@code-agent/service/data-key-settings'
import { effectSpans } from '@code-agent/service/effect-spans'
import { startHealthServer } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
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
import { concludeRun } from './conclude-run.ts'
import { fleetMetrics } from './fleet-metrics.ts'
import { loadRoute } from './load-route.ts'
import { SupervisorSettings } from './settings.ts'
import { countedSweep } from './sweep-metrics.ts'
import { startSweeping, sweeper } from './sweeper.ts'

/** Concludes runs and looks for lost work. Several may run: one sweeps at a time. */
export async function startSupervisor(settings: SupervisorSettings, log: Log, telemetry: Telemetry): Promise<void> {
  const checks = await checkServers(settings, log)
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: dataKeys(settings, log),
    applicationName: 'flow-supervisor',
    leaseMs: settings.EFFECT_LEASE_SECONDS * 1_000,
    crash: crashPoint(settings.CRASH_DIR),
    aroundEffect: effectSpans(telemetry),
  })
  const queue = { redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX }
  const producer = createProducer(queue)
  const metrics = createMetrics('flow-supervisor')
  telemetry.sendMetrics(metrics)
  fleetMetrics(metrics, { store, producer, checks })
  const conclude = concludeRun(store)
  const worker = startWorker({
    ...queue,
    queue: 'flow',
    concurrency: settings.WORKER_CONCURRENCY,
    lockDuration: settings.LOCK_SECONDS * 1_000,
    stalledInterval: settings.STALLED_SECONDS * 1_000,
    handlers: { 'conclude-run': { handle: job => conclude(job.data) } },
    recorder: attemptRecorder(store),
    redact: redactor(secretsOf(SupervisorSettings, settings)),
    ...toldSteps(metrics, telemetry, { queue: 'flow', concurrency: settings.WORKER_CONCURRENCY }),
    log,
  })
  const sweep = sweeper({ store, producer, log, ...sweepLimits(settings) })
  const sweeping = startSweeping({
    sweep: countedSweep(metrics, sweep, store),
    everyMs: settings.SWEEP_SECONDS * 1_000,
    log,
  })
  const health = await startHealthServer({
    host: settings.HOST,
    port: settings.PORT,
    checks: { postgres: () => store.ping(), redis: () => worker.ping() },
    metrics,
    log,
    routes: loadRoute({ producer, store, token: settings.LOAD_TOKEN }),
  })
  const graceMs = settings.SHUTDOWN_GRACE_SECONDS * 1_000
  onShutdown(
    log,
    graceMs,
    () => checks.stop(),
    () => sweeping.stop(),
    () => worker.close(graceMs),
    () => producer.close(),
    () => health.close(),
    () => store.close(),
    () => telemetry.close(),
  )
  announceReady({ app: 'flow-supervisor', port: health.port, log })
}

function checkServers(settings: SupervisorSettings, log: Log) {
  return startChecks(log, {
    redis: async () =>
      redisFindings(await inspectRedis({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })),
    postgres: async () => databaseFindings(await inspectDatabase({ url: settings.DATABASE_URL })),
    settings: async () => timeFindings(settings),
  })
}

function sweepLimits(settings: SupervisorSettings) {
  return {
    maxGenerations: settings.MAX_GENERATIONS,
    suspectSeconds: settings.SUSPECT_SECONDS,
    idleSeconds: settings.IDLE_SECONDS,
    pollSeconds: settings.POLL_SECONDS,
    waitSeconds: settings.SHOW_WAIT_SECONDS,
  }
}
