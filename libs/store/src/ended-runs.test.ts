import { afterAll, beforeAll, expect, test } from 'vitest'
import { runIn, type TestStore, testStore } from './test-store.ts'

let db: TestStore
beforeAll(async () => {
  db = await testStore()
})
afterAll(async () => await db.stop())

const now = { settledSeconds: 0 }

test('each run that ended is told once, to one of those who ask, with how long it took; history is not', async () => {
  const { store } = db
  await runIn(store, 'ended')
  expect(await store.takeEndedRuns(now)).toEqual([])

  await runIn(store, 'ended')
  const drafted = await runIn(store, 'running')
  await db.query(`UPDATE runs SET created_at = now() - interval '60 s' WHERE id = $1`, [drafted.runId])
  await db.query(
    `UPDATE variants SET outcome = 'done', pull_request_id = 9, ended_at = now() - interval '20 s' WHERE run_id = $1 AND index = 2`,
    [drafted.runId],
  )
  await store.conclude(drafted)
  await store.ended(drafted)

  const askers = await Promise.all(Array.from({ length: 5 }, () => store.takeEndedRuns(now)))
  const told = askers.flat().toSorted((a, b) => a.overviewSeconds - b.overviewSeconds)
  expect(told.map(({ outcome }) => outcome)).toEqual(['failed', 'done'])
  expect(told[0]).toMatchObject({ endingCause: 'concluded', firstDraftSeconds: null })
  expect(told[0]?.variants).toHaveLength(3)
  expect(told[1]?.overviewSeconds).toBeCloseTo(60, 0)
  expect(told[1]?.firstDraftSeconds).toBeCloseTo(40, 0)
  expect(told[1]?.variants.filter(({ outcome }) => outcome === 'done')).toHaveLength(1)
  expect(await store.takeEndedRuns(now)).toEqual([])
})

test('what ended a moment ago is told a moment later, since older events may still be on their way', async () => {
  await runIn(db.store, 'ended')
  expect(await db.store.takeEndedRuns({ settledSeconds: 60 })).toEqual([])
  expect(await db.store.takeEndedRuns(now)).toHaveLength(1)
})
