import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AttemptEnd } from './attempts.ts'
import type { Store } from './store.ts'
import { runIn, type TestRun, type TestStore, testStore } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

async function attempt(run: TestRun, step: string, end?: Omit<AttemptEnd, 'id'>): Promise<number> {
  const id = await store.attemptStarted({
    scope: { runId: run.runId },
    variant: 1,
    step,
    generation: run.generation,
    jobId: 'j',
    attempt: 1,
  })
  if (end) await store.attemptEnded({ id, ...end })
  return id
}

test('the failure that counts is the last for good, else the last that was retried or lost', async () => {
  const run = await runIn(store, 'running')
  const last = () => store.lastFailure({ runId: run.runId, variant: 1 })
  expect(await last()).toBeUndefined()
  await attempt(run, 'reserve-branch', { outcome: 'done' })
  await attempt(run, 'reserve-branch', { outcome: 'postponed' })
  expect(await last()).toBeUndefined()
  await attempt(run, 'write-patch', { outcome: 'retry', reasonClass: 'model', message: 'overloaded' })
  expect(await last()).toMatchObject({ step: 'write-patch', message: 'overloaded' })
  await attempt(run, 'commit-patch')
  expect(await last()).toMatchObject({ step: 'commit-patch', reasonClass: 'worker-lost' })
  const id = await attempt(run, 'commit-patch', { outcome: 'failed', reasonClass: 'policy', message: 'protected\0' })
  await attempt(run, 'open-draft-pr', { outcome: 'retry', message: 'later' })
  expect(await last()).toMatchObject({ step: 'commit-patch', reasonClass: 'policy', message: 'protected\uFFFD' })
  await store.attemptEnded({ id, outcome: 'done' })
  expect(await last()).toMatchObject({ step: 'commit-patch', reasonClass: 'policy' })
  expect(
    await store.lostAttempts({
      scope: { runId: run.runId },
      step: 'commit-patch',
      variant: 1,
      generation: run.generation,
    }),
  ).toBe(1)
})
