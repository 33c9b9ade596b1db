import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type Link,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Attributes, Failure, Span, SpanKind, SpanOf, Tracing } from './tracing.ts'

const kinds: Record<SpanKind, OtelSpanKind> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
}

/** Longer texts are no attributes. */
const longest = 300

type Here = { context: Context; span: Span; fields: Readonly<Record<string, unknown>> }

export type OpenTelemetryOptions = {
  resource: Record<string, string>
  sampler: Sampler
  /** Where finished spans go. */
  processors: SpanProcessor[]
  /** Takes secrets out of every text of a span. */
  redact: (text: string) => string
}

/**
 * Spans by OpenTelemetry's SDK, without its globals: nothing but what this returns makes spans, so that no library adds
 * payloads of its own to them.
 */
export function openTelemetryTracing(options: OpenTelemetryOptions): Tracing & { close(): Promise<void> } {
  const { sampler, redact } = options
  const resource = resourceFromAttributes(options.resource)
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: options.processors })
  const tracer = provider.getTracer('code-agent')
  const store = new AsyncLocalStorage<Here>()

  function open(of: SpanOf): { otel: OtelSpan; here: Here } {
    const outer = store.getStore()
    const parent = of.parent === undefined ? (outer?.context ?? ROOT_CONTEXT) : contextOf(of.parent)
    const otel = startSpan(tracer, of, parent)
    const { traceId, spanId } = otel.spanContext()
    const span = spanOf(otel, redact)
    span.set(of.attributes ?? {})
    const fields = { ...outer?.fields, ...of.fields, traceId, spanId }
    return { otel, here: { context: trace.setSpan(parent, otel), span, fields } }
  }

  return {
    async span(of, work) {
      const { otel, here } = open(of)
      try {
        return await store.run(here, () => work(here.span))
      } catch (error) {
        if (!of.expected?.(error)) here.span.fail(failureOf(error))
        throw error
      } finally {
        otel.end()
      }
    },
    record(of) {
      const { otel, here } = open(of)
      if (of.failure) here.span.fail(of.failure)
      otel.end()
    },
    here: () => store.getStore()?.span ?? { set() {}, fail() {}, traceparent: undefined },
    fields: () => store.getStore()?.fields ?? {},
    adopt(traceparent) {
      const given = parseTraceparent(traceparent)
      if (!given) return undefined
      const { decision } = sampler.shouldSample(ROOT_CONTEXT, given.traceId, '', OtelSpanKind.SERVER, {}, [])
      const traceFlags = decision === SamplingDecision.RECORD_AND_SAMPLED ? TraceFlags.SAMPLED : TraceFlags.NONE
      return formatTraceparent({ ...given, traceFlags })
    },
    close: () => provider.shutdown(),
  }
}

function startSpan(tracer: Tracer, of: SpanOf, parent: Context): OtelSpan {
  return tracer.startSpan(
    of.name,
    {
      kind: kinds[of.kind ?? 'internal'],
      links: linksOf(of.links ?? []),
      ...(of.sinceMs === undefined ? {} : { startTime: Date.now() - of.sinceMs }),
    },
    parent,
  )
}

function spanOf(otel: OtelSpan, redact: (text: string) => string): Span {
  const clean = (text: string) => redact(text).slice(0, longest)
  return {
    set(attributes: Attributes) {
      for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined) continue
        if (typeof value === 'string') otel.setAttribute(name, clean(value))
        else otel.setAttribute(name, Array.isArray(value) ? value.map(clean) : value)
      }
    },
    fail({ type, message }: Failure) {
      otel.setAttribute('error.type', clean(type))
      otel.setStatus({
        code: SpanStatusCode.ERROR,
        ...(message === undefined ? {} : { message: clean(message) }),
      })
    },
    traceparent: formatTraceparent(otel.spanContext()),
  }
}

/** By its class alone: messages may quote what people and models wrote. */
function failureOf(error: unknown): Failure {
  return { type: error instanceof Error ? error.name : 'unknown' }
}

function contextOf(traceparent: string | null): Context {
  const parent = parseTraceparent(traceparent ?? undefined)
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT
}

function linksOf(traceparents: NonNullable<SpanOf['links']>): Link[] {
  return traceparents.flatMap(traceparent => {
    const context = parseTraceparent(traceparent ?? undefined)
    return context ? [{ context }] : []
  })
}

const traceparentPattern = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

/** W3C Trace Context: version-trace-span-flags, later versions with more behind it. */
function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparentPattern.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || traceparent?.startsWith('ff')) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & TraceFlags.SAMPLED, isRemote: true }
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
