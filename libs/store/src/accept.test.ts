import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { newRun, type TestStore, testStore, wide } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

test('a request delivered a hundred times at once is one run', async () => {
  const run = newRun()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      store.acceptRun({ ...run, runId: randomUUID(), delivery: { source: 'service-hook', id: `n${n % 10}` } }),
    ),
  )
  const first = answers.filter(answer => answer.accepted)
  expect(first).toHaveLength(1)
  expect(new Set(answers.map(answer => answer.runId))).toEqual(new Set([first[0]?.runId]))
  const runId = first[0]?.runId ?? ''
  expect((await store.run(runId))?.variants).toHaveLength(3)
  expect((await store.timeline(runId)).map(event => event.kind)).toEqual(['accepted'])
  const deliveries = await database.query<{ outcome: string; run_id: string }>(`SELECT outcome, run_id FROM deliveries`)
  expect(deliveries).toHaveLength(10)
  expect(deliveries.filter(delivery => delivery.outcome === 'accepted').length).toBeLessThanOrEqual(1)
})

test('a request is what its ids say: another comment is another run, an edited one is not', async () => {
  const run = newRun()
  expect((await store.acceptRun(run)).accepted).toBe(true)
  const delivery = { source: 'poll', id: run.runId }
  const edited = await store.acceptRun({ ...run, runId: randomUUID(), intent: 'make them blue', variants: 1, delivery })
  const recorded = await database.query(`SELECT outcome, run_id FROM deliveries WHERE delivery_id = $1`, [run.runId])
  expect(recorded).toEqual([{ outcome: 'known', run_id: run.runId }])
  expect(edited).toEqual({ accepted: false, runId: run.runId })
  expect(await store.run(run.runId)).toMatchObject({
    intent: 'make buttons red',
    key: run.key,
    requester: run.requester,
  })
  const other = newRun()
  expect(await store.acceptRun(other)).toEqual({ accepted: true, runId: other.runId })
})

test('text that Postgres refuses is still accepted', async () => {
  const run = newRun({
    intent: 'a\0b \ud800',
    commentText: '/edit a\0b',
    requester: { id: 'x', displayName: 'Z\0', uniqueName: '\udfff' },
  })
  await store.acceptRun(run)
  expect(await store.run(run.runId)).toMatchObject({
    intent: 'a\uFFFDb \uFFFD',
    requester: { displayName: 'Z\uFFFD', uniqueName: '\uFFFD' },
  })
})

test('a run of no variants or without a whole key is refused', async () => {
  await expect(store.acceptRun(newRun({ variants: 0 }))).rejects.toThrow()
  const run = newRun()
  await expect(store.acceptRun({ ...run, key: { ...run.key, organisation: '' } })).rejects.toThrow()
})

test('one task per key, whoever asks; it waits for its time', async () => {
  const task = { kind: 'show-wait', uniqueKey: 'wait/1', payload: ['a', { b: 1 }] } as const
  const accepted = await Promise.all(
    Array.from({ length: 8 }, () =>
      store.acceptTask({
        ...task,
        payload: [...task.payload],
        taskId: randomUUID(),
        dueAt: new Date(Date.now() + 60_000),
      }),
    ),
  )
  expect(accepted.filter(answer => answer.accepted)).toHaveLength(1)
  const taskId = accepted[0]?.taskId ?? ''
  expect(new Set(accepted.map(answer => answer.taskId))).toEqual(new Set([taskId]))
  expect((await store.task(taskId))?.payload).toEqual(['a', { b: 1 }])
  expect((await store.dispatchNext(wide)).filter(flow => flow.kind === 'task')).toEqual([])
  const nextDue = await store.nextDueAt()
  expect(Math.abs((nextDue?.getTime() ?? 0) - Date.now() - 60_000)).toBeLessThan(5_000)
  await database.query(`UPDATE tasks SET due_at = now() WHERE id = $1`, [taskId])
  expect(await store.dispatchNext(wide)).toContainEqual({ kind: 'task', taskId, generation: 1, task: 'show-wait' })
})

test('a delivery that asks for nothing is recorded once', async () => {
  const delivery = { source: 'service-hook', id: 'quiet', outcome: 'ignored', reason: 'no command' }
  await store.recordDelivery(delivery)
  await store.recordDelivery(delivery)
  expect(await database.query(`SELECT outcome, reason FROM deliveries WHERE delivery_id = 'quiet'`)).toEqual([
    { outcome: 'ignored', reason: 'no command' },
  ])
})

test('whoever listens wakes for what a run becomes due for, and again after its connection was lost', async () => {
  let wakes = 0
  const woken: (() => void)[] = []
  const listening = await store.listenForWork(() => {
    wakes += 1
    for (const resolve of woken.splice(0)) resolve()
  })
  const nextWake = () => new Promise<void>(resolve => woken.push(resolve))
  expect(wakes).toBe(1)
  // Accepting alone tells nobody: see docs/decisions/004.
  const { runId: one } = await store.acceptRun(newRun())
  const { runId: other } = await store.acceptRun(newRun())
  const cancelled = { by: 'someone', cause: 'cancelled', reason: 'not needed' } as const
  const first = nextWake()
  await store.cancel({ runId: one, ...cancelled })
  await first
  const reconnected = nextWake()
  await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
  await reconnected
  const second = nextWake()
  await store.cancel({ runId: other, ...cancelled })
  await second
  await listening.stop()
})
