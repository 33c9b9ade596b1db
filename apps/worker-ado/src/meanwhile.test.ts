import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { acceptedRun, concluded, runningRun, testWorld, textsOf, type World } from './test-world.ts'

/** Between a comment and its drafts lie minutes, in which people go on working. Each of these ends, and says why. */

let world: World
let count = 0
const at = { project: 'web', repository: 'shop' }

beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world?.stop())
beforeEach(() => {
  count += 1
})

/** What the author reads at the end of a run of one variant that failed. */
async function lastWords(runId: string): Promise<string> {
  const run = await concluded(world, runId)
  expect(run).toMatchObject({ state: 'ended', outcome: 'failed' })
  return (await textsOf(world, run.key.threadId)).slice(-2).join('\n')
}

const intent = () => `/edit make number ${count} red`

async function ownBranch(runId: string): Promise<string> {
  return `users/alice/${(await world.run(runId)).admission?.slug}/v1`
}

test('the right to contribute is withdrawn before the push: nothing is pushed, and the author is told which right', async () => {
  const runId = await runningRun(world, intent())
  world.shop.azure.setRights({ user: 'alice', deny: ['GenericContribute'] })
  const ended = await world.step('commit-patch', runId, 1)
  world.shop.azure.setRights({ user: 'alice', deny: [] })
  expect(ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('Contribute') })
  expect(
    await world.ado.probeBranch({ projectId: 'web', repositoryId: 'shop', branch: await ownBranch(runId) }),
  ).toEqual({
    state: 'free',
  })
  expect(await lastWords(runId)).toContain('Contribute')
})

test('it is withdrawn between push and draft: no draft, and the branch goes', async () => {
  const runId = await runningRun(world, intent())
  expect(await world.step('commit-patch', runId, 1)).toMatchObject({ outcome: 'done' })
  world.shop.azure.setRights({ user: 'alice', deny: ['GenericContribute'] })
  expect(await world.step('open-draft-pr', runId, 1)).toMatchObject({ outcome: 'failed' })
  world.shop.azure.setRights({ user: 'alice', deny: [] })
  expect(await lastWords(runId)).toMatch(/Contribute[\s\S]*will be removed/)
})

test.each(['abandoned', 'completed'] as const)('the pull request is %s before the push', async state => {
  const pullRequestId = await world.shop.azure.createPullRequest({
    ...at,
    title: 'Another',
    sourceBranch: await branchWith(`work-${state}`),
    targetBranch: 'main',
  })
  const runId = await runningRun(world, intent())
  await world.query('UPDATE runs SET pull_request_id = $1 WHERE id = $2', [pullRequestId, runId])
  await world.shop.azure.setPullRequestState({ pullRequestId, state })
  await expect
    .poll(() => world.ado.readPullRequest({ projectId: 'web', repositoryId: 'shop', pullRequestId }))
    .toMatchObject({ pullRequest: { status: state } })
  expect(await world.step('commit-patch', runId, 1)).toEqual({
    outcome: 'failed',
    reason: `The pull request was ${state} meanwhile.`,
  })
})

async function branchWith(branch: string): Promise<string> {
  await world.shop.azure.commitFiles({ ...at, branch, base: 'main', files: { [`${branch}.txt`]: 'x\n' } })
  return branch
}

test('somebody takes the branch name between admission and reservation, or between reservation and push', async () => {
  const runId = await runningRun(world, `${intent()} early`)
  await world.shop.azure.commitFiles({ ...at, branch: await ownBranch(runId), base: 'main', files: { 'a.txt': 'a\n' } })
  expect(await world.step('reserve-branch', runId, 1)).toMatchObject({ reason: /Somebody else made the branch/ })
  const later = await runningRun(world, `${intent()} late`)
  expect(await world.step('reserve-branch', later, 1)).toMatchObject({ outcome: 'done' })
  await world.shop.azure.commitFiles({ ...at, branch: await ownBranch(later), base: 'main', files: { 'a.txt': 'a\n' } })
  const pushed = await world.step('commit-patch', later, 1)
  expect(pushed).toMatchObject({ outcome: 'failed', reason: expect.stringContaining(await ownBranch(later)) })
  expect(await lastWords(later)).toContain('users/alice/')
})

test('the source branch moves on: drafts still start from the commit that was pinned', async () => {
  const runId = await runningRun(world, intent())
  const { admission } = await world.run(runId)
  await world.shop.azure.commitFiles({ ...at, branch: 'feature', files: { 'moved.txt': `${count}\n` } })
  expect(await world.step('commit-patch', runId, 1)).toMatchObject({ outcome: 'done' })
  expect(await world.step('open-draft-pr', runId, 1)).toMatchObject({ outcome: 'done' })
  const run = await concluded(world, runId)
  expect(run.outcome).toBe('done')
  const { json } = await world.shop.call('GET', `web/_apis/git/repositories/shop/commits/${run.variants[0]?.commit}`)
  expect(json.parents).toEqual([admission?.baseCommit])
})

test('the branch that drafts go to is deleted: the author reads that it is gone', async () => {
  const runId = await runningRun(world, intent())
  await world.step('commit-patch', runId, 1)
  const tip = (await world.run(runId)).admission?.baseCommit
  await world.shop.azure.deleteBranch({ ...at, branch: 'feature' })
  const ended = await world.step('open-draft-pr', runId, 1)
  await world.shop.call('POST', 'web/_apis/git/repositories/shop/refs', {
    body: [{ name: 'refs/heads/feature', oldObjectId: '0'.repeat(40), newObjectId: tip }],
  })
  expect(ended).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('feature') })
})

test('the command is deleted before it could be read: refused, even though nobody is left to be told', async () => {
  const runId = await acceptedRun(world, intent())
  const { key } = await world.run(runId)
  await world.shop.azure.deleteComment({ ...key, user: 'alice' })
  await world.dispatch()
  expect(await world.step('admit-run', runId)).toEqual({ outcome: 'refused' })
  expect(await concluded(world, runId)).toMatchObject({
    ...{ state: 'ended', outcome: 'refused', reason: 'The comment is gone, so nothing was started.' },
  })
})

test('the thread is deleted while variants are made: drafts and status are there all the same', async () => {
  const runId = await runningRun(world, intent())
  const { key } = await world.run(runId)
  await world.shop.azure.deleteComment({ ...key, user: 'alice' })
  await world.shop.azure.deleteComment({ ...key, commentId: 2, user: 'bot' })
  await world.step('commit-patch', runId, 1)
  expect(await world.step('open-draft-pr', runId, 1)).toMatchObject({ outcome: 'done' })
  expect(await concluded(world, runId)).toMatchObject({ state: 'ended', outcome: 'done' })
  const statuses: { state: string; description: string }[] = (
    await world.shop.call('GET', 'web/_apis/git/repositories/shop/pullRequests/1/statuses')
  ).json.value
  expect(statuses.at(-1)).toMatchObject({ state: 'succeeded', description: '1 of 1 draft' })
})
