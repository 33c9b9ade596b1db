import { hostname } from 'node:os'
import type { Metrics } from './metrics.ts'
import { readNamedValues, type TelemetrySettings } from './telemetry-settings.ts'
import { logTracing, type Tracing } from './tracing.ts'

export type Telemetry = Tracing & {
  /** Sends these too, to whoever takes metrics rather than ask for them. */
  sendMetrics(metrics: Metrics): void
  /** Sends finished lines of the log too; undefined when nobody takes them. */
  onLine: ((line: string) => void) | undefined
  /** Sends what is left, for three seconds at most if not told otherwise. */
  close(withinMs?: number): Promise<void>
}

/**
 * What a process tells of itself besides its log and /metrics: traces by OTLP, and all of it to Application Insights.
 * Without the variables that say where, not a byte of OpenTelemetry's SDK is loaded.
 */
export async function openTelemetry(of: {
  service: string
  settings: TelemetrySettings
  secrets: Iterable<string>
}): Promise<Telemetry> {
  const { settings } = of
  if (!settings.OTEL_EXPORTER_OTLP_ENDPOINT && !settings.APPLICATIONINSIGHTS_CONNECTION_STRING) {
    return { ...logTracing(), sendMetrics() {}, onLine: undefined, close: async () => {} }
  }
  const { exportingTelemetry } = await import('./exporting-telemetry.ts')
  const resource = {
    'service.namespace': 'code-agent',
    'service.instance.id': `${hostname()}-${process.pid}`,
    ...readNamedValues(settings.OTEL_RESOURCE_ATTRIBUTES),
    'service.name': of.service,
  }
  return await exportingTelemetry({ settings, resource, secrets: of.secrets })
}
