import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { newRun, runIn, type TestStore, testStore } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

test('runs are listed by where their command stands and whether they are open', async () => {
  const ended = await runIn(store, 'ended')
  const run = newRun({ repositoryId: 'listed' })
  await store.acceptRun(run)
  const found = await store.runs({
    filter: { organisation: 'contoso', repositoryId: 'listed', pullRequestId: 7, threadId: 3, open: true },
  })
  expect(found.map(one => one.runId)).toEqual([run.runId])
  expect((await store.runs({ filter: { states: ['ended'] } })).map(one => one.runId)).toContain(ended.runId)
  expect((await store.runs({ filter: { open: true } })).map(one => one.runId)).not.toContain(ended.runId)
  expect(await store.runs({ filter: { createdAfter: new Date(Date.now() + 60_000) } })).toEqual([])
  expect(await store.runs({ limit: 1 })).toHaveLength(1)
  expect(await store.run(crypto.randomUUID())).toBeUndefined()
})
