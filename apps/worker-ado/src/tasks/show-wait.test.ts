import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { acceptedRun, concluded, runningRun, testWorld, textsOf, type World } from '../test-world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world?.stop())
beforeEach(async () => {
  await world.store.openGates()
  await world.query("UPDATE runs SET state = 'ended', outcome = 'failed', ended_at = now() WHERE state <> 'ended'")
  await world.query("UPDATE tasks SET state = 'done', ended_at = now() WHERE state = 'open'")
})

const closed = { admissions: 0, running: 0, perRepository: 0, limit: 100 }

/** One sweep and one look of the task, without letting any run begin. */
async function look(): Promise<void> {
  await world.store.waitsDue({ seconds: 20 })
  await world.query("UPDATE tasks SET due_at = now() WHERE state = 'open'")
  for (const due of await world.store.dispatchNext(closed)) {
    if (due.kind !== 'task') throw new Error('a run began')
    expect(await world.work(due.task, due)).toEqual({ outcome: 'done' })
  }
}

async function longAgo(runId: string): Promise<void> {
  await world.query("UPDATE runs SET created_at = now() - interval '21 seconds' WHERE id = $1", [runId])
}

async function answers(runId: string): Promise<string[]> {
  return (await textsOf(world, (await world.run(runId)).key.threadId)).slice(1)
}

test('who waits for admission for long is told so, in the comment that then says that it began', async () => {
  const runId = await acceptedRun(world, '/edit make buttons red')
  await look()
  expect(await answers(runId)).toEqual([])
  await longAgo(runId)
  await look()
  await look()
  expect(await answers(runId)).toEqual([expect.stringContaining('Your request is waiting')])
  await world.dispatch()
  expect(await world.step('admit-run', runId)).toEqual({ outcome: 'done' })
  expect(await answers(runId)).toEqual([expect.stringContaining('On it')])
  await look()
  expect(await answers(runId)).toEqual([expect.stringContaining('On it')])
  expect(await world.query("SELECT FROM tasks WHERE kind = 'show-wait' AND state = 'open'")).toEqual([])
})

test('one that ends before it began leaves no comment that still waits', async () => {
  const runId = await acceptedRun(world, '/edit make buttons red')
  await longAgo(runId)
  await look()
  await world.store.cancel({ runId, by: 'a', cause: 'cancelled', reason: 'Cancelled by Alice.' })
  await concluded(world, runId)
  await look()
  expect(await answers(runId)).toEqual([expect.stringContaining('was waiting'), expect.stringContaining('Cancelled')])
})

test('a model that must rest is told of in the start comment, which comes back when it goes on', async () => {
  const runId = await runningRun(world, '/edit make buttons red')
  const [begun] = await answers(runId)
  await postponed(runId)
  await world.store.closeGate({ gate: 'model/x', until: inAMinute(), reason: 'The model "x" is overloaded.' })
  await look()
  expect(await answers(runId)).toEqual([
    expect.stringMatching(/waiting.*The model "x" is overloaded.*at \d\d:\d\d UTC.*goes on by itself/s),
  ])
  await world.store.openGates(['model/x'])
  await look()
  expect(await answers(runId)).toEqual([begun])
  await world.store.closeGate({ gate: 'model/x', until: inAMinute(), reason: 'The model "x" is overloaded.' })
  await look()
  expect((await answers(runId))[0]).toContain('waiting')
})

test('of Azure DevOps’ own rest nothing is said there, and a run that is worked on waits for nothing', async () => {
  const runId = await runningRun(world, '/edit make buttons red')
  const before = await answers(runId)
  await world.store.closeGate({ gate: azureDevOpsGate(world.organisation), until: inAMinute(), reason: 'Too many.' })
  await postponed(runId)
  expect(await world.store.waitsDue({ seconds: 20 })).toBe(0)
  await world.store.openGates()
  expect(await answers(runId)).toEqual(before)
})

test('somebody else’s comment, claimed by a forged event, is not answered', async () => {
  const runId = await acceptedRun(world, '/edit make buttons red')
  await longAgo(runId)
  await world.query(`UPDATE runs SET requester = jsonb_set(requester, '{id}', '"somebody-else"') WHERE id = $1`, [
    runId,
  ])
  await look()
  expect(await answers(runId)).toEqual([])
})

test('of a backlog of thousands the oldest fifty are told', async () => {
  await world.query(
    `INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id, requester,
      comment_text, intent, variant_count, created_at)
     SELECT gen_random_uuid(), 'many', 'r', 1, n, 1, 'p', '{}', '/edit x', 'x', 1, now() - interval '1 minute'
     FROM generate_series(1, 2000) n`,
  )
  expect(await world.store.waitsDue({ seconds: 20 })).toBe(50)
  expect(await world.store.waitsDue({ seconds: 20 })).toBe(0)
})

function inAMinute(): Date {
  return new Date(Date.now() + 60_000)
}

async function postponed(runId: string): Promise<void> {
  const { generation } = await world.run(runId)
  const id = await world.store.attemptStarted({
    ...{ scope: { runId }, variant: 1, step: 'write-patch', generation, jobId: 'j', attempt: 1 },
  })
  await world.store.attemptEnded({ id, outcome: 'postponed', reasonClass: 'Throttled', message: 'The model rests.' })
  await world.query("UPDATE attempts SET started_at = now() - interval '21 seconds' WHERE id = $1", [id])
}
