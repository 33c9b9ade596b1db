import { createProducer, type Producer } from '@code-agent/queue/producer'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { migrate } from '@code-agent/store/migrate'
import { openStore, type Store } from '@code-agent/store/store'
import { backDoor } from '@code-agent/store/test-store'
import { askTcp } from '@code-agent/tools/server-process'
import { type PrivateRedis, testPostgres, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dispatcher, startDispatcher } from './dispatcher.ts'
import { buildGateway } from './gateway.ts'
import { commentDelivery } from './test-delivery.ts'

/** Ten thousand requests wait in one repository, and nobody works on them. */

const backlog = 10_000
const windows = { admissions: 16, running: 16, perRepository: 4 }
const basic = { authorization: `Basic ${Buffer.from('hook:correct horse').toString('base64')}` }
const log = createLog({ service: 'gateway', level: 'silent' })
let postgres: Awaited<ReturnType<typeof testPostgres>>
let redis: PrivateRedis
let store: Store
let database: ReturnType<typeof backDoor>
let producer: Producer
let dispatcher: Dispatcher
let gateway: Awaited<ReturnType<typeof buildGateway>>

beforeAll(async () => {
  ;[postgres, redis] = await Promise.all([testPostgres(), testRedis({ private: true })])
  await migrate({ url: postgres.url })
  store = openStore({ url: postgres.url })
  database = backDoor(postgres.url)
  await database.query(
    `INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id, requester,
       comment_text, intent, variant_count, created_at)
     SELECT gen_random_uuid(), 'contoso', 'busy', 1, 1, n, 'p', '{}', '', '', 1, now() - interval '1 hour' + n * interval '1 ms'
     FROM generate_series(1, $1::int) n`,
    [backlog],
  )
  producer = createProducer({ redisUrl: redis.url, prefix: '{backlog}' })
  dispatcher = await startDispatcher({ store, producer, windows, log, everyMs: 50 })
  gateway = await buildGateway({
    ...{ store, log, organisation: 'contoso', maxVariants: 8, metrics: createMetrics('gateway') },
    credentials: { basic: { username: 'hook', passwords: ['correct horse'] } },
    onAccepted: dispatcher.wake,
  })
}, 120_000)

afterAll(async () => {
  await dispatcher?.stop()
  await gateway?.close()
  await producer?.close()
  await database?.stop()
  await store?.close()
  await Promise.all([postgres?.stop(), redis?.stop()])
}, 60_000)

type Row = { repository: string; place: number; state: string }

/** Where the runs stand that were dispatched: how many of their repository were written before them. */
function dispatchedRuns(): Promise<Row[]> {
  return database.query<Row>(
    `SELECT repository_id AS repository, comment_id::int AS place, state FROM runs WHERE dispatched_at IS NOT NULL ORDER BY place`,
  )
}

test('a backlog of ten thousand fills its places and no more, and Redis holds nothing but those', {
  timeout: 120_000,
}, async () => {
  await expect.poll(async () => (await dispatchedRuns()).length, { timeout: 60_000 }).toBe(windows.perRepository)
  expect((await dispatchedRuns()).map(({ place }) => place)).toEqual([1, 2, 3, 4])
  await expect.poll(async () => (await producer.counts('llm'))['waiting-children'], { timeout: 60_000 }).toBe(4)
  // An admission is two jobs; what else is there belongs to the queues.
  expect(await redisKeys()).toBeLessThan(60)
})

test('a command for a small repository is accepted and dispatched, though thousands were there before it', {
  timeout: 120_000,
}, async () => {
  const response = await gateway.inject({
    method: 'POST',
    url: '/webhooks/azure-devops',
    headers: { ...basic, 'content-type': 'application/json' },
    payload: commentDelivery({ text: '/edit make it so' }),
  })
  expect(response.statusCode).toBe(202)
  await expect.poll(async () => (await dispatchedRuns()).length, { timeout: 60_000 }).toBe(windows.perRepository + 1)
  const small = (await dispatchedRuns()).filter(({ repository }) => repository !== 'busy')
  expect(small).toHaveLength(1)
  expect(await redisKeys()).toBeLessThan(60)
})

test('a place that becomes free goes to the oldest that waits', { timeout: 120_000 }, async () => {
  await database.query(
    `UPDATE runs SET state = 'ready', dispatched_at = NULL WHERE repository_id = 'busy' AND comment_id = 1`,
  )
  dispatcher.wake()
  const places = async () =>
    (await dispatchedRuns())
      .filter(({ repository, state }) => repository === 'busy' && state === 'accepted')
      .map(({ place }) => place)
  await expect.poll(places, { timeout: 60_000 }).toEqual([2, 3, 4, 5])
})

async function redisKeys(): Promise<number> {
  const answer = await askTcp(redis.port, 'DBSIZE\r\n')
  return Number(answer?.slice(1) ?? Number.NaN)
}
