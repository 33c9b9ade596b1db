import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { type Dispatch, dispatcherLock } from './dispatch.ts'
import { laneStatement } from './lanes.ts'
import { openStore, type Store } from './store.ts'
import {
  admission,
  dispatched,
  newRun,
  runIn,
  strategies,
  type TestRun,
  type TestStore,
  testStore,
  wide,
} from './test-store.ts'

let database: TestStore
let store: Store
beforeEach(async () => {
  database = await testStore()
  store = database.store
})
afterEach(() => database.stop())

async function acceptMany(repositoryId: string, count: number): Promise<string[]> {
  const runs = Array.from({ length: count }, () => newRun({ repositoryId, variants: 1 }))
  for (const run of runs) await store.acceptRun(run)
  return runs.map(run => run.runId)
}

const runIds = (flows: Dispatch[]) => flows.flatMap(flow => (flow.kind === 'task' ? [] : [flow.runId]))

describe('the window', () => {
  test('holds admissions and running flows apart, in all and per repository', async () => {
    await acceptMany('a', 5)
    await acceptMany('b', 5)
    const window = { admissions: 3, running: 2, perRepository: 2 }
    const first = await store.dispatchNext(window)
    expect(first.map(flow => flow.kind)).toEqual(['admission', 'admission', 'admission'])
    expect(await store.dispatchNext(window)).toEqual([])
    for (const flow of first) if (flow.kind === 'admission') await plan(flow)
    const second = await store.dispatchNext(window)
    expect(second.filter(flow => flow.kind === 'variants')).toHaveLength(2)
    expect(second.filter(flow => flow.kind === 'admission')).toHaveLength(3)
    expect(await store.dispatchNext(window)).toEqual([])
    expect(await store.runCounts()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ state: 'running', count: 2 }),
        expect.objectContaining({ state: 'ready', count: 1 }),
      ]),
    )
  })

  test('gives a lone request of another repository the next free place, however many wait before it', async () => {
    await acceptMany('busy', 30)
    const window = { admissions: 1, running: 0, perRepository: 1 }
    const [first] = runIds(await store.dispatchNext(window))
    const [lone] = await acceptMany('small', 1)
    await finishAdmission(first)
    expect(runIds(await store.dispatchNext(window))).toEqual([lone])
  })

  test('goes round the repositories, oldest first within each', async () => {
    const a = await acceptMany('a', 4)
    const b = await acceptMany('b', 4)
    const c = await acceptMany('c', 1)
    const order: string[] = []
    const window = { admissions: 2, running: 0, perRepository: 2 }
    for (;;) {
      const found = runIds(await store.dispatchNext(window))
      if (found.length === 0) break
      order.push(...found)
      for (const runId of found) await finishAdmission(runId)
    }
    expect(order.filter(runId => a.includes(runId))).toEqual(a)
    expect(order.filter(runId => b.includes(runId))).toEqual(b)
    expect(order.indexOf(c[0] ?? '')).toBeLessThan(4)
    expect(order).toHaveLength(9)
  })

  test('counts what is in flight: a repository has no more than its share, and who has the fewest comes first', async () => {
    await acceptMany('a', 5)
    const window = { admissions: 5, running: 0, perRepository: 3 }
    expect(await store.dispatchNext(window)).toHaveLength(3)
    expect(await store.dispatchNext(window)).toEqual([])
    const b = await acceptMany('b', 3)
    expect(runIds(await store.dispatchNext({ ...window, perRepository: 4 }))).toEqual(
      expect.arrayContaining(b.slice(0, 2)),
    )
  })

  test('is not exceeded by many dispatchers at once', async () => {
    await acceptMany('a', 20)
    const stores = Array.from({ length: 8 }, () => openStore({ url: database.url, max: 1 }))
    await Promise.all(stores.map(one => one.ping()))
    for (let round = 0; round < 5; round++) {
      await Promise.all(stores.map(one => one.dispatchNext({ admissions: 3, running: 0, perRepository: 3 })))
    }
    const inFlight = (await store.runs({ filter: { open: true } })).filter(run => run.dispatchedAt !== null)
    expect(inFlight).toHaveLength(3)
    await Promise.all(stores.map(one => one.close()))
  })

  test('does not hold back what ends, what runs already, and tasks', async () => {
    const [run, ending] = [await runIn(store, 'running'), await runIn(store, 'running')]
    await store.dueAgain(run)
    await store.cancel({ runId: ending.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    const taskId = randomUUID()
    await store.acceptTask({ taskId, kind: 'answer-comment', uniqueKey: taskId, payload: {} })
    const flows = await store.dispatchNext({ admissions: 0, running: 0, perRepository: 0 })
    expect(flows.map(flow => flow.kind)).toEqual(['task', 'closing', 'variants'])
  })
})

describe('a dispatch', () => {
  test('is taken by one of many dispatchers', async () => {
    await acceptMany('a', 40)
    const stores = Array.from({ length: 8 }, () => openStore({ url: database.url, max: 1 }))
    const taken: string[] = []
    while (taken.length < 40) {
      const flows = await Promise.all(stores.map(one => one.dispatchNext({ ...wide, limit: 7 })))
      taken.push(...runIds(flows.flat()))
    }
    expect(new Set(taken).size).toBe(40)
    expect(taken).toHaveLength(40)
    await Promise.all(stores.map(one => one.close()))
  })

  test('is left to who is at it already', async () => {
    await acceptMany('a', 1)
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query(`SELECT pg_advisory_lock(${dispatcherLock})`)
    expect(await store.dispatchNext(wide)).toEqual([])
    await other.end()
    await expect.poll(() => store.dispatchNext(wide)).toHaveLength(1)
  })

  test('begins the deadline of admission once, and that of the run when it starts', async () => {
    const run = await runIn(store, 'accepted')
    const deadlineOf = async () => (await store.run(run.runId))?.deadline ?? null
    const first = await deadlineOf()
    expect(first?.getTime()).toBeGreaterThan(Date.now())
    await store.dueAgain(run)
    const again = await dispatched(store, run.runId)
    expect(again.generation).toBe(run.generation + 1)
    expect(await deadlineOf()).toEqual(first)
    await store.admit({ ...again, admission })
    await store.planned({ ...again, strategies })
    expect(await deadlineOf()).toBeNull()
    await store.dispatchNext({ ...wide, runMs: 3_600_000 })
    expect((await deadlineOf())?.getTime()).toBeGreaterThan(Date.now() + 3_000_000)
  })

  test('of a run that lost its flow brings chains for what is open and announcements for what nobody heard of', async () => {
    const run = await runIn(store, 'running')
    await store.variantFailed({ ...run, variant: 1, reason: 'too large', reasonClass: 'policy' })
    await store.variantFailed({ ...run, variant: 2, reason: 'too large', reasonClass: 'policy' })
    const effect = { scope: { runId: run.runId }, variant: 2, kind: 'announce-variant', holder: 'me' }
    await store.claim({ ...effect, generation: run.generation, guard: 'report', leaseMs: 40_000, gates: [] })
    await store.settle({ ...effect, reference: { commentId: 1 } })
    await store.dueAgain(run)
    const again = await dispatched(store, run.runId)
    expect(again).toMatchObject({ kind: 'variants', chains: [3], announcements: [1] })
    await store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    expect(await dispatched(store, run.runId)).toMatchObject({ kind: 'closing', unannounced: [1] })
  })

  test('of an ending run looks also after drafts that were begun', async () => {
    const run = await runIn(store, 'running')
    const effect = { scope: { runId: run.runId }, variant: 3, kind: 'open-draft-pr', holder: 'died' }
    await store.claim({ ...effect, generation: run.generation, guard: 'work', leaseMs: 40_000, gates: [] })
    await store.cancel({ runId: run.runId, by: 'alice-id', cause: 'cancelled', reason: 'Alice cancelled it' })
    expect(await dispatched(store, run.runId)).toMatchObject({ kind: 'closing', unannounced: [3] })
  })

  test('puts answers to people first', async () => {
    for (const kind of ['poll-comments', 'clean-up-branches', 'show-wait', 'answer-comment'] as const) {
      await store.acceptTask({ taskId: randomUUID(), kind, uniqueKey: kind, payload: {} })
    }
    const flows = await store.dispatchNext({ ...wide, limit: 2 })
    expect(flows).toMatchObject([{ task: 'answer-comment' }, { task: 'show-wait' }])
  })
})

describe('with a backlog of ten thousand', () => {
  test('a dispatch reads no more than with a hundred', async () => {
    await queue(100)
    const few = await pagesOfOneDispatch()
    await queue(9_900)
    const many = await pagesOfOneDispatch()
    expect(many / few).toBeLessThan(2)
  }, 60_000)

  test('in ten thousand repositories it is still done in a moment', async () => {
    await queue(10_000, 10_000)
    const before = performance.now()
    expect(await store.dispatchNext({ admissions: 8, running: 8, perRepository: 2 })).toHaveLength(8)
    expect(performance.now() - before).toBeLessThan(2_000)
  }, 60_000)

  async function pagesOfOneDispatch(): Promise<number> {
    const { db } = openDatabase({ url: database.url, max: 1 })
    const lane = { lane: 'admission', total: 8, perRepository: 2, limit: 50, deadlineMs: 60_000 } as const
    const explained = sql<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>`
      EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${laneStatement(lane)}`
    const { rows } = await db.transaction().execute(async tx => {
      const plan = await explained.execute(tx)
      await sql`UPDATE runs SET dispatched_at = NULL WHERE dispatched_at IS NOT NULL`.execute(tx)
      return plan
    })
    await db.destroy()
    const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {}
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  }

  let queued = 0
  async function queue(count: number, repositories = 20): Promise<void> {
    await database.query(
      `INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id, requester,
         comment_text, intent, variant_count, created_at)
       SELECT gen_random_uuid(), 'contoso', 'r' || n % $3, 1, 1, n, 'p', '{}', '', '', 1, now() - interval '1 hour' + n * interval '1 ms'
       FROM generate_series($1::int, $2::int) n`,
      [queued + 1, queued + count, repositories],
    )
    queued += count
    await database.query('VACUUM ANALYZE runs')
  }
})

async function plan(flow: TestRun): Promise<void> {
  await store.admit({ ...flow, admission })
  expect(await store.planned({ ...flow, strategies: strategies.slice(0, 1) })).toBe(true)
}

async function finishAdmission(runId: string | undefined): Promise<void> {
  const run = await store.run(runId ?? '')
  if (!run) throw new Error('no such run')
  await plan({ runId: run.runId, generation: run.generation })
}
