import type { RunState } from '@code-agent/jobs/run'
import type { Model, ModelAnswer, ModelRequest } from '@code-agent/llm/model'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { UsagePart } from '@code-agent/store/usage'
import { z } from 'zod'
import { fromStored, toStored } from './stored-answer.ts'

type Ports = {
  store: Claims & UsagePart
  model: Model
  /** This process, as the effects table names who acts. */
  holder: string
  /** The longest one call may take. */
  callSeconds: number
}

export type ModelCall = {
  runId: string
  generation: number
  /** 0 is the planner's. */
  variant: number
  /** Counts the calls of a variant from 1; each is bought once, whatever dies. */
  call: number
  states: RunState[]
  request: Omit<ModelRequest, 'signal' | 'label'>
  signal: AbortSignal
}

export type ModelCalls = (call: ModelCall) => Promise<ModelAnswer>

const renewEveryMs = 10_000
const CallReference = z.object({ call: z.number() })

/**
 * Buys one answer of the model, or takes it from Postgres if it was bought before. The lease is renewed while the model
 * streams; after its last byte no crash buys the answer again.
 */
export function modelCalls({ store, model, holder, callSeconds }: Ports): ModelCalls {
  async function stored({
    runId,
    variant,
    call,
  }: Pick<ModelCall, 'runId' | 'variant' | 'call'>): Promise<ModelAnswer | undefined> {
    const found = (await store.conversation({ runId, variant })).find(answer => answer.call === call)
    return found && fromStored(found.answer)
  }

  async function buy({ runId, variant, call, request }: ModelCall, signal: AbortSignal): Promise<{ call: number }> {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(callSeconds * 1_000)])
    const answer = await model.generate({ ...request, label: { runId, variant, call }, signal: deadline })
    await store.saveConversation({ runId, variant, call, answer: toStored(answer) })
    await store.recordUsage({
      runId,
      variant,
      call,
      model: answer.model,
      ...answer.usage,
      costUsd: answer.costUsd ?? null,
      stop: answer.stop,
    })
    return { call }
  }

  return async asked => {
    const bought = await stored(asked)
    if (bought) return bought
    const { runId, generation, variant, call, states, signal } = asked
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
        renewEveryMs,
        signal,
      },
      claimed => buy(asked, claimed.signal),
    )
    const answer = await stored(asked)
    if (!answer) throw new Error(`call ${call} of variant ${variant} is done but its answer is not stored`)
    return answer
  }
}
