import { Rejected, Throttled } from '@code-agent/jobs/errors'
import type { Model, ModelAnswer, ModelUsage } from './model.ts'

/** One call that was made, whatever came of it. */
export type ModelCallRecord = {
  status: 'answered' | 'truncated' | 'refused' | 'throttled' | 'rejected' | 'stopped' | 'failed'
  seconds: number
  usage?: ModelUsage
  costUsd?: number | undefined
}

/** The same model, with somebody told of each call; `observe` must not throw. */
export function observedModel(model: Model, observe: (call: ModelCallRecord) => void): Model {
  return {
    ...model,
    async generate(request) {
      const started = performance.now()
      const seconds = () => (performance.now() - started) / 1_000
      try {
        const answer = await model.generate(request)
        observe({ status: statusOf(answer), seconds: seconds(), usage: answer.usage, costUsd: answer.costUsd })
        return answer
      } catch (error) {
        observe({ status: failureOf(error, request.signal), seconds: seconds() })
        throw error
      }
    },
  }
}

function statusOf({ stop }: ModelAnswer): ModelCallRecord['status'] {
  if (stop === 'refused') return 'refused'
  return stop === 'truncated' || stop === 'overfull' ? 'truncated' : 'answered'
}

function failureOf(error: unknown, signal: AbortSignal): ModelCallRecord['status'] {
  if (error instanceof Throttled) return 'throttled'
  if (error instanceof Rejected) return 'rejected'
  return signal.aborted ? 'stopped' : 'failed'
}
