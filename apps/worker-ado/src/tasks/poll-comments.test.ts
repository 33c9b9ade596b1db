import { isMovable } from '@code-agent/emulator-azure-devops/clock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commented, tasksDone, testWorld, textsOf, type World } from '../test-world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
  await world.store.saveIdentity({ organisation: world.organisation, id: 'bot', displayName: 'Code Agent' })
  await said('/edit written before the installation')
  expect(await poll()).toMatchObject([{ outcome: 'done' }])
  later()
})
afterAll(() => world?.stop())

function said(content: string, over: { user?: string; threadId?: number } = {}) {
  return world.shop.azure.postComment({ pullRequestId: 1, user: 'alice', content, ...over })
}

function later() {
  const { clock } = world.shop.azure
  if (isMovable(clock)) clock.advance(5_000)
}

async function poll() {
  await world.query("UPDATE tasks SET ended_at = now() - interval '1 hour' WHERE kind = 'poll-comments'")
  await world.store.pollCommentsDue({ everySeconds: 60 })
  return await tasksDone(world, 'poll-comments')
}

async function intents(): Promise<string[]> {
  return (await world.store.runs({ limit: 100 })).map(({ intent }) => intent)
}

test('what was written before the installation is left alone', async () => {
  await poll()
  expect(await intents()).not.toContain('written before the installation')
})

test('a command whose event never came becomes one run, and its event coming later changes nothing', async () => {
  const at = await said('/edit what nobody told us')
  await poll()
  expect((await intents()).filter(intent => intent === 'what nobody told us')).toHaveLength(1)
  await poll()
  await poll()
  const [run] = await world.store.runs({ filter: { threadId: at.threadId } })
  if (!run) throw new Error('there is no run')
  const { key, projectId, requester, commentText, intent } = run
  expect(requester).toMatchObject({ displayName: 'Alice Archer' })
  const late = { runId: crypto.randomUUID(), key, projectId, requester, commentText, intent, variants: 1 }
  expect(await world.store.acceptRun(late)).toEqual({ accepted: false, runId: run.runId })
})

test('a command whose event came first is known when it is found', async () => {
  const accepted = await commented(world, '/edit told in time')
  await poll()
  expect(await world.store.runs({ filter: {}, limit: 100 })).toSatisfy(
    (runs: { runId: string; intent: string }[]) =>
      runs.filter(run => run.intent === 'told in time').length === 1 &&
      'runId' in accepted &&
      runs.some(run => run.runId === accepted.runId),
  )
})

test('help, cancel and slips are found too; chat, edited comments and the bot’s own are not', async () => {
  const asked = await Promise.all(['/help', '/edit /0 nothing'].map(text => said(text)))
  await said('/edit by the bot itself', { user: 'bot' })
  await said('what about /edit?')
  const edited = await said('/edit first thought')
  later()
  await world.shop.azure.editComment({ ...edited, pullRequestId: 1, user: 'alice', content: '/edit second thought' })
  await poll()
  const answers = await world.query<{ unique_key: string }>(
    "SELECT unique_key FROM tasks WHERE kind = 'answer-comment' AND state = 'open'",
  )
  expect(answers.map(({ unique_key }) => unique_key.split('/').slice(-2).join('/')).toSorted(byText)).toEqual(
    asked.map(({ threadId, commentId }) => `${threadId}/${commentId}`).toSorted(byText),
  )
  expect(await intents()).not.toContain('by the bot itself')
  expect((await intents()).filter(intent => intent.endsWith('thought'))).toEqual([])
})

test('a look that broke off moves nothing: what it did not see is found by the next one', async () => {
  const before = await world.store.setting(`poll-comments/${world.organisation}`)
  await said('/edit hidden by a failure')
  world.shop.azure.faults.add({ path: '/threads', times: 1, user: 'bot', action: { kind: 'status', status: 500 } })
  expect(await poll()).toMatchObject([{ outcome: 'retry' }])
  expect(await world.store.setting(`poll-comments/${world.organisation}`)).toEqual(before)
  expect(await intents()).not.toContain('hidden by a failure')
  await world.query("UPDATE effects SET lease_until = now(); UPDATE tasks SET state = 'done', ended_at = now()")
  await poll()
  expect(await intents()).toContain('hidden by a failure')
})

test('a service hook that was put on probation is seen, and one the credential may not see is passed over', async () => {
  await world.shop.azure.subscribe({ url: 'http://127.0.0.1:9/webhooks/azure-devops' })
  const [hook] = world.shop.azure.hooks.subscriptions
  if (!hook) throw new Error('nobody subscribed')
  hook.status = 'onProbation'
  await poll()
  const seen = () => world.store.setting(`service-hooks/${world.organisation}`)
  expect(await seen()).toEqual({ enabled: 0, 'on-probation': 1, disabled: 0 })
  hook.status = 'disabledBySystem'
  await poll()
  expect(await seen()).toEqual({ enabled: 0, 'on-probation': 0, disabled: 1 })
  world.shop.azure.faults.add({ path: '/hooks/', user: 'bot', times: 1, action: { kind: 'status', status: 403 } })
  expect(await poll()).toMatchObject([{ outcome: 'done' }])
  world.shop.azure.hooks.remove(hook)
})

test('a comment that was given up, made again and landed after all stands once when it was looked for', async () => {
  const { threadId } = await said('/help')
  const about = { projectId: 'web', repositoryId: 'shop', pullRequestId: 1, threadId, topic: 'answer/1', text: 'Help.' }
  world.shop.azure.faults.add({
    ...{ method: 'POST', path: `/threads/${threadId}/comments`, times: 1 },
    action: { kind: 'lateEffect', ms: 300, answer: 'cut' },
  })
  await expect(world.ado.ensureComment({ ...about, again: false })).rejects.toThrow('did not answer')
  await world.ado.ensureComment({ ...about, again: true })
  await expect.poll(() => textsOf(world, threadId)).toEqual(['/help', 'Help.', 'Help.'])
  await poll()
  expect(await textsOf(world, threadId)).toEqual(['/help', 'Help.'])
})

function byText(one: string, other: string): number {
  return one.localeCompare(other)
}
