import { Rejected } from '@code-agent/jobs/errors'
import type { Limit } from '@code-agent/jobs/limits'
import type { RunState } from '@code-agent/jobs/run'
import type { Model, ModelAnswer, ModelRequest } from '@code-agent/llm/model'
import type { Budgets } from '@code-agent/store/budgets'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { UsagePart } from '@code-agent/store/usage'
import { z } from 'zod'
import { spendingLimits } from './spending-limits.ts'
import { fromStored, toStored } from './stored-answer.ts'

type Ports = {
  store: Claims & UsagePart & Budgets
  /** This process, as the effects table names who acts. */
  holder: string
  /** The longest one call may take. */
  callSeconds: number
  /** On tokens and money. */
  limits: readonly Limit[]
}

export type ModelCall = {
  runId: string
  generation: number
  model: Model
  /** 0 is the planner's. */
  variant: number
  /** Counts the calls of a variant from 1; each is bought once, whatever dies. */
  call: number
  /** How often the step was begun, from 1. */
  attempt: number
  /** Of the run; null if it has none. */
  deadline: Date | null
  states: RunState[]
  request: Omit<ModelRequest, 'signal' | 'label'>
  signal: AbortSignal
}

export type ModelCalls = {
  (call: ModelCall): Promise<ModelAnswer>
  /** Whether a call as long as the last one would end before the deadline. */
  hasTime(deadline: Date | null): boolean
}

/**
 * Shorter than for changes in Azure DevOps: nothing lands late here, and it is what a variant waits for when the worker
 * that was streaming is killed.
 */
const longestLeaseMs = 20_000
const renewEveryMs = 5_000
const CallReference = z.object({ call: z.number() })
/** No answer of use comes sooner, and the commit and its draft come after it. */
const leastMs = 5_000
const spareMs = 10_000
/** A call that ran out of time is bought once more; a third time would only cost more. */
const mostTimeouts = 2

/**
 * Buys one answer of the model, or takes it from Postgres if it was bought before. The lease is renewed while the model
 * streams; after its last byte no crash buys the answer again. No call is begun that cannot end before the deadline.
 */
export function modelCalls({ store, holder, callSeconds, limits }: Ports): ModelCalls {
  const [withinLimits, stored] = [spendingLimits(store, limits), storedAnswers(store)]
  let lastMs = leastMs

  async function buy(asked: ModelCall, signal: AbortSignal): Promise<ModelAnswer> {
    const { runId, variant, call, model, request } = asked
    const late = AbortSignal.timeout(Math.min(callSeconds * 1_000, timeLeft(asked.deadline)))
    const begun = performance.now()
    const whole = { ...request, label: { runId, variant, call }, signal: AbortSignal.any([signal, late]) }
    const answer = await withinLimits(asked, () => model.generate(whole)).catch(error => {
      throw late.aborted && !signal.aborted ? outOfTime(asked, callSeconds, error) : error
    })
    lastMs = Math.max(leastMs, performance.now() - begun)
    const cost = { ...answer.usage, model: answer.model, costUsd: answer.costUsd ?? null, stop: answer.stop }
    const kept = await store.saveAnswer({ runId, variant, call, ...cost, answer: toStored(answer) })
    return fromStored(kept)
  }

  const ask = async (asked: ModelCall): Promise<ModelAnswer> => {
    const bought = await stored(asked)
    if (bought) return bought
    if (timeLeft(asked.deadline) < leastMs)
      throw new Rejected('No time was left before the deadline of the request to ask the model.')
    const { runId, generation, variant, call, states, signal, model } = asked
    let mine: ModelAnswer | undefined
    await withEffect(
      store,
      {
        scope: { runId },
        generation,
        variant,
        kind: 'model-call',
        number: call,
        guard: 'work',
        states,
        holder,
        reference: CallReference,
        gates: [model.gate],
        leaseMs: Math.min(store.leaseMs ?? longestLeaseMs, longestLeaseMs),
        renewEveryMs,
        signal,
        // A call that failed is over for us: the next try need not wait for the lease to end.
        aftermath: () => 'nothing-happened',
      },
      async claimed => {
        mine = await buy(asked, claimed.signal)
        return { call }
      },
    )
    const answer = mine ?? (await stored(asked))
    if (!answer) throw new Error(`call ${call} of variant ${variant} is done but its answer is not stored`)
    return answer
  }
  return Object.assign(ask, { hasTime: (deadline: Date | null) => timeLeft(deadline) >= lastMs })
}

function storedAnswers(store: Pick<UsagePart, 'answer'>) {
  return async ({ runId, variant, call }: Pick<ModelCall, 'runId' | 'variant' | 'call'>) => {
    const found = await store.answer({ runId, variant, call })
    return found === undefined ? found : fromStored(found)
  }
}

function timeLeft(deadline: Date | null): number {
  return deadline ? deadline.getTime() - Date.now() - spareMs : Infinity
}

function outOfTime({ attempt, deadline }: ModelCall, callSeconds: number, cause: unknown): Error {
  if (timeLeft(deadline) < leastMs)
    return new Rejected('The model did not finish before the deadline of the request.', { cause })
  if (attempt < mostTimeouts) return new Error('The model did not finish in time.', { cause })
  return new Rejected(`The model did not finish within ${callSeconds} s, ${mostTimeouts} times.`, { cause })
}
