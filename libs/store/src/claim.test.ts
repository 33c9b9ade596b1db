import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClaimRequest } from './claim.ts'
import { openStore, type Store } from './store.ts'
import { dispatched, runIn, type TestRun, type TestStore, testStore, wide } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

const cancel = (run: TestRun) =>
  store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })

function comment(run: TestRun, change: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    scope: { runId: run.runId },
    generation: run.generation,
    variant: 1,
    kind: 'comment',
    guard: 'work',
    states: ['running'],
    holder: 'me',
    leaseMs: 40_000,
    gates: [],
    ...change,
  }
}

/** Time passes for an effect: its lease ran out a second ago. */
const expire = (run: TestRun) =>
  database.query(
    `UPDATE effects SET lease_until = now() - interval '1 second' WHERE owner_id = $1 AND state = 'acting'`,
    [run.runId],
  )

describe('a claim', () => {
  test('of eight connections at once is granted to one; the others wait for its lease', async () => {
    const stores = Array.from({ length: 8 }, () => openStore({ url: database.url, max: 1 }))
    try {
      await Promise.all(stores.map(one => one.ping()))
      for (let round = 0; round < 10; round++) {
        const run = await runIn(store, 'running')
        const claims = await Promise.all(stores.map((one, n) => one.claim(comment(run, { holder: `h${n}` }))))
        expect(claims.filter(claim => claim.state === 'granted')).toEqual([{ state: 'granted', again: false }])
        const held = claims.filter(claim => claim.state === 'held')
        expect(held).toHaveLength(7)
        for (const { until } of held) expect(Math.abs(until.getTime() - Date.now() - 40_000)).toBeLessThan(5_000)
      }
    } finally {
      await Promise.all(stores.map(one => one.close()))
    }
  })

  test('of eight connections at once on an expired lease is granted to one, who must look outside', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run, { holder: 'died' }))
    await expire(run)
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.claim(comment(run, { holder: `h${n}` }))),
    )
    expect(claims.filter(claim => claim.state === 'granted')).toEqual([{ state: 'granted', again: true }])
  })

  test('is not renewed by asking twice: the same holder waits too', async () => {
    const run = await runIn(store, 'running')
    expect((await store.claim(comment(run))).state).toBe('granted')
    expect((await store.claim(comment(run))).state).toBe('held')
  })

  test('differs by variant, kind, number and owner', async () => {
    const [run, other] = [await runIn(store, 'running'), await runIn(store, 'running')]
    const requests = [
      comment(run),
      comment(run, { variant: 2 }),
      comment(run, { kind: 'status' }),
      comment(run, { number: 2 }),
      comment(other),
    ]
    for (const request of requests) expect((await store.claim(request)).state).toBe('granted')
  })

  test('finds what was done, once settled, whatever the gates', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run))
    expect(await store.settle({ ...comment(run), reference: { commentId: 5, odd: 'a\0b' } })).toEqual({
      state: 'done',
      mine: true,
    })
    await store.closeGate({ gate: 'done-gate', until: new Date(Date.now() + 60_000), reason: '429' })
    const claim = await store.claim(comment(run, { holder: 'other', gates: ['done-gate'] }))
    expect(claim).toEqual({ state: 'done', reference: { commentId: 5, odd: 'a\uFFFDb' } })
    expect(await store.effect({ scope: { runId: run.runId }, variant: 1, kind: 'comment' })).toMatchObject({
      state: 'done',
    })
  })
})

describe('the work guard', () => {
  test.each(['accepted', 'ready', 'running', 'ending', 'ended'] as const)(
    'in %s grants only to flows of that state',
    async state => {
      const run = await runIn(store, state)
      for (const served of ['accepted', 'running'] as const) {
        const claim = await store.claim(comment(run, { states: [served], kind: served }))
        expect(claim.state).toBe(served === state ? 'granted' : 'superseded')
      }
    },
  )

  test('is superseded by another generation, a passed deadline and an unknown run', async () => {
    const run = await runIn(store, 'running')
    for (const generation of [run.generation - 1, run.generation + 1]) {
      expect(await store.claim(comment(run, { generation }))).toMatchObject({ state: 'superseded' })
    }
    expect(await store.claim(comment({ ...run, runId: randomUUID() }))).toMatchObject({
      because: 'the run is not known',
    })
    await database.query(`UPDATE runs SET deadline = now() - interval '1 second' WHERE id = $1`, [run.runId])
    expect(await store.claim(comment(run))).toEqual({ state: 'superseded', because: 'the deadline has passed' })
    expect((await store.claim(comment(run, { guard: 'report' }))).state).toBe('granted')
  })

  test('leaves no row behind when it says no', async () => {
    const run = await runIn(store, 'ready')
    await store.claim(comment(run))
    expect(await store.effect({ scope: { runId: run.runId }, variant: 1, kind: 'comment' })).toBeUndefined()
  })

  test('waits for a transition that is under way and sees what it left', async () => {
    const run = await runIn(store, 'running')
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query('BEGIN')
    await other.query(`UPDATE runs SET state = 'ending', generation = generation + 1 WHERE id = $1`, [run.runId])
    const claim = store.claim(comment(run))
    await expect.poll(waiting).toBe(1)
    await other.query('COMMIT')
    expect(await claim).toMatchObject({ state: 'superseded' })
    await other.end()
  })

  async function waiting(): Promise<number> {
    const rows = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows.length
  }
})

describe('the report guard', () => {
  test('lets a cancelled run speak, in its own generation only', async () => {
    const run = await runIn(store, 'running')
    await cancel(run)
    const closing = await dispatched(store, run.runId)
    expect((await store.claim(comment(run, { guard: 'report' }))).state).toBe('superseded')
    expect((await store.claim(comment(closing, { guard: 'report' }))).state).toBe('granted')
  })
})

describe('a task', () => {
  test('claims by its own generation while it is open', async () => {
    const taskId = randomUUID()
    await store.acceptTask({ taskId, kind: 'answer-comment', uniqueKey: taskId, payload: { commentId: 1 } })
    await store.dispatchNext(wide)
    const request = comment({ runId: '', generation: 1 }, { scope: { taskId } })
    expect(await store.claim({ ...request, generation: 2 })).toMatchObject({ state: 'superseded' })
    expect(await store.claim(request)).toEqual({ state: 'granted', again: false })
    expect(await store.finishTask({ taskId, generation: 2, result: null })).toBe(false)
    expect(await store.finishTask({ taskId, generation: 1, result: { commentId: 2 } })).toBe(true)
    expect(await store.failTask({ taskId, generation: 1, reason: 'too late' })).toBe(false)
    expect(await store.task(taskId)).toMatchObject({ state: 'done', result: { commentId: 2 } })
    expect(await store.claim({ ...request, number: 2 })).toEqual({ state: 'superseded', because: 'the task is done' })
  })
})

describe('a lease', () => {
  test('that ran out may still be settled by its holder, in any generation, and is then adopted', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run))
    await expire(run)
    await cancel(run)
    const closing = await dispatched(store, run.runId)
    expect(await store.settle({ ...comment(run), reference: { commentId: 5 } })).toEqual({ state: 'done', mine: true })
    const claim = await store.claim(comment(closing, { guard: 'report', holder: 'next' }))
    expect(claim).toEqual({ state: 'done', reference: { commentId: 5 } })
  })

  test('that was taken over is lost to the zombie: it waits, then adopts what the other did', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run, { holder: 'zombie' }))
    await expire(run)
    expect(await store.claim(comment(run, { holder: 'heir' }))).toEqual({ state: 'granted', again: true })
    expect(await store.renew({ ...comment(run, { holder: 'zombie' }), leaseMs: 40_000 })).toBe(false)
    await store.release({ ...comment(run, { holder: 'zombie' }), certain: true })
    const lost = await store.settle({ ...comment(run, { holder: 'zombie' }), reference: { commentId: 6 } })
    expect(lost.state).toBe('lost')
    await store.settle({ ...comment(run, { holder: 'heir' }), reference: { commentId: 5 } })
    expect(await store.settle({ ...comment(run, { holder: 'zombie' }), reference: { commentId: 6 } })).toEqual({
      state: 'done',
      mine: false,
      reference: { commentId: 5 },
    })
  })

  test('is longer after a renewal', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run, { leaseMs: 1_000 }))
    expect(await store.renew({ ...comment(run), leaseMs: 300_000 })).toBe(true)
    const until = await store.leasedUntil(run)
    expect(until?.getTime()).toBeGreaterThan(Date.now() + 200_000)
    expect(await store.leasedUntil({ ...run, variant: 2 })).toBeUndefined()
  })

  test('released for certain is fresh again; released in doubt must be looked into, at once', async () => {
    const run = await runIn(store, 'running')
    await store.claim(comment(run))
    await store.release({ ...comment(run), certain: true })
    expect(await store.claim(comment(run))).toEqual({ state: 'granted', again: false })
    await store.release({ ...comment(run), certain: false })
    expect(await store.leasedUntil(run)).toBeUndefined()
    expect(await store.claim(comment(run))).toEqual({ state: 'granted', again: true })
    // Doubt stays: an older request may land yet.
    await store.release({ ...comment(run), certain: true })
    expect(await store.claim(comment(run))).toEqual({ state: 'granted', again: true })
  })
})

describe('gates', () => {
  test('hold everybody who needs them, and nobody else', async () => {
    const run = await runIn(store, 'running')
    const until = new Date(Date.now() + 60_000)
    await store.closeGate({ gate: 'model/a', until, reason: 'overloaded' })
    const claim = await store.claim(comment(run, { gates: ['ado', 'model/a'] }))
    expect(claim).toMatchObject({ state: 'gated', gate: 'model/a' })
    if (claim.state === 'gated') expect(Math.abs(claim.until.getTime() - until.getTime())).toBeLessThan(2_000)
    expect((await store.claim(comment(run, { gates: ['ado'] }))).state).toBe('granted')
    expect((await store.claim(comment(run, { gates: ['ado', 'model/a'], holder: 'other' }))).state).toBe('held')
  })

  test('are never shortened, and open by time or by hand', async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1_000)
    await store.closeGate({ gate: 'g', until: at(100), reason: 'long' })
    await store.closeGate({ gate: 'g', until: at(10), reason: 'short' })
    expect(await store.gateState(['g', 'never'])).toMatchObject([{ gate: 'g', reason: 'long' }])
    await store.closeGate({ gate: 'g', until: at(200), reason: 'longer' })
    expect(await store.gateState(['g'])).toMatchObject([{ reason: 'longer' }])
    await store.closeGate({ gate: 'past', until: at(-5), reason: 'over' })
    expect(await store.gateState(['past'])).toEqual([])
    await store.openGates(['g'])
    expect((await store.closedGates()).map(gate => gate.gate)).not.toContain('g')
    await store.closeGate({ gate: 'g', until: at(10), reason: 'short' })
    expect(await store.gateState(['g'])).toMatchObject([{ reason: 'short' }])
    await store.openGates()
    expect(await store.closedGates()).toEqual([])
  })
})
