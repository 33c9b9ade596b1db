import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelEmulator, startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { type StepName, stepJobId } from '@code-agent/jobs/steps'
import { createProducer, type Producer } from '@code-agent/queue/producer'
import {
  type ServedRepositories,
  servedRepositories,
  type TestRepository,
} from '@code-agent/repository/served-repositories'
import { environment } from '@code-agent/service/environment'
import { admission, newRun, type TestStore, testStore, wide } from '@code-agent/store/test-store'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Two workers as processes, sixteen runs, one cache, and a repository of twenty thousand files. */

const files = 20_000
const runs = 16
const mostMegabytes = 512
/** Of JavaScript's heap: what else a process has (its code, stacks, buffers) is in what is measured. */
const heapMegabytes = 256
let database: TestStore
let redis: TestRedis
let model: ModelEmulator
let served: ServedRepositories
let producer: Producer
let cacheDir: string
let baseCommit: string
const workers: ChildProcess[] = []

beforeAll(async () => {
  ;[database, redis, model, served, cacheDir] = await Promise.all([
    testStore(),
    testRedis(),
    startModelEmulator(),
    servedRepositories(),
    mkdtemp(join(tmpdir(), 'shared-cache-')),
  ])
  producer = createProducer({ redisUrl: redis.url, prefix: redis.prefix })
  baseCommit = await importFiles(served.repository('project-1/_git/repository-1'))
  for (let count = 0; count < 2; count++) workers.push(await startedWorker())
}, 120_000)

afterAll(async () => {
  await Promise.all(
    workers.map(async worker => {
      const exited = once(worker, 'exit')
      worker.kill('SIGTERM')
      await exited
    }),
  )
  await producer?.close()
  await Promise.all([database?.stop(), redis?.stop(), model?.close(), served?.stop()])
  await rm(cacheDir, { recursive: true, force: true })
}, 60_000)

/** One commit of all files, without a work tree: writing so many files would take a minute. */
async function importFiles({ gitDir, git }: TestRepository): Promise<string> {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  const importing = spawn('git', ['fast-import', '--quiet'], { cwd: gitDir, stdio: ['pipe', 'inherit', 'inherit'] })
  const done = once(importing, 'exit')
  importing.stdin.write(`commit refs/heads/main\ncommitter Ann <ann@example.com> 1700000000 +0000\n${data('files')}`)
  for (let index = 0; index < files; index++) {
    const text = `title ${index}\nOld\n${`a line of file ${index}\n`.repeat(20)}`
    importing.stdin.write(`M 100644 inline ${pathOf(index)}\n${data(text)}`)
  }
  importing.stdin.end()
  expect(await done).toEqual([0, null])
  return git('rev-parse', 'refs/heads/main')
}

const pathOf = (index: number) => `area-${index % 40}/part-${index % 400}/file-${index}.txt`

async function startedWorker(): Promise<ChildProcess> {
  const main = join(import.meta.dirname, '..', 'main.ts')
  const worker = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: environment().PATH ?? '',
      LOG_LEVEL: 'warn',
      PORT: '0',
      REDIS_URL: redis.url,
      QUEUE_PREFIX: redis.prefix,
      DATABASE_URL: database.url,
      AZURE_DEVOPS_URL: served.url,
      AZURE_DEVOPS_READ_TOKEN: 'a-token-that-reads',
      MODEL_BASE_URL: model.url,
      MODEL_API_KEY: 'key',
      REPOSITORY_CACHE_DIR: cacheDir,
    },
  })
  await once(worker, 'message')
  return worker
}

/** Where it was accepted as a gateway does it and admitted as worker-ado does it. */
async function admitted(index: number): Promise<string> {
  const { runId } = await database.store.acceptRun(
    newRun({
      intent: `replace Old with New in ${pathOf(index)}`,
      variants: 2,
      commentText: '/edit /2 …',
    }),
  )
  return runId
}

async function dispatchAll(): Promise<{ runId: string; generation: number }[]> {
  const flows = await database.store.dispatchNext(wide)
  return flows.flatMap(flow => (flow.kind === 'task' ? [] : [{ runId: flow.runId, generation: flow.generation }]))
}

function add(name: StepName, data: { runId: string; generation: number; variant?: number }): Promise<void> {
  return producer.addFlow({ queue: 'llm', name, id: stepJobId(name, data), data, children: [] })
}

/** The most a process ever had in memory; undefined where the system does not say. */
function peakMegabytes(worker: ChildProcess): number | undefined {
  if (process.platform !== 'linux') return undefined
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}

test('sixteen runs on two workers share one cache of twenty thousand files, each worker within 512 MB', {
  timeout: 150_000,
}, async () => {
  const { store } = database
  const runIds = await Promise.all(Array.from({ length: runs }, (_, index) => admitted(index)))
  for (const flow of await dispatchAll()) {
    await store.admit({ ...flow, admission: { ...admission, baseCommit, targetCommit: baseCommit } })
    await add('plan-run', flow)
  }
  const inState = async (state: string) =>
    (await Promise.all(runIds.map(runId => store.run(runId)))).filter(run => run?.state === state).length
  await expect.poll(() => inState('ready'), { timeout: 90_000, interval: 200 }).toBe(runs)

  // One of them looks for a text in all twenty thousand files before it writes.
  const grep = { name: 'grep', input: { text: 'title 19999' } }
  model.setScript({ replies: [{ match: { intent: `${pathOf(7)}`, variant: 1, attempt: 1 }, toolCalls: [grep] }] })
  for (const flow of await dispatchAll()) for (const variant of [1, 2]) await add('write-patch', { ...flow, variant })
  const patches = async () =>
    (await Promise.all(runIds.flatMap(runId => [1, 2].map(variant => store.patch({ runId, variant }))))).filter(Boolean)
  await expect.poll(async () => (await patches()).length, { timeout: 90_000, interval: 200 }).toBe(2 * runs)

  const calls = new Set(
    (await database.query<{ holder: string }>(`SELECT holder FROM effects`)).map(row => row.holder.split('#')[0]),
  )
  expect(calls.size, 'both workers took part').toBe(2)
  // On a busy machine twenty thousand files may take longer than a call has; the model is told so, and writes all the same.
  const found = new RegExp(`${pathOf(19_999)}:1: title 19999|was given up`)
  expect(model.calls().filter(({ body }) => found.test(JSON.stringify(body)))).toHaveLength(1)
  // History and trees once, then each run's own file once, whichever worker and variant reads it; all files in two for grep.
  const fetches = served.requests.filter(({ method }) => method === 'POST').length
  expect(fetches).toBeLessThanOrEqual(2 * runs + 3)
  for (const worker of workers) {
    const peak = peakMegabytes(worker)
    if (peak === undefined) process.stderr.write('The peak of memory is measured on Linux only.\n')
    else {
      process.stderr.write(`A worker's peak of memory: ${Math.round(peak)} MB.\n`)
      expect(peak).toBeLessThan(mostMegabytes)
    }
  }
})
