import { randomUUID } from 'node:crypto'
import { admissionFlow } from '@code-agent/jobs/flows'
import { createProducer, type Producer } from '@code-agent/queue/producer'
import { createLog } from '@code-agent/service/log'
import { migrate } from '@code-agent/store/migrate'
import { openStore, type Store } from '@code-agent/store/store'
import { runSql } from '@code-agent/tools/postgres-server'
import { testPostgres, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { sweeper } from './sweeper.ts'

let database: Awaited<ReturnType<typeof testPostgres>>
let redis: Awaited<ReturnType<typeof testRedis>>
let store: Store
let producer: Producer
let comment = 0

beforeAll(async () => {
  ;[database, redis] = await Promise.all([testPostgres(), testRedis()])
  await migrate({ url: database.url })
  store = openStore({ url: database.url })
  producer = createProducer({ redisUrl: redis.url, prefix: redis.prefix })
  await vi.waitUntil(() => producer.isReady())
})

afterAll(async () => {
  await producer?.close()
  await store?.close()
  await Promise.all([database?.stop(), redis?.stop()])
})

const windows = { admissions: 100, running: 100, perRepository: 100 }

function sweep(over: { maxGenerations?: number } = {}) {
  const log = createLog({ service: 'test', level: 'silent' })
  return sweeper({
    store,
    producer,
    log,
    maxGenerations: 5,
    suspectSeconds: 30,
    idleSeconds: 300,
    pollSeconds: 120,
    waitSeconds: 20,
    ...over,
  })()
}

async function acceptedRun(): Promise<string> {
  comment += 1
  const key = { organisation: 'contoso', repositoryId: 'r', pullRequestId: 1, threadId: 1, commentId: comment }
  const requester = { id: 'a', displayName: 'Alice', uniqueName: 'alice@example.com' }
  const { runId } = await store.acceptRun({
    runId: randomUUID(),
    key,
    projectId: 'p',
    requester,
    commentText: '/edit x',
    intent: 'x',
    variants: 1,
  })
  return runId
}

async function dispatchedRun(secondsAgo: number): Promise<string> {
  const runId = await acceptedRun()
  await store.dispatchNext(windows)
  await runSql(
    database.url,
    `UPDATE runs SET dispatched_at = now() - interval '${secondsAgo} seconds' WHERE id = '${runId}'`,
  )
  return runId
}

test('a run whose flow Redis does not have is dispatched again under a new generation', async () => {
  const runId = await dispatchedRun(31)
  expect(await sweep()).toMatchObject({ dueAgain: 1 })
  expect((await store.run(runId))?.dispatchedAt).toBeNull()
  await store.dispatchNext(windows)
  expect((await store.run(runId))?.generation).toBe(2)
})

test('a run dispatched a moment ago is left alone, its flow may be on its way', async () => {
  const runId = await dispatchedRun(5)
  await sweep()
  expect((await store.run(runId))?.dispatchedAt).not.toBeNull()
})

test('a run whose flow waits in a queue is left alone until it shows no sign of work for long', async () => {
  const runId = await dispatchedRun(31)
  await producer.addFlow(admissionFlow({ runId, generation: 1 }))
  await sweep()
  expect((await store.run(runId))?.dispatchedAt).not.toBeNull()
  await runSql(database.url, `UPDATE runs SET dispatched_at = now() - interval '301 seconds' WHERE id = '${runId}'`)
  await sweep()
  expect((await store.run(runId))?.dispatchedAt).toBeNull()
})

test('a run past its deadline is told to end, and why', async () => {
  const runId = await dispatchedRun(0)
  await runSql(database.url, `UPDATE runs SET deadline = now() - interval '1 second' WHERE id = '${runId}'`)
  expect(await sweep()).toMatchObject({ pastDeadline: 1 })
  expect(await store.run(runId)).toMatchObject({ state: 'ending', endingCause: 'deadline', generation: 2 })
})

test('a run begun too often ends, first by a closing flow, then without one', async () => {
  const runId = await dispatchedRun(0)
  await runSql(database.url, `UPDATE runs SET dispatches_in_state = 6 WHERE id = '${runId}'`)
  expect(await sweep()).toMatchObject({ stuck: 1 })
  expect(await store.run(runId)).toMatchObject({ state: 'ending', endingCause: 'stuck' })
  await runSql(database.url, `UPDATE runs SET dispatches_in_state = 6 WHERE id = '${runId}'`)
  await sweep()
  expect(await store.run(runId)).toMatchObject({ state: 'ended', outcome: 'failed' })
})

test('several supervisors at once make a run due once', async () => {
  const runId = await dispatchedRun(31)
  await Promise.all([sweep(), sweep(), sweep(), sweep()])
  const again = (await store.timeline(runId)).filter(event => event.kind === 'due-again')
  expect(again).toHaveLength(1)
})

test('the bot’s organisation is polled once at a time, and again when its time has come', async () => {
  const open = () => store.pollCommentsDue({ everySeconds: 60 })
  await store.saveIdentity({ organisation: 'contoso', id: 'bot', displayName: 'Bot' })
  expect(await Promise.all([open(), open(), sweep().then(swept => swept?.polls)])).toContain(1)
  expect(await open()).toBe(0)
  const [poll] = (await store.dispatchNext(windows)).filter(due => due.kind === 'task')
  if (!poll) throw new Error('nothing is due')
  await store.finishTask({ ...poll, result: {} })
  expect(await open()).toBe(0)
  await runSql(database.url, `UPDATE tasks SET ended_at = now() - interval '61 seconds'`)
  expect(await open()).toBe(1)
  const [again] = (await store.dispatchNext(windows)).filter(due => due.kind === 'task')
  expect(again).toMatchObject({ taskId: poll.taskId, generation: poll.generation + 1 })
})
