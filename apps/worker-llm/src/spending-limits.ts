import { Rejected } from '@code-agent/jobs/errors'
import { type Limit, limitSentence } from '@code-agent/jobs/limits'
import type { Model, ModelAnswer, ModelRequest, ModelUsage } from '@code-agent/llm/model'
import type { Budgets } from '@code-agent/store/budgets'

type Asked = {
  runId: string
  variant: number
  call: number
  model: Pick<Model, 'costOf'>
  request: Omit<ModelRequest, 'signal' | 'label'>
}

/** Code has more tokens than prose; an estimate that is too low would let the limit be passed. */
const charactersPerToken = 3

/**
 * Sets aside the most a call may cost before it is made, and afterwards what it did cost. A call that failed costs nothing.
 * @throws Rejected naming the limit that is reached, and when it renews
 */
export function spendingLimits(store: Budgets, limits: readonly Limit[]) {
  return async (asked: Asked, generate: () => Promise<ModelAnswer>): Promise<ModelAnswer> => {
    if (limits.length === 0) return await generate()
    const most = mostUsed(asked.request)
    const usd = asked.model.costOf(most) ?? 0
    const reached = await store.reserve({ ...asked, tokens: tokensOf(most), usd, limits })
    if (reached) throw new Rejected(limitSentence(reached))
    try {
      const answer = await generate()
      await store.settleReservation({ ...asked, tokens: tokensOf(answer.usage), usd: answer.costUsd ?? 0 })
      return answer
    } catch (error) {
      await store.releaseReservation(asked)
      throw error
    }
  }
}

function mostUsed({ system, shared, turns, tools = [], maxOutputTokens }: Asked['request']): ModelUsage {
  const prompt = JSON.stringify([system, shared, turns, tools])
  return {
    inputTokens: Math.ceil(prompt.length / charactersPerToken),
    outputTokens: maxOutputTokens,
    ...{ cacheReadTokens: 0, cacheWriteTokens: 0 },
  }
}

function tokensOf(usage: ModelUsage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
}
