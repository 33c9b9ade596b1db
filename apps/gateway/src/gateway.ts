import { healthRoutes } from '@code-agent/service/health'
import type { Log } from '@code-agent/service/log'
import type { Metrics } from '@code-agent/service/metrics'
import { logTracing, type Tracing } from '@code-agent/service/tracing'
import type { Store } from '@code-agent/store/store'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Credentials } from './authenticate.ts'
import { receiver } from './receive.ts'
import { type RunPagePorts, runPageRoutes } from './run-page/run-page-routes.ts'
import { type WebhookObserver, webhookRoute } from './webhook-route.ts'

/** Slow and endless senders are cut off: a delivery is 2 kB and takes milliseconds. */
const timeouts = { requestTimeout: 30_000, connectionTimeout: 60_000, keepAliveTimeout: 30_000 }

type GatewayPorts = {
  store: Pick<Store, 'acceptRun' | 'acceptTask' | 'identity' | 'ping'>
  credentials: Credentials
  organisation: string
  maxVariants: number
  /** Called once something was accepted. */
  onAccepted?: () => void
  /** Absent: nobody could open a run's page. */
  runPage?: Omit<RunPagePorts, 'log'> | undefined
  metrics: Metrics
  tracing?: Tracing
  log: Log
}

/** The HTTP side of the gateway, not yet listening. */
export async function buildGateway({
  store,
  credentials,
  organisation,
  maxVariants,
  onAccepted,
  runPage,
  metrics,
  tracing = logTracing(),
  log,
}: GatewayPorts): Promise<FastifyInstance> {
  // As its interface, or the app's type would carry the logger's.
  const loggerInstance: FastifyBaseLogger = log
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    ...timeouts,
  })
  await app.register(healthRoutes, { checks: { postgres: () => store.ping() }, metrics, log })
  await app.register(
    webhookRoute({
      credentials,
      organisation,
      receive: receiver(store, { maxVariants }),
      observe: observer(metrics, log, onAccepted),
      tracing,
    }),
  )
  if (runPage) await app.register(runPageRoutes({ ...runPage, log }))
  return app
}

function observer(metrics: Metrics, log: Log, onAccepted?: () => void): WebhookObserver {
  const seconds = metrics.histogram({
    name: 'code_agent_webhook_duration_seconds',
    help: 'From the first byte of a delivery to its answer, by what became of it',
    labels: ['outcome'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  })
  // A series that begins with its first event loses that event for rate().
  for (const outcome of ['accepted', 'unauthenticated', 'unavailable'] as const) seconds.zero({ outcome })
  return event => {
    seconds.observe({ outcome: event.outcome }, event.seconds)
    if (event.outcome === 'accepted' || event.outcome === 'answered') onAccepted?.()
    const { seconds: took, ...fields } = event
    log[event.outcome === 'ignored' ? 'debug' : 'info']({ ...fields, ms: Math.round(took * 1_000) }, 'delivery')
  }
}
