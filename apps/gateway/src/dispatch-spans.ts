import type { Tracing } from '@code-agent/service/tracing'
import type { Dispatch, DispatchPart } from '@code-agent/store/dispatch'

/** Adds a flow as a span of the trace it belongs to; `add` gets the context its jobs carry. */
export type DispatchSpans = (dispatch: Dispatch, add: (context: string | undefined) => Promise<void>) => Promise<void>

/**
 * A run's dispatches, however many, and the answer to a comment go on with the trace of the delivery that asked for them,
 * each linked with the dispatch before. Other tasks are work of our own: a trace each, linked with the run's.
 */
export function dispatchSpans(tracing: Tracing, store: Pick<DispatchPart, 'saveDispatchContext'>): DispatchSpans {
  return (dispatch, add) => {
    const { generation, trace } = dispatch
    const isOurs = dispatch.kind === 'task' && dispatch.task !== 'answer-comment'
    const owner = dispatch.kind === 'task' ? { taskId: dispatch.taskId } : { runId: dispatch.runId }
    return tracing.span(
      {
        name: `dispatch ${dispatch.kind === 'task' ? dispatch.task : dispatch.kind}`,
        kind: 'producer',
        parent: isOurs ? null : (trace?.accepted ?? null),
        links: isOurs ? [trace?.accepted] : [trace?.before],
        attributes: {
          'messaging.system': 'bullmq',
          'messaging.operation.type': 'send',
          'code_agent.run': 'runId' in owner ? owner.runId : undefined,
          'code_agent.task': 'taskId' in owner ? owner.taskId : undefined,
          'code_agent.generation': generation,
        },
        fields: { ...owner, generation },
      },
      async span => {
        await add(span.traceparent)
        if (span.traceparent === undefined || dispatch.kind === 'task') return
        // For a link only: not worth more than a try.
        const { runId } = dispatch
        await store.saveDispatchContext({ runId, generation, context: span.traceparent }).catch(() => {})
      },
    )
  }
}
