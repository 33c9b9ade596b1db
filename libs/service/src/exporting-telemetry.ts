import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { openTelemetryTracing } from './open-telemetry.ts'
import { redactor } from './redact.ts'
import type { Telemetry } from './telemetry.ts'
import { readNamedValues, type TelemetrySettings } from './telemetry-settings.ts'

/** A receiver that does not answer must not keep a process from leaving. */
const closeMs = 3_000

/** The side of telemetry that costs something; loaded only when somebody takes what it sends. */
export async function exportingTelemetry(of: {
  settings: TelemetrySettings
  resource: Record<string, string>
  secrets: Iterable<string>
}): Promise<Telemetry> {
  const { settings, resource } = of
  const processors: SpanProcessor[] = []
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = settings
  if (endpoint !== undefined) {
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
    const headers = readNamedValues(settings.OTEL_EXPORTER_OTLP_HEADERS)
    processors.push(new BatchSpanProcessor(new OTLPTraceExporter({ url, headers })))
  }
  const azure = await azureMonitorOf(settings, resource)
  if (azure) processors.push(azure.spans)
  const tracing = openTelemetryTracing({
    resource,
    sampler: samplerOf(settings),
    processors,
    redact: redactor(of.secrets),
  })
  return {
    ...tracing,
    sendMetrics: metrics => azure?.sendMetrics(metrics),
    onLine: azure?.onLine,
    close: (withinMs = closeMs) => within(withinMs, [tracing.close(), azure?.close()]),
  }
}

async function azureMonitorOf(settings: TelemetrySettings, resource: Record<string, string>) {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = settings
  if (connectionString === undefined) return undefined
  const { azureMonitor } = await import('./azure-monitor.ts')
  return azureMonitor({ connectionString, resource })
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share }: TelemetrySettings): Sampler {
  const root = rootSampler(name.replace('parentbased_', ''), share)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, share: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(share) : new AlwaysOnSampler()
}

async function within(ms: number, closing: unknown[]): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([Promise.allSettled(closing), late.promise])
  clearTimeout(timer)
}
