import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { runIn, type TestStore, testStore } from './test-store.ts'
import type { Usage } from './usage.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

test('a call is counted once, with its money exact', async () => {
  const { runId } = await runIn(store, 'running')
  const usage: Usage = {
    runId,
    variant: 0,
    call: 1,
    model: 'm',
    inputTokens: 3_000_000_000,
    outputTokens: 20,
    cacheReadTokens: 5,
    cacheWriteTokens: 6,
    costUsd: 0.01234567,
    stop: 'end_turn',
  }
  await store.recordUsage(usage)
  await store.recordUsage({ ...usage, costUsd: 99 })
  await store.recordUsage({ ...usage, variant: 2, costUsd: null })
  expect(await store.usageOf(runId)).toEqual([usage, { ...usage, variant: 2, costUsd: null }])
})

test('the first answer of a call stays, and a conversation comes back in order', async () => {
  const { runId } = await runIn(store, 'running')
  const answer = { turn: [{ text: 'a\\b\u2028"' }], odd: null, list: [1, [2]] }
  expect(await store.saveConversation({ runId, variant: 1, call: 2, answer: ['two'] })).toEqual(['two'])
  expect(await store.saveConversation({ runId, variant: 1, call: 1, answer })).toEqual(answer)
  expect(await store.saveConversation({ runId, variant: 1, call: 1, answer: 'other' })).toEqual(answer)
  expect(await store.conversation({ runId, variant: 1 })).toEqual([
    { call: 1, answer },
    { call: 2, answer: ['two'] },
  ])
  expect(await store.conversation({ runId, variant: 2 })).toEqual([])
})
