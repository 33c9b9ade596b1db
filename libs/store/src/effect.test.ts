import { Postponed, Rejected, Superseded, Throttled } from '@code-agent/jobs/errors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type EffectRequest, withEffect } from './effect.ts'
import type { Store } from './store.ts'
import { dispatched, runIn, type TestRun, type TestStore, testStore } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

const Reference = z.object({ commentId: z.number() })
type Reference = z.infer<typeof Reference>

function comment(run: TestRun, change: Partial<EffectRequest<Reference>> = {}): EffectRequest<Reference> {
  return {
    scope: { runId: run.runId },
    generation: run.generation,
    variant: 1,
    kind: 'comment',
    guard: 'work',
    states: ['running'],
    holder: 'worker-1',
    gates: [],
    reference: Reference,
    ...change,
  }
}

const effectOf = (run: TestRun) => store.effect({ scope: { runId: run.runId }, variant: 1, kind: 'comment' })

test('an effect is made once, however many ask at once and afterwards', async () => {
  const run = await runIn(store, 'running')
  let made = 0
  const act = async () => ({ commentId: ++made })
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => withEffect(store, comment(run), act)))
  expect(made).toBe(1)
  for (const result of all) {
    if (result.status === 'fulfilled') expect(result.value).toEqual({ commentId: 1 })
    else expect(result.reason).toBeInstanceOf(Postponed)
  }
  expect(await withEffect(store, comment(run), act)).toEqual({ commentId: 1 })
  expect(made).toBe(1)
})

test('who comes too late does not act', async () => {
  const run = await runIn(store, 'running')
  const never = () => Promise.reject(new Error('acted'))
  await expect(withEffect(store, comment({ ...run, generation: 1 }), never)).rejects.toBeInstanceOf(Superseded)
  await store.closeGate({ gate: 'resting', until: new Date(Date.now() + 60_000), reason: '429' })
  await expect(withEffect(store, comment(run, { gates: ['resting'] }), never)).rejects.toMatchObject({
    name: 'Postponed',
    until: expect.any(Date),
  })
})

test('after an error without an answer the next one waits for the lease, then looks outside', async () => {
  const run = await runIn(store, 'running')
  const lost = () => Promise.reject(new Error('socket hang up'))
  await expect(withEffect(store, comment(run), lost)).rejects.toThrow('socket hang up')
  await expect(withEffect(store, comment(run), lost)).rejects.toBeInstanceOf(Postponed)
  await database.query(`UPDATE effects SET lease_until = now() WHERE owner_id = $1`, [run.runId])
  const how = await withEffect(store, comment(run), async ({ again }) => ({ commentId: again ? 1 : 0 }))
  expect(how).toEqual({ commentId: 1 })
})

test.each([
  ['a rejection', new Rejected('no'), true],
  ['a throttling', new Throttled('wait', { until: new Date(), gate: 'g' }), true],
  [
    'an error that says nothing happened',
    Object.assign(new Error('refused'), { aftermath: 'nothing-happened' }),
    false,
  ],
  ['an error that says the answer came', Object.assign(new Error('500'), { aftermath: 'nothing-under-way' }), true],
])('after %s the next one may try at once', async (_, error, looks) => {
  const run = await runIn(store, 'running')
  await expect(withEffect(store, comment(run), () => Promise.reject(error))).rejects.toBe(error)
  expect(await store.leasedUntil(run)).toBeUndefined()
  await withEffect(store, comment(run), async ({ again }) => {
    expect(again).toBe(looks)
    return { commentId: 1 }
  })
})

test('an act that does not answer is ended before its lease is', async () => {
  const run = await runIn(store, 'running')
  const act = ({ signal }: { signal: AbortSignal }) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  await expect(withEffect(store, comment(run, { leaseMs: 400 }), act)).rejects.toThrow('no answer within 0 s')
  expect(await effectOf(run)).toMatchObject({ state: 'acting' })
})

test('an act that does not even listen is left behind; what it finishes later nobody hears', async () => {
  const run = await runIn(store, 'running')
  await expect(withEffect(store, comment(run, { timeoutMs: 50 }), () => new Promise(() => {}))).rejects.toThrow(
    'no answer',
  )
})

test('a lease is renewed while a model streams', async () => {
  const run = await runIn(store, 'running')
  const renewals = async () => {
    const [row] = await database.query<{ moved: boolean }>(
      `SELECT lease_until > clock_timestamp() + interval '5.5 seconds' AS moved FROM effects WHERE owner_id = $1`,
      [run.runId],
    )
    return row?.moved
  }
  await withEffect(store, comment(run, { leaseMs: 6_000, renewEveryMs: 100 }), async () => {
    await expect.poll(renewals).toBe(true)
    await database.query(
      `UPDATE effects SET lease_until = clock_timestamp() + interval '1 second' WHERE owner_id = $1`,
      [run.runId],
    )
    await expect.poll(renewals).toBe(true)
    return { commentId: 1 }
  })
})

test('a lost lease aborts the act', async () => {
  const run = await runIn(store, 'running')
  const acting = withEffect(
    store,
    comment(run, { renewEveryMs: 50 }),
    ({ signal }) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  const caught = expect(acting).rejects.toThrow('the lease was lost')
  await expect.poll(async () => (await effectOf(run))?.state).toBe('acting')
  await database.query(`UPDATE effects SET holder = 'heir' WHERE owner_id = $1`, [run.runId])
  await caught
})

test('a signal from outside reaches the act', async () => {
  const run = await runIn(store, 'running')
  const leaving = new AbortController()
  const acting = withEffect(store, comment(run, { signal: leaving.signal }), ({ signal }) => {
    queueMicrotask(() => leaving.abort(new Error('SIGTERM')))
    return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await expect(acting).rejects.toThrow('SIGTERM')
})

test('work finished after the run was cancelled is kept for the closing flow', async () => {
  const run = await runIn(store, 'running')
  await withEffect(store, comment(run), async () => {
    await store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    return { commentId: 7 }
  })
  const closing = await dispatched(store, run.runId)
  const adopted = await withEffect(store, comment(closing, { guard: 'report' }), () =>
    Promise.reject(new Error('acted')),
  )
  expect(adopted).toEqual({ commentId: 7 })
})

test('a draft settles its effect and its variant in one statement', async () => {
  const run = await runIn(store, 'running')
  const size = { summary: 'red', files: 1, additions: 1, deletions: 1, commit: 'c', branch: 'b' }
  const request = comment(run, {
    kind: 'open-draft-pr',
    settle: ({ holder, reference }) =>
      store.variantDone({
        runId: run.runId,
        variant: 1,
        pullRequestId: reference.commentId,
        ...size,
        effect: { holder, reference },
      }),
  })
  await withEffect(store, request, async () => ({ commentId: 9 }))
  expect((await store.run(run.runId))?.variants[0]).toMatchObject({ outcome: 'done', pullRequestId: 9 })
  expect(await store.effect({ ...request })).toMatchObject({ state: 'done' })
})

test('a draft whose variant nobody lived to write down is found when the run concludes', async () => {
  const run = await runIn(store, 'running')
  const { settle: _, ...usual } = comment(run, { kind: 'open-draft-pr' })
  const request = { ...usual, reference: z.object({ pullRequestId: z.number() }) }
  await withEffect(store, request, async () => ({ pullRequestId: 12 }))
  expect((await store.conclude(run))?.outcome).toBe('done')
  expect((await store.run(run.runId))?.variants[0]).toMatchObject({ outcome: 'done', pullRequestId: 12 })
})
