import { organisationName } from '@code-agent/jobs/organisation'
import { inspectRedis } from '@code-agent/queue/inspect'
import { createProducer } from '@code-agent/queue/producer'
import { crashPoint } from '@code-agent/service/crash-point'
import { dataKeys } from '@code-agent/service/data-key-settings'
import { boundPort } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { announceReady } from '@code-agent/service/ready-line'
import { databaseFindings, redisFindings } from '@code-agent/service/server-findings'
import { onShutdown } from '@code-agent/service/shutdown'
import { startChecks } from '@code-agent/service/start-checks'
import type { Telemetry } from '@code-agent/service/telemetry'
import { inspectDatabase } from '@code-agent/store/inspect-database'
import { openStore } from '@code-agent/store/store'
import { credentialsOf } from './credentials.ts'
import { dispatchMetrics } from './dispatch-metrics.ts'
import { dispatchSpans } from './dispatch-spans.ts'
import { startDispatcher } from './dispatcher.ts'
import { buildGateway } from './gateway.ts'
import { openRunPage } from './run-page/open-run-page.ts'
import type { GatewaySettings } from './settings.ts'

/** Takes deliveries and dispatches what is due. Several may run: one dispatches at a time. */
export async function startGateway(settings: GatewaySettings, log: Log, telemetry: Telemetry): Promise<void> {
  const checks = await checkServers(settings, log)
  const crash = crashPoint(settings.CRASH_DIR)
  const store = openStore({
    url: settings.DATABASE_URL,
    dataKeys: dataKeys(settings, log),
    applicationName: 'gateway',
    leaseMs: settings.EFFECT_LEASE_SECONDS * 1_000,
    crash,
  })
  const producer = createProducer({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })
  const metrics = createMetrics('gateway')
  const dispatcher = await startDispatcher({
    store,
    crash,
    producer,
    spans: dispatchSpans(telemetry, store),
    log,
    observe: dispatchMetrics(metrics),
    windows: {
      admissions: settings.MAX_ADMISSIONS,
      running: settings.MAX_RUNNING,
      perRepository: settings.MAX_RUNNING_PER_REPOSITORY,
    },
  })
  telemetry.sendMetrics(metrics)
  const pages = openRunPage(settings)
  const app = await buildGateway({
    store,
    credentials: credentialsOf(settings),
    organisation: organisationName(settings.AZURE_DEVOPS_URL),
    maxVariants: settings.MAX_VARIANTS,
    onAccepted: dispatcher.wake,
    runPage: pages?.ports,
    metrics,
    tracing: telemetry,
    log,
  })
  // Whatever was written while nobody was there is looked for now, not at the next round.
  void store
    .pollCommentsDue({ everySeconds: 10 })
    .catch(error => log.warn({ err: error }, 'no look for commands that were missed'))
  await app.listen({ host: settings.HOST, port: settings.PORT })
  const graceMs = settings.SHUTDOWN_GRACE_SECONDS * 1_000
  onShutdown(
    log,
    graceMs,
    () => checks.stop(),
    () => app.close(),
    () => dispatcher.stop(),
    () => producer.close(),
    () => store.close(),
    () => pages?.close(),
    () => telemetry.close(),
  )
  announceReady({ app: 'gateway', port: boundPort(app), log })
}

function checkServers(settings: GatewaySettings, log: Log) {
  return startChecks(log, {
    redis: async () =>
      redisFindings(await inspectRedis({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX })),
    postgres: async () => databaseFindings(await inspectDatabase({ url: settings.DATABASE_URL })),
  })
}
