import type { Metrics } from './metrics.ts'
import { type StepEvent, stepObserver } from './step-metrics.ts'
import type { Tracing } from './tracing.ts'

/** A job of the queue, as far as it is told of. */
export type TracedJob = {
  name: string
  jobId: string
  data: { generation: number; runId?: string; taskId?: string; variant?: number | undefined }
  /** From 1. */
  attempt: number
  /** W3C traceparent of the dispatch that added its flow. */
  traceContext?: string
}

type Ended = StepEvent & { message?: string }

/** Errors by which a job tells its queue to keep it for later: how the attempt ended is known before one is thrown. */
const expected = () => true

/**
 * Each attempt of a step as a span under its dispatch, with run, variant, step and attempt on it and on every line that is
 * logged meanwhile. Spread into the options of a worker; `observe` is told of each attempt as well.
 */
export function stepSpans(tracing: Tracing, of: { queue: string; observe: (event: StepEvent) => void }) {
  return {
    around<T>(job: TracedJob, attempt: () => Promise<T>): Promise<T> {
      const { runId, taskId, variant, generation } = job.data
      return tracing.span(
        {
          name: job.name,
          kind: 'consumer',
          parent: job.traceContext ?? null,
          attributes: {
            'messaging.system': 'bullmq',
            'messaging.operation.type': 'process',
            'messaging.destination.name': of.queue,
            'messaging.message.id': job.jobId,
            'code_agent.run': runId,
            'code_agent.task': taskId,
            'code_agent.variant': variant,
            'code_agent.step': job.name,
            'code_agent.attempt': job.attempt,
            'code_agent.generation': generation,
          },
          fields: {
            ...(runId === undefined ? { taskId } : { runId }),
            ...(variant === undefined ? {} : { variant }),
            ...{ step: job.name, attempt: job.attempt, generation },
          },
          expected,
        },
        attempt,
      )
    },
    observe(event: Ended): void {
      of.observe(event)
      const span = tracing.here()
      span.set({ 'code_agent.outcome': event.outcome, 'code_agent.wait_seconds': event.waitSeconds })
      if (event.outcome !== 'failed' && event.outcome !== 'retry') {
        span.set({ 'code_agent.because': event.errorName })
        return
      }
      // The class alone: messages quote what models and servers wrote.
      span.fail({ type: event.errorName ?? 'Error' })
    },
  }
}

/** What a worker's steps come to, for metrics, traces and the log: spread into its options. */
export function toldSteps(metrics: Metrics, tracing: Tracing, worker: { queue: string; concurrency: number }) {
  return stepSpans(tracing, { queue: worker.queue, observe: stepObserver(metrics, worker) })
}
