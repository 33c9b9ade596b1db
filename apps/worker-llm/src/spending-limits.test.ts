import type { ModelAnswer, ModelUsage } from '@code-agent/llm/model'
import { costOf } from '@code-agent/llm/prices'
import { newRun, type TestStore, testStore } from '@code-agent/store/test-store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spendingLimits } from './spending-limits.ts'

let database: TestStore
beforeAll(async () => {
  database = await testStore()
})
afterAll(() => database.stop())

const answer: ModelAnswer = {
  ...{ text: 'Does it.', toolCalls: [], stop: 'end', costUsd: 0.02, model: 'claude-sonnet-5-5' },
  usage: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 3 },
  assistantTurn: { provider: 'anthropic', content: [] },
}

async function call() {
  const { runId } = await database.store.acceptRun(newRun({ repositoryId: `r${Math.random()}` }))
  const request = { system: 's', shared: 'x'.repeat(3_000), turns: [], maxOutputTokens: 10_000 }
  return {
    runId,
    variant: 1,
    call: 1,
    model: { costOf: (usage: ModelUsage) => costOf('claude-sonnet-5-5', usage) },
    request,
  }
}

const setAside = (runId: string) =>
  database.query<{ tokens: number; usd: number; settled: boolean }>(
    'SELECT tokens::int, usd::float, settled_at IS NOT NULL AS settled FROM reservations WHERE run_id = $1',
    [runId],
  )

test('row 18: no call is made that the limit might not cover, and the reason names limit and time', async () => {
  const within = spendingLimits(database.store, [{ scope: 'repository', of: 'tokens', most: 11_000 }])
  let calls = 0
  const asked = await call()
  const refused = within(asked, async () => {
    calls++
    return answer
  })
  await expect(refused).rejects.toThrow(/11,000 tokens of today.*renews at .* 00:00 UTC/)
  expect([calls, await setAside(asked.runId)]).toEqual([0, []])
})

test('while a call is under way the most it may cost is set aside, then what it did cost', async () => {
  const within = spendingLimits(database.store, [{ scope: 'repository', of: 'usd', most: 1 }])
  const asked = await call()
  await within(asked, async () => {
    const [during] = await setAside(asked.runId)
    expect(during?.settled).toBe(false)
    expect(during?.usd).toBeGreaterThan(0.1)
    return answer
  })
  expect(await setAside(asked.runId)).toEqual([{ tokens: 123, usd: 0.02, settled: true }])
})

test('a call that failed is nobody’s bill', async () => {
  const within = spendingLimits(database.store, [{ scope: 'repository', of: 'usd', most: 1 }])
  const asked = await call()
  await expect(within(asked, () => Promise.reject(new Error('broken stream')))).rejects.toThrow('broken stream')
  expect(await setAside(asked.runId)).toEqual([])
})
