import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository, type Shop, startShop, until } from '../test-shop.ts'
import type { PolicyKind } from './policy-types.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop({ mergeDelayMs: 5 })
})
afterAll(() => shop.stop())

const at = { project: 'web', repository: 'shop' }
let opened = 0

async function open({ isDraft = false } = {}) {
  const name = `work-${++opened}`
  const target = `target-${opened}`
  await shop.azure.commitFiles({ ...at, branch: target, base: 'main', files: { [`${name}.md`]: 'base' } })
  await shop.azure.commitFiles({ ...at, branch: name, base: target, files: { [`${name}.txt`]: 'work' } })
  const id = await shop.azure.createPullRequest({
    ...at,
    title: name,
    sourceBranch: name,
    targetBranch: target,
    isDraft,
  })
  await until(async () => (await get(id)).mergeStatus === 'succeeded')
  return { id, name, target, path: `${repository}/pullRequests/${id}` }
}
type Opened = Awaited<ReturnType<typeof open>>

const get = async (id: number) => (await shop.call('GET', `_apis/git/pullRequests/${id}`)).json
const idOf = (name: string) => shop.azure.users.find(one => one.name === name)?.id ?? ''
const evaluationsUrl = async (id: number) => {
  const project = (await get(id)).repository.project.id
  return `web/_apis/policy/evaluations?artifactId=vstfs:///CodeReview/CodeReviewId/${project}/${id}`
}

function require({ target }: Opened, kind: PolicyKind, settings: Record<string, unknown> = {}) {
  return shop.azure.addPolicy({ ...at, branch: target, kind, settings })
}

async function statusOf({ id }: Opened, policyId: number): Promise<string> {
  const { json } = await shop.call('GET', await evaluationsUrl(id))
  return json.value.find((one: { configuration: { id: number } }) => one.configuration.id === policyId)?.status
}

async function complete({ id, path }: Opened, options: { token?: string; completionOptions?: unknown } = {}) {
  const { lastMergeSourceCommit } = await get(id)
  const { token, completionOptions } = options
  const body = { status: 'completed', lastMergeSourceCommit, ...(completionOptions ? { completionOptions } : {}) }
  return shop.call('PATCH', path, { body, ...(token ? { token } : {}) })
}

const vote = (one: Opened, value: number, token = shop.azure.tokens.bot) =>
  shop.call('PUT', `${one.path}/reviewers/${idOf(token === shop.azure.tokens.bot ? 'bot' : 'alice')}`, {
    token,
    body: { vote: value },
  })

test('a pull request is completed only when enough others have approved it', async () => {
  const work = await open()
  const policy = require(work, 'minimumReviewers', { minimumApproverCount: 1, creatorVoteCounts: false })
  expect(await statusOf(work, policy)).toBe('running')
  await vote(work, 10, shop.azure.tokens.alice)
  expect(await statusOf(work, policy)).toBe('running')
  const refused = await complete(work, { completionOptions: { mergeStrategy: 'squash' } })
  expect([refused.status, refused.json.typeKey]).toEqual([403, 'GitPullRequestUpdateRejectedByPolicyException'])
  expect(await get(work.id)).not.toHaveProperty('completionOptions')
  await vote(work, -5)
  expect(await statusOf(work, policy)).toBe('rejected')
  await vote(work, 5)
  expect(await statusOf(work, policy)).toBe('approved')
  expect((await complete(work)).status).toBe(200)
  await until(async () => (await get(work.id)).status === 'completed')
})

test('a push takes approvals back where the policy says so', async () => {
  const work = await open()
  const policy = require(work, 'minimumReviewers', { minimumApproverCount: 1, resetOnSourcePush: true })
  await vote(work, 10)
  expect(await statusOf(work, policy)).toBe('approved')
  await shop.azure.commitFiles({ ...at, branch: work.name, files: { 'more.txt': 'more' } })
  await until(async () => (await statusOf(work, policy)) === 'running')
})

test('an active thread stands in the way until it is resolved', async () => {
  const work = await open()
  const policy = require(work, 'comments')
  expect(await statusOf(work, policy)).toBe('approved')
  const { threadId } = await shop.azure.postComment({ pullRequestId: work.id, user: 'alice', content: 'why?' })
  expect(await statusOf(work, policy)).toBe('rejected')
  expect((await complete(work)).status).toBe(403)
  await shop.call('PATCH', `${work.path}/threads/${threadId}`, { body: { status: 'fixed' } })
  expect(await statusOf(work, policy)).toBe('approved')
})

test('a status of the right genre and name is waited for, on the newest iteration if so wanted', async () => {
  const work = await open()
  const policy = require(work, 'status', { statusGenre: 'ci', statusName: 'lint', invalidateOnSourceUpdate: true })
  const post = (state: string, genre: string, iteration: number) =>
    shop.call('POST', `${work.path}/iterations/${iteration}/statuses`, {
      body: { state, context: { name: 'lint', genre } },
    })
  await post('succeeded', 'other', 1)
  expect(await statusOf(work, policy)).toBe('queued')
  await post('pending', 'ci', 1)
  expect(await statusOf(work, policy)).toBe('running')
  await post('failed', 'ci', 1)
  expect(await statusOf(work, policy)).toBe('rejected')
  await post('succeeded', 'ci', 1)
  expect(await statusOf(work, policy)).toBe('approved')
  await shop.azure.commitFiles({ ...at, branch: work.name, files: { 'more.txt': 'more' } })
  expect(await statusOf(work, policy)).toBe('queued')
})

test('a conditional status counts only once there is one', async () => {
  const work = await open()
  const policy = require(work, 'status', { statusName: 'optional', policyApplicability: 1 })
  expect(await statusOf(work, policy)).toBeUndefined()
  const { json } = await shop.call('GET', `${await evaluationsUrl(work.id)}&includeNotApplicable=true`)
  expect(json.value.map((one: { status: string }) => one.status)).toEqual(['notApplicable'])
})

test('a build begins by itself, but not for a draft unless it is asked for', async () => {
  const work = await open()
  const policy = require(work, 'build', { buildDefinitionId: 7 })
  expect(await statusOf(work, policy)).toBe('running')
  shop.azure.finishBuild({ pullRequestId: work.id, policyId: policy, status: 'rejected' })
  expect(await statusOf(work, policy)).toBe('rejected')
  const draft = await open({ isDraft: true })
  const second = require(draft, 'build', { buildDefinitionId: 7 })
  expect(await statusOf(draft, second)).toBe('queued')
  expect(() => shop.azure.finishBuild({ pullRequestId: draft.id, policyId: second, status: 'approved' })).toThrow()
  const project = (await get(draft.id)).repository.project.id
  const api = await shop.webApi(shop.azure.tokens.alice).getPolicyApi()
  const [found] = await api.getPolicyEvaluations('web', `vstfs:///CodeReview/CodeReviewId/${project}/${draft.id}`)
  expect(found?.context.buildId).toBeUndefined()
  await api.requeuePolicyEvaluation('web', found?.evaluationId ?? '')
  expect(await statusOf(draft, second)).toBe('running')
  shop.azure.finishBuild({ pullRequestId: draft.id, policyId: second, status: 'approved' })
  expect(await statusOf(draft, second)).toBe('approved')
})

test('automatic completion waits for the last policy', async () => {
  const work = await open()
  const reviewers = require(work, 'minimumReviewers', { minimumApproverCount: 1 })
  const build = require(work, 'build', { buildDefinitionId: 7 })
  const setBy = (name: string) => shop.call('PATCH', work.path, { body: { autoCompleteSetBy: { id: idOf(name) } } })
  expect((await setBy('bot')).status).toBe(400)
  expect((await setBy('alice')).json.autoCompleteSetBy.id).toBe(idOf('alice'))
  await vote(work, 10)
  expect(await statusOf(work, reviewers)).toBe('approved')
  expect((await get(work.id)).status).toBe('active')
  shop.azure.finishBuild({ pullRequestId: work.id, policyId: build, status: 'approved' })
  await until(async () => (await get(work.id)).status === 'completed')
})

test('only who may bypass policies can', async () => {
  const work = await open()
  require(work, 'workItems')
  const completionOptions = { bypassPolicy: true, bypassReason: 'urgent' }
  expect((await complete(work, { completionOptions })).status).toBe(403)
  const { token } = shop.azure.addUser({ name: 'boss', displayName: 'Boss' })
  shop.azure.setRights({
    user: 'boss',
    allow: ['GenericRead', 'GenericContribute', 'PullRequestContribute', 'PullRequestBypassPolicy'],
  })
  expect((await complete(work, { token })).status).toBe(403)
  expect((await complete(work, { token, completionOptions })).status).toBe(200)
  await until(async () => (await get(work.id)).status === 'completed')
})

test('a merge strategy that is not allowed is refused', async () => {
  const work = await open()
  require(work, 'mergeStrategy', { allowSquash: true, allowRebase: false })
  expect((await complete(work, { completionOptions: { mergeStrategy: 'rebase' } })).status).toBe(403)
  expect((await complete(work, { completionOptions: { mergeStrategy: 'squash' } })).status).toBe(200)
})

test('what comes up between queueing and completing stops the completion', async () => {
  const work = await open()
  require(work, 'comments')
  await shop.azure.setPullRequestState({ pullRequestId: work.id, state: 'completed' })
  await shop.azure.postComment({ pullRequestId: work.id, user: 'alice', content: 'wait' })
  await until(async () => (await get(work.id)).mergeStatus === 'rejectedByPolicy')
  expect((await get(work.id)).status).toBe('active')
})

test('a branch with a blocking policy is changed by pull requests only', async () => {
  const work = await open()
  const policy = require(work, 'comments')
  const name = `refs/heads/${work.target}`
  const push = () =>
    shop.call('POST', `${repository}/pushes`, {
      body: {
        refUpdates: [{ name, oldObjectId: tip }],
        commits: [
          { comment: 'x', changes: [{ changeType: 'add', item: { path: '/x' }, newContent: { content: 'x' } }] },
        ],
      },
    })
  const { value } = (await shop.call('GET', `${repository}/refs?filter=heads/${work.target}`)).json
  const tip = value[0].objectId
  const refused = await push()
  expect([refused.status, refused.json.message]).toEqual([403, expect.stringContaining('TF402455')])
  const removed = await shop.call('POST', `${repository}/refs`, {
    body: [{ name, oldObjectId: tip, newObjectId: '0'.repeat(40) }],
  })
  expect(removed.json.value[0].updateStatus).toBe('rejectedByPolicy')
  shop.azure.removePolicy({ project: 'web', policyId: policy })
  expect((await push()).status).toBe(201)
})

test('policies are edited only with the right to, and only with settings of their type', async () => {
  const body = {
    type: { id: 'cbdc66da-9728-4af8-aada-9a5a32e4a226' },
    isEnabled: true,
    isBlocking: true,
    settings: { scope: [{ repositoryId: null, refName: null }] },
  }
  const make = (token: string) => shop.call('POST', 'web/_apis/policy/configurations', { body, token })
  expect((await make(shop.azure.tokens.alice)).status).toBe(403)
  const { token } = shop.azure.addUser({ name: 'editor', displayName: 'Editor' })
  shop.azure.setRights({ user: 'editor', allow: ['GenericRead', 'EditPolicies'] })
  const wrong = await make(token)
  expect([wrong.status, wrong.json.typeKey]).toEqual([400, 'InvalidArgumentValueException'])
})
