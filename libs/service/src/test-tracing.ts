import { AlwaysOnSampler, InMemorySpanExporter, type Sampler, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { openTelemetryTracing } from './open-telemetry.ts'
import { redactor } from './redact.ts'

/** Tracing of which every finished span can be looked at; `secrets` are taken out. */
export function collectedTracing(of: { sampler?: Sampler; secrets?: string[] } = {}) {
  const exporter = new InMemorySpanExporter()
  const tracing = openTelemetryTracing({
    sampler: of.sampler ?? new AlwaysOnSampler(),
    resource: { 'service.name': 'test' },
    redact: redactor(of.secrets ?? []),
    processors: [new SimpleSpanProcessor(exporter)],
  })
  const spans = () =>
    exporter.getFinishedSpans().map(span => {
      const { name, attributes, status, links, parentSpanContext } = span
      const { traceId: trace, spanId: id } = span.spanContext()
      const linked = links.map(({ context }) => context.spanId)
      return { name, attributes, status, trace, id, parent: parentSpanContext?.spanId, links: linked }
    })
  return { tracing, spans }
}
