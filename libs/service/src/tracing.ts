import { AsyncLocalStorage } from 'node:async_hooks'

export type Attributes = Readonly<Record<string, string | number | boolean | string[] | undefined>>
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export type SpanOf = {
  /** From a closed set: no id, no text of anybody. */
  name: string
  kind?: SpanKind
  attributes?: Attributes
  /** What every line that is logged meanwhile says besides. */
  fields?: Readonly<Record<string, unknown>>
  /** W3C traceparent of the cause, when it lies elsewhere; null when there is none. Otherwise it is what is being done now. */
  parent?: string | null | undefined
  /** W3C traceparents of what it has to do with. */
  links?: (string | null | undefined)[]
  /** It began so long ago. */
  sinceMs?: number
}

export type Failure = {
  /** The error's class. */
  type: string
  /** Must not hold what people or models wrote; secrets are taken out. */
  message?: string | undefined
}

export type Span = {
  set(attributes: Attributes): void
  fail(failure: Failure): void
  /** W3C traceparent of this span, for what it causes elsewhere. */
  traceparent: string | undefined
}

/** What is being done right now, through all awaits: spans for whoever collects them, fields for the log. */
export type Tracing = {
  /** Does `work` as a span. What it throws fails the span by its class, unless `expected` says that it is no failure. */
  span<T>(of: SpanOf & { expected?: (error: unknown) => boolean }, work: (span: Span) => Promise<T>): Promise<T>
  /** A span that is over: it lasted for `sinceMs` until now. */
  record(of: SpanOf & { sinceMs: number; failure?: Failure | undefined }): void
  /** The innermost span that is open here. */
  here(): Span
  /** Of the log, here. */
  fields(): Readonly<Record<string, unknown>>
  /**
   * The same cause with our own decision whether it is recorded: a sender that we know may choose the trace, not what we keep.
   * @returns undefined when `traceparent` is none, or nobody collects spans
   */
  adopt(traceparent: string | undefined): string | undefined
}

const nothing: Span = { set() {}, fail() {}, traceparent: undefined }

/** Without anybody who collects spans: only the log's fields. */
export function logTracing(): Tracing {
  const fields = new AsyncLocalStorage<Readonly<Record<string, unknown>>>()
  return {
    span(of, work) {
      if (of.fields === undefined) return work(nothing)
      return fields.run({ ...fields.getStore(), ...of.fields }, () => work(nothing))
    },
    record() {},
    here: () => nothing,
    fields: () => fields.getStore() ?? {},
    adopt: () => undefined,
  }
}
