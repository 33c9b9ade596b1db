import { afterAll, beforeAll, expect, test } from 'vitest'
import { runIn, type TestStore, testStore } from './test-store.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(async () => await db.stop())

test('a run is overdue when its deadline passed and nobody ended it, or its end was begun and never came', async () => {
  const { store, query } = db
  const [running, ending, ended] = [
    await runIn(store, 'running'),
    await runIn(store, 'ending'),
    await runIn(store, 'ended'),
  ]
  expect(await store.overdueRuns()).toBe(0)
  await query(`UPDATE runs SET deadline = now() - interval '2 minutes' WHERE id = $1`, [running.runId])
  expect(await store.overdueRuns()).toBe(1)
  await query(`UPDATE runs SET dispatched_at = now() - interval '1 hour' WHERE id = ANY($1)`, [
    [ending.runId, ended.runId],
  ])
  expect(await store.overdueRuns()).toBe(2)
})
