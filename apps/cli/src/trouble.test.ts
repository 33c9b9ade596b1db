import type { CallRecord } from '@code-agent/emulator-llm/call-record'
import type { Run } from '@code-agent/store/read'
import { openStore, type Store } from '@code-agent/store/store'
import { backDoor } from '@code-agent/store/test-store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'

/** What the author of a comment sees while processes leave, are away, or must wait. */

const project = 'demo'
const repository = 'shop'
const endless = 'and so on '.repeat(200)
let installation: Installation
let store: Store
let database: ReturnType<typeof backDoor>
let pullRequestId: number
let gatewayMayReturn = Promise.resolve()

const script = {
  replies: [
    { match: { intent: 'never comes to an end' }, text: endless, stallAfter: 400, repeat: true },
    { match: { intent: 'Corner with Village', attempt: 1 }, text: endless, stallAfter: 400 },
    {
      match: { intent: 'Corner with Hamlet', attempt: 1 },
      status: 529,
      text: 'Overloaded',
      headers: { 'retry-after': '2' },
    },
  ],
}

beforeAll(async () => {
  installation = await startInstallation({
    progress: () => {},
    script,
    settings: { 'flow-supervisor': { POLL_SECONDS: '2', SWEEP_SECONDS: '1' } },
    onRestart: async app => {
      if (app === 'gateway') await gatewayMayReturn
    },
  })
  const sample = await sampleRepository()
  await installation.azureDevOps.createRepository({ project, name: repository, from: sample.bare })
  await sample.remove()
  store = openStore({ url: installation.databaseUrl })
  database = backDoor(installation.databaseUrl)
  const branches = { sourceBranch: sample.sourceBranch, targetBranch: 'main' }
  pullRequestId = await installation.azureDevOps.createPullRequest({ project, repository, title: 'First', ...branches })
}, 120_000)

afterAll(async () => {
  await database?.stop()
  await store?.close()
  await installation?.stop()
}, 60_000)

async function comment(content: string, threadId?: number): Promise<number> {
  const where = threadId === undefined ? {} : { threadId }
  return (await installation.azureDevOps.postComment({ pullRequestId, user: 'alice', content, ...where })).threadId
}

async function runOf(threadId: number): Promise<Run | undefined> {
  const [found] = await store.runs({ filter: { pullRequestId, threadId } })
  return found && (await store.run(found.runId))
}

async function ended(threadId: number): Promise<Run> {
  await expect.poll(async () => (await runOf(threadId))?.state, { timeout: 60_000, interval: 50 }).toBe('ended')
  const run = await runOf(threadId)
  if (!run) throw new Error('there is no run')
  return run
}

async function calls(intent: string): Promise<CallRecord[]> {
  const answer = await fetch(`${installation.model.url}/admin/calls`)
  const all: { calls: CallRecord[] } = JSON.parse(await answer.text())
  return all.calls.filter(call => call.intent.includes(intent))
}

function attemptsAt(runId: string, step: string) {
  return database.query<{ attempt: number; outcome: string | null }>(
    'SELECT attempt, outcome FROM attempts WHERE owner_id = $1 AND step = $2 ORDER BY id',
    [runId, step],
  )
}

test('/cancel stops a run within two seconds, in the middle of the model’s answer', { timeout: 60_000 }, async () => {
  const threadId = await comment('/edit what never comes to an end')
  await expect.poll(() => calls('never comes'), { timeout: 30_000, interval: 50 }).toHaveLength(1)
  const saidAt = performance.now()
  await comment('/cancel', threadId)
  const runId = (await runOf(threadId))?.runId ?? ''
  await expect
    .poll(() => attemptsAt(runId, 'write-patch'), { timeout: 10_000, interval: 20 })
    .toMatchObject([{ outcome: 'superseded' }])
  expect(performance.now() - saidAt).toBeLessThan(2_000)
  const run = await ended(threadId)
  expect(run.outcome).toBe('cancelled')
  // Nobody waits for the lease of a call that was given up.
  expect(performance.now() - saidAt).toBeLessThan(25_000)
})

test('a worker told to leave gives its job back in the middle of an answer, burns no attempt, and is gone at once', {
  timeout: 60_000,
}, async () => {
  const threadId = await comment('/edit replace Corner with Village in README.md')
  await expect.poll(() => calls('Corner with Village'), { timeout: 30_000, interval: 50 }).toHaveLength(1)
  const runId = (await runOf(threadId))?.runId ?? ''
  const rows = await database.query<{ holder: string }>(
    "SELECT holder FROM effects WHERE owner_id = $1 AND kind = 'model-call'",
    [runId],
  )
  const pid = Number(rows[0]?.holder.match(/ (\d+)#/)?.[1])
  const leavingAt = performance.now()
  process.kill(pid, 'SIGTERM')
  await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 20 }).toBe(false)
  expect(performance.now() - leavingAt).toBeLessThan(10_000)
  expect(await ended(threadId)).toMatchObject({ outcome: 'done' })
  expect(performance.now() - leavingAt).toBeLessThan(30_000)
  expect(await attemptsAt(runId, 'write-patch')).toMatchObject([
    { attempt: 1, outcome: 'postponed' },
    { attempt: 1, outcome: 'done' },
  ])
})

test('a command written while no gateway was there is carried out once, and its late event changes nothing', {
  timeout: 60_000,
}, async () => {
  const back = Promise.withResolvers<void>()
  gatewayMayReturn = back.promise
  const gateway = installation.fleet.processes().find(({ app }) => app === 'gateway')?.pid ?? 0
  process.kill(gateway, 'SIGKILL')
  await expect.poll(() => isAlive(gateway), { interval: 20 }).toBe(false)
  const { hooks } = installation.azureDevOps
  const [hook] = hooks.subscriptions
  if (!hook) throw new Error('there is no hook')
  const threadId = await comment('/edit rename order to purchase')
  await expect.poll(() => hook.notifications.at(-1)?.attempts, { timeout: 10_000 }).toBe(1)
  // As after an outage of minutes: nothing of it is delivered again.
  hook.status = 'onProbation'
  back.resolve()
  const run = await ended(threadId)
  expect(run.outcome).toBe('done')
  const replayed = await hooks.replay(hook, hook.notifications.length)
  expect(replayed?.response).toContain('known')
  expect(await store.runs({ filter: { pullRequestId, threadId } })).toHaveLength(1)
  hook.status = 'enabled'
})

test('an overloaded model closes its gate for all workers, and the wait burns no attempt', {
  timeout: 60_000,
}, async () => {
  const run = await ended(await comment('/edit replace Corner with Hamlet in README.md'))
  expect(run.outcome).toBe('done')
  const attempts = await attemptsAt(run.runId, 'write-patch')
  expect(attempts.map(({ outcome }) => outcome)).toEqual([...attempts.slice(1).map(() => 'postponed'), 'done'])
  expect(attempts.every(({ attempt }) => attempt === 1)).toBe(true)
})

test('when Azure DevOps asks for a pause inside a good answer, nobody calls it until it is over', {
  timeout: 60_000,
}, async () => {
  const { faults, ledger } = installation.azureDevOps
  const pause = { kind: 'delayInside200', ms: 10, retryAfterSeconds: 4 } as const
  faults.add({ method: 'POST', path: '/comments', user: 'bot', times: 1, action: pause })
  const run = await ended(await comment('/edit rename color to paint'))
  expect(run.outcome).toBe('done')
  const asked = ledger
    .entries({ kind: 'request' })
    .filter(entry => 'user' in entry && entry.user === 'bot' && 'method' in entry && entry.method === 'POST')
  expect(asked.length).toBeGreaterThan(0)
  const rows = await database.query<{ outcome: string }>(
    'SELECT outcome FROM attempts WHERE owner_id = $1 AND attempt > 1',
    [run.runId],
  )
  expect(rows).toEqual([])
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
