import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore, type Store } from './store.ts'
import { dispatched, runIn, type TestRun, type TestStore, testStore, wide } from './test-store.ts'

let database: TestStore
let store: Store
beforeEach(async () => {
  database = await testStore()
  store = database.store
})
afterEach(() => database.stop())

const usual = { dispatchedBefore: 30, idleSeconds: 300 }

/** Everything that was noted of a run or task happened so many seconds earlier. */
async function pass(seconds: number, of: { runId: string } | { taskId: string }): Promise<void> {
  const id = 'runId' in of ? of.runId : of.taskId
  const earlier = (columns: string[]) =>
    columns.map(column => `${column} = ${column} - make_interval(secs => $2)`).join(', ')
  const times: [string, string, string[]][] = [
    ['runs', 'id', ['dispatched_at', 'deadline']],
    ['tasks', 'id', ['dispatched_at']],
    ['attempts', 'owner_id', ['started_at', 'ended_at', 'resumes_at']],
    ['effects', 'owner_id', ['touched_at', 'lease_until']],
  ]
  for (const [table, key, columns] of times) {
    await database.query(`UPDATE ${table} SET ${earlier(columns)} WHERE ${key} = $1`, [id, seconds])
  }
}

const reasonOf = async (run: TestRun) =>
  (await store.suspects(usual)).find(suspect => 'runId' in suspect.scope && suspect.scope.runId === run.runId)?.reason

test('of many sweepers one sweeps at a time', async () => {
  const other = openStore({ url: database.url, max: 1 })
  const inside = await store.underSweeperLock(() => other.underSweeperLock(async () => 'second'))
  expect(inside).toEqual({ swept: true, result: { swept: false } })
  expect(await other.underSweeperLock(async () => 'later')).toEqual({ swept: true, result: 'later' })
  await expect(other.underSweeperLock(() => Promise.reject(new Error('a bad sweep')))).rejects.toThrow('a bad sweep')
  expect(await store.underSweeperLock(async () => 'free')).toEqual({ swept: true, result: 'free' })
  await other.close()
})

test('what was dispatched 30 s ago has its root looked for, by the name its state gives', async () => {
  const [accepted, running, ending, ready] = [
    await runIn(store, 'accepted'),
    await runIn(store, 'running'),
    await runIn(store, 'ending'),
    await runIn(store, 'ready'),
  ]
  const taskId = randomUUID()
  await store.acceptTask({ taskId, kind: 'show-wait', uniqueKey: taskId, payload: {} })
  // Not everything: the ready run stays so.
  await store.dispatchNext({ admissions: 0, running: 0, perRepository: 0 })
  expect(await store.suspects(usual)).toEqual([])
  for (const old of [accepted, running, ending, ready, { taskId }]) await pass(31, old)
  const suspects = await store.suspects(usual)
  const roots = suspects.map(suspect => `${suspect.state} ${suspect.root} ${suspect.reason}`)
  expect(roots.sort()).toEqual([
    'accepted plan-run check-root',
    'ending publish-overview check-root',
    'open show-wait check-root',
    'running publish-overview check-root',
  ])
})

test('five minutes without a sign of life are idle; an attempt, an effect or a known wait is a sign', async () => {
  const run = await runIn(store, 'running')
  const start = { scope: { runId: run.runId }, generation: run.generation, step: 'write-patch', jobId: 'j', attempt: 1 }
  await pass(301, run)
  expect(await reasonOf(run)).toBe('idle')
  const id = await store.attemptStarted(start)
  expect(await reasonOf(run)).toBe('check-root')
  await store.attemptEnded({ id, outcome: 'postponed', resumesAt: new Date(Date.now() + 600_000) })
  await pass(301, run)
  expect(await reasonOf(run)).toBe('check-root')
  await pass(700, run)
  expect(await reasonOf(run)).toBe('idle')
  const effect = { scope: { runId: run.runId }, kind: 'comment', holder: 'me' }
  await database.query(`UPDATE runs SET deadline = NULL WHERE id = $1`, [run.runId])
  await store.claim({ ...effect, generation: run.generation, guard: 'work', leaseMs: 40_000, gates: [] })
  expect(await reasonOf(run)).toBe('check-root')
})

test('who was postponed without a time is not idle while a gate is closed', async () => {
  const run = await runIn(store, 'running')
  const start = { scope: { runId: run.runId }, generation: run.generation, step: 'write-patch', jobId: 'j', attempt: 1 }
  await store.attemptEnded({ id: await store.attemptStarted(start), outcome: 'postponed' })
  await pass(301, run)
  expect(await reasonOf(run)).toBe('idle')
  await store.closeGate({ gate: 'g', until: new Date(Date.now() + 60_000), reason: '429' })
  expect(await reasonOf(run)).toBe('check-root')
})

test('due again is dispatched under a new generation, and only if it did not move on', async () => {
  const run = await runIn(store, 'running')
  expect(await store.dueAgain({ ...run, generation: run.generation - 1 })).toBe(false)
  expect(await store.dueAgain(run)).toBe(true)
  expect(await store.dueAgain(run)).toBe(false)
  expect((await dispatched(store, run.runId)).generation).toBe(run.generation + 1)
  const ended = await runIn(store, 'ended')
  expect(await store.dueAgain(ended)).toBe(false)

  const taskId = randomUUID()
  await store.acceptTask({ taskId, kind: 'poll-comments', uniqueKey: taskId, payload: {} })
  await store.dispatchNext(wide)
  expect(await store.dueAgain({ taskId, generation: 1 })).toBe(true)
  expect(await store.dispatchNext(wide)).toEqual([{ kind: 'task', taskId, generation: 2, task: 'poll-comments' }])
  await store.finishTask({ taskId, generation: 2, result: null })
  expect(await store.dueAgain({ taskId, generation: 2 })).toBe(false)
})

test('deadlines pass for accepted and running runs alone', async () => {
  const [accepted, running, ending] = [
    await runIn(store, 'accepted'),
    await runIn(store, 'running'),
    await runIn(store, 'ending'),
  ]
  expect(await store.pastDeadline()).toEqual([])
  for (const run of [accepted, running, ending]) await pass(7_200, run)
  const late = await store.pastDeadline()
  expect(late.map(run => run.runId).sort()).toEqual([accepted.runId, running.runId].sort())
})

test('what was dispatched too often in one state is told, and starts afresh in the next', async () => {
  const run = await runIn(store, 'running')
  const taskId = randomUUID()
  await store.acceptTask({ taskId, kind: 'poll-comments', uniqueKey: taskId, payload: {} })
  await store.dispatchNext(wide)
  let flow: TestRun = run
  for (let n = 0; n < 3; n++) {
    await store.dueAgain(flow)
    await store.dueAgain({ taskId, generation: n + 1 })
    flow = await dispatched(store, run.runId)
  }
  expect(await store.overGenerations(4)).toEqual([])
  const over = await store.overGenerations(3)
  expect(over.map(found => `${found.state} ${found.dispatches}`).sort()).toEqual(['open 4', 'running 4'])
  await store.cancel({ runId: run.runId, by: 'sweeper', cause: 'stuck', reason: 'four flows came to nothing' })
  await dispatched(store, run.runId)
  expect((await store.overGenerations(3)).filter(found => 'runId' in found.scope)).toEqual([])
})
