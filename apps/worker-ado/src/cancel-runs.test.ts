import { afterAll, beforeAll, expect, test } from 'vitest'
import { acceptedRun, commented, runningRun, tasksDone, testWorld, textsOf, type World } from './test-world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world?.stop())

async function cancel(over: { threadId?: number; user?: string } = {}): Promise<string | undefined> {
  const accepted = await commented(world, '/cancel', over)
  if (!('taskId' in accepted)) throw new Error('that is a request')
  await tasksDone(world, 'answer-comment')
  const task = await world.store.task(accepted.taskId)
  const threadId = over.threadId ?? Number(task?.uniqueKey.split('/').at(-2))
  return (await textsOf(world, threadId)).at(-1)
}

async function stateOf(runId: string): Promise<string> {
  const { state, endingCause } = await world.run(runId)
  return endingCause ? `${state}(${endingCause})` : state
}

test('in a run’s thread it stops that run alone, and says what was kept and what will be removed', async () => {
  const [runId, other] = [await runningRun(world, '/edit /2 make buttons red'), await acceptedRun(world, '/edit other')]
  for (const variant of [1, 2]) await world.step('commit-patch', runId, variant)
  await world.step('open-draft-pr', runId, 1)
  const { key, variants } = await world.run(runId)
  const answer = await cancel({ threadId: key.threadId })
  expect(answer).toContain('Cancelled by Alice Archer')
  expect(answer).toContain(`Kept: [draft ${variants[0]?.pullRequestId}](`)
  expect(answer).toContain('/make-buttons-red/v2')
  expect([await stateOf(runId), await stateOf(other)]).toEqual(['ending(cancelled)', 'accepted'])
  expect(await cancel({ threadId: key.threadId })).toContain('nothing to cancel')
  expect(await stateOf(other)).toBe('accepted')
})

test('elsewhere on the pull request, in a thread of its own or a talk among people, it stops all its runs', async () => {
  const runs = [await acceptedRun(world, '/edit one'), await runningRun(world, '/edit two')]
  await cancel()
  expect(await Promise.all(runs.map(stateOf))).toEqual(['ending(cancelled)', 'ending(cancelled)'])
  const third = await acceptedRun(world, '/edit three')
  const talk = await world.shop.azure.postComment({ pullRequestId: 1, user: 'alice', content: 'hm' })
  await cancel({ threadId: talk.threadId })
  expect(await stateOf(third)).toBe('ending(cancelled)')
})

test('who may not contribute stops only what is theirs, and is told so otherwise', async () => {
  const [alices, theirs] = [
    await acceptedRun(world, '/edit one'),
    await acceptedRun(world, '/edit two', { user: 'reader' }),
  ]
  await cancel({ user: 'reader' })
  expect([await stateOf(alices), await stateOf(theirs)]).toEqual(['accepted', 'ending(cancelled)'])
  const { key } = await world.run(alices)
  expect(await cancel({ threadId: key.threadId, user: 'reader' })).toContain('Not cancelled')
  expect(await stateOf(alices)).toBe('accepted')
})

test('what died between stopping and saying so says the same when it is repeated', async () => {
  const runId = await acceptedRun(world, '/edit one')
  const { key } = await world.run(runId)
  await commented(world, '/cancel', { threadId: key.threadId })
  world.shop.azure.faults.add({ method: 'POST', path: '/comments', times: 1, action: { kind: 'status', status: 429 } })
  expect(await tasksDone(world, 'answer-comment')).toMatchObject([{ outcome: 'retry' }])
  expect(await stateOf(runId)).toBe('ending(cancelled)')
  await world.query("UPDATE tasks SET dispatched_at = NULL WHERE state = 'open'")
  expect(await tasksDone(world, 'answer-comment')).toEqual([{ outcome: 'done' }])
  expect((await textsOf(world, key.threadId)).filter(text => text.includes('Cancelled by'))).toHaveLength(1)
})
