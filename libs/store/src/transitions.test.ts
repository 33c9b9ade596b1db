import { runStates } from '@code-agent/jobs/run'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClaimRequest } from './claim.ts'
import type { Store } from './store.ts'
import {
  admission,
  dispatched,
  newRun,
  runIn,
  strategies,
  type TestRun,
  type TestStore,
  testStore,
} from './test-store.ts'
import { allowed } from './transitions.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

const verbs = {
  planned: run => store.planned({ ...run, strategies }),
  refuse: run => store.refuse({ ...run, reason: 'you may not' }),
  failAdmission: run => store.failAdmission({ ...run, reason: 'no plan' }),
  cancel: run => store.cancel({ ...run, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' }),
  conclude: async run => (await store.conclude(run)) !== undefined,
  ended: run => store.ended(run),
} satisfies Record<keyof typeof allowed, (run: TestRun) => Promise<boolean>>

const verbNames = ['planned', 'refuse', 'failAdmission', 'cancel', 'conclude', 'ended'] as const

describe('the state machine', () => {
  test.each(verbNames.flatMap(verb => runStates.map(state => [verb, state] as const)))(
    '%s from %s',
    async (verb, state) => {
      const run = await runIn(store, state)
      // What planned needs besides its state.
      if (state === 'accepted') await store.admit({ ...run, admission })
      const before = await store.run(run.runId)
      const legal = allowed[verb].from.some(from => from === state)
      expect(await verbs[verb](run)).toBe(legal)
      const after = await store.run(run.runId)
      if (legal) expect(after?.state).toBe(allowed[verb].to)
      else expect(after).toEqual(before)
    },
  )

  test.each(verbNames)('a stale or future generation cannot do %s', async verb => {
    const run = await runIn(store, allowed[verb].from[0])
    if (allowed[verb].from[0] === 'accepted') await store.admit({ ...run, admission })
    const before = await store.run(run.runId)
    for (const generation of [run.generation - 1, run.generation + 1]) {
      expect(await verbs[verb]({ ...run, generation })).toBe(false)
    }
    expect(await store.run(run.runId)).toEqual(before)
  })

  test('every transition is in the audit, in order', async () => {
    const run = await runIn(store, 'ended')
    const kinds = (await store.timeline(run.runId)).map(event => event.kind)
    expect(kinds).toEqual(['accepted', 'dispatched', 'admit', 'planned', 'dispatched', 'conclude', 'ended'])
  })

  test('of many who cancel and conclude at once, one cancels or one concludes', async () => {
    const run = await runIn(store, 'running')
    const told = await Promise.all(Array.from({ length: 8 }, (_, n) => (n % 2 ? verbs.cancel(run) : verbs.ended(run))))
    expect(told.filter(Boolean)).toHaveLength(1)
    expect((await store.run(run.runId))?.generation).toBe(run.generation + 1)
  })
})

describe('admission', () => {
  test('is pinned once: a second try learns what was stored', async () => {
    const run = await runIn(store, 'accepted')
    expect(await store.admit({ ...run, admission })).toEqual(admission)
    expect(await store.admit({ ...run, admission: { ...admission, slug: 'other' } })).toEqual(admission)
    expect(await store.admit({ ...run, generation: 99, admission })).toBeUndefined()
  })

  test('a run without it, or with too few strategies, is not planned', async () => {
    const run = await runIn(store, 'accepted')
    expect(await store.planned({ ...run, strategies })).toBe(false)
    await store.admit({ ...run, admission })
    expect(await store.planned({ ...run, strategies: strategies.slice(1) })).toBe(false)
    expect(await store.planned({ ...run, strategies })).toBe(true)
    expect((await store.run(run.runId))?.variants.map(variant => variant.strategy)).toEqual(strategies)
  })

  test('the settings of the project may add variants, another target and a marker', async () => {
    const run = await runIn(store, 'accepted')
    await store.admit({ ...run, admission })
    const more = [...strategies, { name: 'four', brief: 'another model', model: 'm', effort: 'high' as const }]
    const project = { draftTarget: 'main', ciMarker: '[skip ci]' }
    expect(await store.planned({ ...run, strategies: more, project })).toBe(true)
    const planned = await store.run(run.runId)
    expect(planned).toMatchObject({ variantCount: 4, admission: { ...admission, ...project } })
    expect(planned?.variants.map(variant => variant.strategy)).toEqual(more)
  })

  test('a refusal keeps its reason and is due as a refusal', async () => {
    const run = await runIn(store, 'accepted')
    await store.refuse({ ...run, reason: 'you may not\0' })
    const closing = await dispatched(store, run.runId)
    expect(closing).toMatchObject({ kind: 'refusal', generation: run.generation + 2 })
    expect(await store.run(run.runId)).toMatchObject({
      state: 'ending',
      outcome: 'refused',
      reason: 'you may not\uFFFD',
    })
    expect(await store.ended(closing)).toBe(true)
    expect(await store.run(run.runId)).toMatchObject({ state: 'ended', outcome: 'refused' })
  })
})

describe('cancelling', () => {
  test('an accepted run that nobody dispatched yet ends cancelled, with all its variants', async () => {
    const { runId } = await store.acceptRun(newRun())
    expect(await store.cancel({ runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })).toBe(true)
    const closing = await dispatched(store, runId)
    expect(closing).toMatchObject({ kind: 'closing', unannounced: [] })
    const concluded = await store.conclude(closing)
    expect(concluded?.outcome).toBe('cancelled')
    expect(concluded?.variants.map(variant => variant.outcome)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })

  test('tells those who work for the run', async () => {
    const run = await runIn(store, 'running')
    const told = Promise.withResolvers<string>()
    const listening = await store.listenForEndings(told.resolve)
    await store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    expect(await told.promise).toBe(run.runId)
    await listening.stop()
  })

  test('a late run with a draft is done, one without has failed', async () => {
    const [one, two] = [await runIn(store, 'running'), await runIn(store, 'running')]
    await done(one, 1)
    for (const { runId } of [one, two]) {
      await store.cancel({ runId, by: 'sweeper', cause: 'deadline', reason: 'it took longer than 20 minutes' })
    }
    const flows = [await store.dispatchNext({ admissions: 0, running: 0, perRepository: 0 })].flat()
    const outcomes: unknown[] = []
    for (const run of [one, two]) {
      const flow = flows.find(found => found.kind === 'closing' && found.runId === run.runId)
      outcomes.push(await store.conclude({ runId: run.runId, generation: flow?.generation ?? 0 }))
    }
    expect(outcomes).toMatchObject([{ outcome: 'done' }, { outcome: 'failed' }])
    expect((await store.run(two.runId))?.variants[0]).toMatchObject({
      outcome: 'failed',
      reason: 'it took longer than 20 minutes',
      reasonClass: 'deadline',
    })
  })
})

describe('concluding', () => {
  test('variants without outcome fail with what their attempts left', async () => {
    const run = await runIn(store, 'running')
    const start = { scope: { runId: run.runId }, generation: run.generation, jobId: 'j', attempt: 1 }
    const ended = await store.attemptStarted({ ...start, variant: 1, step: 'commit-patch' })
    await store.attemptEnded({
      id: ended,
      outcome: 'failed',
      reasonClass: 'policy',
      message: 'the branch is protected',
    })
    await store.attemptStarted({ ...start, variant: 2, step: 'write-patch' })
    const concluded = await store.conclude(run)
    expect(concluded).toEqual({
      outcome: 'failed',
      variants: [
        { variant: 1, outcome: 'failed', reason: 'the branch is protected' },
        { variant: 2, outcome: 'failed', reason: 'the worker stopped without a word at write-patch' },
        { variant: 3, outcome: 'failed', reason: 'it was not begun' },
      ],
    })
    expect(await store.lastFailure({ runId: run.runId, variant: 2 })).toMatchObject({ reasonClass: 'worker-lost' })
  })

  test('again changes nothing, and the overview is kept', async () => {
    const run = await runIn(store, 'running')
    await done(run, 2)
    const first = await store.conclude({ ...run, overview: { order: [{ variant: 2 }] } })
    expect(first?.outcome).toBe('done')
    const stored = await store.run(run.runId)
    expect(await store.conclude(run)).toEqual(first)
    expect(await store.run(run.runId)).toEqual(stored)
    expect(
      await store.saveOverview({ ...run, overview: { order: [{ variant: 2 }, { variant: 1, similarTo: 2 }] } }),
    ).toBe(true)
    expect((await store.run(run.runId))?.overview).toEqual({ order: [{ variant: 2 }, { variant: 1, similarTo: 2 }] })
    expect(await store.saveOverview({ ...run, generation: 1, overview: { order: [] } })).toBe(false)
  })

  test('an undeliverable run ends with its reason', async () => {
    const run = await runIn(store, 'running')
    await store.cancel({ runId: run.runId, by: 'sweeper', cause: 'stuck', reason: 'six flows came to nothing' })
    const closing = await dispatched(store, run.runId)
    expect(await store.ended({ ...closing, undeliverable: 'the thread was deleted' })).toBe(true)
    const ended = await store.run(run.runId)
    expect(ended).toMatchObject({ outcome: 'failed', reason: 'six flows came to nothing' })
    expect(ended?.variants[2]).toMatchObject({ outcome: 'failed', reason: 'six flows came to nothing' })
    expect((await store.timeline(run.runId)).at(-1)?.data).toMatchObject({ undeliverable: 'the thread was deleted' })
  })
})

test('a run that ends without a closing flow is decided by the same rule', async () => {
  const [cancelled, late] = [await runIn(store, 'running'), await runIn(store, 'running')]
  await done(late, 1)
  const told = { by: 'sweeper', reason: 'over' }
  await store.cancel({ ...told, runId: cancelled.runId, cause: 'cancelled' })
  await store.cancel({ ...told, runId: late.runId, cause: 'deadline' })
  for (const { runId, generation } of [cancelled, late]) await store.ended({ runId, generation: generation + 1 })
  expect(await store.run(cancelled.runId)).toMatchObject({
    outcome: 'cancelled',
    variants: [{ outcome: 'cancelled' }, {}, {}],
  })
  expect(await store.run(late.runId)).toMatchObject({
    outcome: 'done',
    variants: [{ outcome: 'done' }, { outcome: 'failed' }, {}],
  })
})

describe('variants', () => {
  test('the first outcome stays, whoever comes later', async () => {
    const run = await runIn(store, 'running')
    const failed = { ...run, variant: 1, reason: 'too large', reasonClass: 'policy' }
    expect(await store.variantFailed({ ...failed, generation: 1 })).toBe(false)
    expect(await store.variantFailed(failed)).toBe(true)
    expect(await store.variantFailed({ ...failed, reason: 'again' })).toBe(false)
    expect(await done(run, 1)).toBe('failed')
    expect(await done(run, 2)).toBe('done')
    expect(await done(run, 2)).toBe('done')
    expect(await store.variantFailed({ ...failed, variant: 2 })).toBe(false)
    const variants = (await store.run(run.runId))?.variants
    expect(variants?.map(variant => [variant.outcome, variant.reason])).toEqual([
      ['failed', 'too large'],
      ['done', null],
      [null, null],
    ])
  })

  test('a draft that was finished after a cancel still counts', async () => {
    const run = await runIn(store, 'running')
    await store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    expect(await done(run, 1)).toBe('done')
    const closing = await dispatched(store, run.runId)
    expect(closing).toMatchObject({ kind: 'closing', unannounced: [1] })
    const concluded = await store.conclude(closing)
    expect(concluded?.outcome).toBe('cancelled')
    expect(concluded?.variants.map(variant => variant.outcome)).toEqual(['done', 'cancelled', 'cancelled'])
  })

  test('is done in one statement with its draft effect', async () => {
    const run = await runIn(store, 'running')
    const effect = { scope: { runId: run.runId }, variant: 1, kind: 'open-draft-pr' }
    await store.claim({
      ...effect,
      generation: run.generation,
      guard: 'work',
      holder: 'me',
      leaseMs: 40_000,
      gates: [],
    })
    expect(await store.leasedUntil(run)).toBeInstanceOf(Date)
    await done(run, 1)
    expect(await store.leasedUntil(run)).toBeUndefined()
    const later: ClaimRequest = {
      ...effect,
      generation: run.generation,
      guard: 'work',
      holder: 'other',
      leaseMs: 1,
      gates: [],
    }
    expect(await store.claim(later)).toEqual({ state: 'done', reference: { pullRequestId: 11 } })
  })
})

function done(run: TestRun, variant: number) {
  return store.variantDone({
    runId: run.runId,
    variant,
    branch: `users/alice/make-buttons-red/v${variant}`,
    commit: 'c'.repeat(40),
    pullRequestId: 11,
    summary: 'makes them red',
    files: 1,
    additions: 2,
    deletions: 1,
    effect: { holder: 'me', reference: { pullRequestId: 11 } },
  })
}
