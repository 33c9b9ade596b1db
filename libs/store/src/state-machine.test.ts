import type { RunState } from '@code-agent/jobs/run'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dispatch } from './dispatch.ts'
import type { RunRow } from './read.ts'
import type { Store } from './store.ts'
import { admission, newRun, strategies, type TestRun, type TestStore, testStore, wide } from './test-store.ts'
import { allowed } from './transitions.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

const steps = [
  'admit',
  'planned',
  'refuse',
  'failAdmission',
  'cancel',
  'conclude',
  'ended',
  'dispatch',
  'dueAgain',
  'fail',
  'done',
] as const
type Step = (typeof steps)[number]

/** What anybody may do at any time, with a generation that may be stale. */
const moves = fc.array(
  fc.record({ step: fc.constantFrom(...steps), stale: fc.boolean(), variant: fc.integer({ min: 1, max: 3 }) }),
  {
    maxLength: 25,
  },
)

async function make(step: Step, flow: TestRun, variant: number): Promise<unknown> {
  switch (step) {
    case 'admit':
      return await store.admit({ ...flow, admission })
    case 'planned':
      return await store.planned({ ...flow, strategies })
    case 'refuse':
    case 'failAdmission':
      return await store[step]({ ...flow, reason: 'no' })
    case 'cancel':
      return await store.cancel({ ...flow, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    case 'conclude':
      return await store.conclude(flow)
    case 'ended':
      return await store.ended(flow)
    case 'dispatch':
      return await store.dispatchNext(wide)
    case 'dueAgain':
      return await store.dueAgain(flow)
    case 'fail':
      return await store.variantFailed({ ...flow, variant, reason: 'no', reasonClass: 'policy' })
    case 'done':
      return await store.variantDone({ runId: flow.runId, variant, ...draft })
  }
}

const draft = { branch: 'b', commit: 'c', pullRequestId: 1, summary: 's', files: 1, additions: 1, deletions: 0 }

async function rowOf(runId: string): Promise<RunRow> {
  const [run] = [await store.run(runId)]
  if (!run) throw new Error('the run is gone')
  return run
}

const legal = (from: RunState, to: RunState) =>
  from === to ||
  (from === 'ready' && to === 'running') ||
  Object.values(allowed).some(verb => verb.to === to && verb.from.some(state => state === from))

test('whatever anybody does in any order, a run goes only where it may, and outcomes stay', async () => {
  const property = fc.asyncProperty(moves, async made => {
    const { runId } = await store.acceptRun(newRun())
    let before = await rowOf(runId)
    for (const { step, stale, variant } of made) {
      await make(step, { runId, generation: before.generation - (stale ? 1 : 0) }, variant)
      const after = await rowOf(runId)
      expect(legal(before.state, after.state)).toBe(true)
      expect(after.generation).toBeGreaterThanOrEqual(before.generation)
      if (stale && step !== 'dispatch' && step !== 'done')
        expect(after).toMatchObject({ state: before.state, generation: before.generation })
      if (before.outcome !== null) expect(after.outcome).toBe(before.outcome)
      if (before.admission !== null) expect(after.admission).toEqual(before.admission)
      before = after
    }
    await driveToTheEnd(runId)
  })
  await fc.assert(property, { numRuns: 60 })
}, 120_000)

test('whatever many do at once, a run comes to its end', async () => {
  const property = fc.asyncProperty(moves, async made => {
    const { runId } = await store.acceptRun(newRun())
    await store.dispatchNext(wide)
    const { generation } = await rowOf(runId)
    await Promise.all(made.map(({ step, variant }) => make(step, { runId, generation }, variant)))
    await driveToTheEnd(runId)
  })
  await fc.assert(property, { numRuns: 40 })
}, 120_000)

/** Dispatcher, sweeper and honest workers: each flow does what its state asks for. */
async function driveToTheEnd(runId: string): Promise<void> {
  for (let round = 0; round < 6; round++) {
    const { state, generation } = await rowOf(runId)
    if (state === 'ended') break
    await store.dueAgain({ runId, generation })
    for (const flow of await store.dispatchNext(wide))
      if (flow.kind !== 'task' && flow.runId === runId) await work(flow)
  }
  const run = await store.run(runId)
  expect(run).toMatchObject({ state: 'ended', outcome: expect.any(String), endedAt: expect.any(Date) })
  expect(run?.variants.map(variant => variant.outcome)).not.toContain(null)
  const anyDone = run?.variants.some(variant => variant.outcome === 'done')
  if (run?.outcome === 'done') expect(anyDone).toBe(true)
}

async function work(flow: Exclude<Dispatch, { kind: 'task' }>): Promise<void> {
  const { runId, generation } = flow
  if (flow.kind === 'admission') {
    await store.admit({ runId, generation, admission })
    await store.planned({ runId, generation, strategies })
    return
  }
  if (flow.kind === 'variants') for (const variant of flow.chains) await store.variantDone({ runId, variant, ...draft })
  if (flow.kind !== 'refusal') expect(await store.conclude({ runId, generation })).toBeDefined()
  expect(await store.ended({ runId, generation })).toBe(true)
}
