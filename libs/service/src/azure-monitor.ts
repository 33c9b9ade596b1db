import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { type LogAttributes, SeverityNumber } from '@opentelemetry/api-logs'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { z } from 'zod'
import { tellLibraries } from './environment.ts'
import { metricBridge } from './metric-bridge.ts'
import type { Metrics } from './metrics.ts'

const everyMs = 60_000

/** The exporters tell Microsoft of themselves, and look for a virtual machine around them, unless they are told not to. */
const silent = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
  APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
}

export type AzureMonitor = {
  spans: SpanProcessor
  sendMetrics(metrics: Metrics): void
  /** A line as the log writes it: JSON, without secrets. */
  onLine(line: string): void
  close(): Promise<void>
}

/** Sends to the ingestion endpoint of a connection string, and nowhere else. What cannot be sent is dropped, not kept on disk. */
export async function azureMonitor(of: {
  connectionString: string
  resource: Record<string, string>
}): Promise<AzureMonitor> {
  tellLibraries(silent)
  const { AzureMonitorLogExporter, AzureMonitorMetricExporter, AzureMonitorTraceExporter } = await import(
    '@azure/monitor-opentelemetry-exporter'
  )
  const options = { connectionString: of.connectionString, disableOfflineStorage: true }
  const resource = resourceFromAttributes(of.resource)
  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor(new AzureMonitorLogExporter(options))],
  })
  const logger = logs.getLogger('code-agent')
  const meters: MeterProvider[] = []
  return {
    spans: new BatchSpanProcessor(new AzureMonitorTraceExporter(options)),
    sendMetrics(metrics) {
      const reader = new PeriodicExportingMetricReader({
        exporter: new AzureMonitorMetricExporter(options),
        exportIntervalMillis: everyMs,
        metricProducers: [metricBridge(metrics)],
      })
      meters.push(new MeterProvider({ resource, readers: [reader] }))
    },
    onLine(line) {
      const record = logRecord(line)
      if (record) logger.emit(record)
    },
    async close() {
      await Promise.allSettled([logs.shutdown(), ...meters.map(meter => meter.shutdown())])
    },
  }
}

const severities: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
}

const Line = z.looseObject({
  level: z.string(),
  time: z.coerce.date(),
  msg: z.string().optional(),
  traceId: z.string().optional(),
  spanId: z.string().optional(),
})

function logRecord(line: string) {
  const parsed = Line.safeParse(json(line))
  if (!parsed.success) return undefined
  const { level, time, msg = '', traceId, spanId, ...fields } = parsed.data
  const attributes: LogAttributes = {}
  for (const [name, value] of Object.entries(fields)) {
    attributes[name] = typeof value === 'string' ? value : JSON.stringify(value)
  }
  const context =
    traceId === undefined || spanId === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  const severity = { severityNumber: severities[level] ?? SeverityNumber.INFO, severityText: level }
  return { body: msg, timestamp: time, attributes, context, ...severity }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Redaction may have cut through an escape; the line is on stdout all the same.
    return undefined
  }
}
