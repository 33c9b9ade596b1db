import { Rejected, Throttled } from '@code-agent/jobs/errors'
import type { Model, ModelAnswer, ModelUsage } from './model.ts'

/** One call that was made, whatever came of it. */
export type ModelCallRecord = {
  provider: Model['provider']
  /** As it was asked for. */
  model: string
  maxOutputTokens: number
  status: 'answered' | 'truncated' | 'refused' | 'throttled' | 'rejected' | 'stopped' | 'failed'
  seconds: number
  usage?: ModelUsage
  costUsd?: number | undefined
  /** The model that answered, by its server's account, and why it stopped. */
  answeredBy?: string
  stop?: ModelAnswer['stop']
}

/** The same model, with somebody told of each call; `observe` must not throw. */
export function observedModel(model: Model, observe: (call: ModelCallRecord) => void): Model {
  return {
    ...model,
    async generate(request) {
      const started = performance.now()
      const asked = { provider: model.provider, model: model.name, maxOutputTokens: request.maxOutputTokens }
      const observed = (call: Pick<ModelCallRecord, 'status'> & Partial<ModelCallRecord>) =>
        observe({ ...asked, ...call, seconds: (performance.now() - started) / 1_000 })
      try {
        const answer = await model.generate(request)
        const { usage, costUsd, model: answeredBy, stop } = answer
        observed({ status: statusOf(answer), usage, costUsd, answeredBy, stop })
        return answer
      } catch (error) {
        observed({ status: failureOf(error, request.signal) })
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
