import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { runIn, type TestStore, testStore, usageOf } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

test('a call is counted once, with its money exact', async () => {
  const { runId } = await runIn(store, 'running')
  const usage = usageOf(runId)
  const answer = 'an answer'
  await store.saveAnswer({ ...usage, answer })
  await store.saveAnswer({ ...usage, costUsd: 99, answer })
  await store.saveAnswer({ ...usage, variant: 2, costUsd: null, answer })
  expect(await store.usageOf(runId)).toEqual([usage, { ...usage, variant: 2, costUsd: null }])
})

test('the first answer of a call stays, and comes back as it was', async () => {
  const usage = usageOf((await runIn(store, 'running')).runId)
  const answer = { turn: [{ text: 'a\\b\u2028"' }], odd: null, list: [1, [2]] }
  expect(await store.saveAnswer({ ...usage, answer })).toEqual(answer)
  expect(await store.saveAnswer({ ...usage, answer: 'other' })).toEqual(answer)
  expect(await store.answer(usage)).toEqual(answer)
  expect(await store.answer({ ...usage, call: 2 })).toBeUndefined()
})
