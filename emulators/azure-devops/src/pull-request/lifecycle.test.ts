import { afterAll, beforeAll, expect, test } from 'vitest'
import { feature, main, repository, type Shop, startShop, until } from '../test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop({ mergeDelayMs: 60 })
})
afterAll(() => shop.stop())

const at = { project: 'web', repository: 'shop' }
const get = async (id: number) => (await shop.call('GET', `_apis/git/pullRequests/${id}`)).json
const patch = (id: number, body: unknown) => shop.call('PATCH', `${repository}/pullRequests/${id}`, { body })
const bare = () => `${shop.dir}/repos/web/shop.git`
const settled = (id: number) => until(async () => ['succeeded', 'conflicts'].includes((await get(id)).mergeStatus))

/** A branch of two commits and a pull request for it into a main branch of its own. */
async function open(name: string) {
  const target = `target-${name}`
  await shop.azure.commitFiles({ ...at, branch: target, base: 'main', files: { [`${name}-base.txt`]: 'base\n' } })
  for (const file of ['one', 'two']) {
    await shop.azure.commitFiles({
      ...at,
      branch: name,
      base: target,
      files: { [`${name}-${file}.txt`]: file },
      message: file,
    })
  }
  await shop.azure.commitFiles({ ...at, branch: target, files: { [`${name}-ahead.txt`]: 'ahead\n' }, message: 'ahead' })
  const id = await shop.azure.createPullRequest({ ...at, title: name, sourceBranch: name, targetBranch: target })
  await settled(id)
  return { id, target }
}

async function complete(id: number, completionOptions: Record<string, unknown>) {
  const lastMergeSourceCommit = (await get(id)).lastMergeSourceCommit
  const answer = await patch(id, { status: 'completed', lastMergeSourceCommit, completionOptions })
  expect(answer.json).toMatchObject({ status: 'active', mergeStatus: 'queued', completionOptions })
  expect(answer.json.completionQueueTime).toBeDefined()
  await until(async () => (await get(id)).status === 'completed')
  return get(id)
}

test('the keys come and go as a pull request is made, abandoned and taken up again', async () => {
  await shop.azure.commitFiles({ ...at, branch: 'life', base: 'main', files: { 'life.txt': 'x' } })
  const body = { title: 'life', sourceRefName: 'refs/heads/life', targetRefName: main, reviewers: [] }
  const created = await shop.call('POST', `${repository}/pullRequests`, { body })
  expect(created.status).toBe(201)
  expect(created.json).toMatchObject({ mergeStatus: 'queued', labels: [], isDraft: false, supportsIterations: true })
  expect(created.json).not.toHaveProperty('lastMergeCommit')
  const id = created.json.pullRequestId
  await settled(id)
  expect((await get(id)).lastMergeCommit).toMatchObject({ comment: `Merge pull request ${id} from life into main` })
  const abandoned = (await patch(id, { status: 'abandoned' })).json
  expect(abandoned.status).toBe('abandoned')
  for (const key of ['mergeStatus', 'lastMergeCommit']) expect(abandoned).not.toHaveProperty(key)
  expect(abandoned.closedDate).toBeDefined()
  const status = await shop.call('POST', `${repository}/pullRequests/${id}/statuses`, {
    body: { state: 'failed', context: { name: 'x' } },
  })
  expect(status).toMatchObject({ status: 403, json: { typeKey: 'GitPullRequestStatusNotEditableException' } })
  const thread = await shop.call('POST', `${repository}/pullRequests/${id}/threads`, {
    body: { comments: [{ content: 'still here' }] },
  })
  expect(thread.status).toBe(200)
  expect((await patch(id, { status: 'active' })).json).toMatchObject({ status: 'active', mergeStatus: 'queued' })
})

test('merge, squash, rebase and rebase with merge leave the history they promise', async () => {
  const history = async (name: string, mergeStrategy: string) => {
    const { id, target } = await open(name)
    const done = await complete(id, { mergeStrategy })
    expect(done.lastMergeCommit.commitId).toBe((await shop.git('-C', bare(), 'rev-parse', target)).trim())
    return (await shop.git('-C', bare(), 'log', '--first-parent', '--format=%s %p', '-3', target))
      .split('\n')
      .map(line => {
        const [subject = '', ...parents] = line.split(' ')
        return `${subject}:${parents.filter(word => /^[0-9a-f]{7,}$/.test(word)).length}`
      })
  }
  expect((await history('merge', 'noFastForward'))[0]).toBe('Merge:2')
  expect((await history('squash', 'squash'))[0]).toBe('Merge:1')
  expect((await history('rebase', 'rebase')).slice(0, 3)).toEqual(['two:1', 'one:1', 'ahead:1'])
  expect((await history('semi', 'rebaseMerge'))[0]).toBe('Merge:2')
})

test('the source branch goes along when asked, and the message is the one given', async () => {
  const { id, target } = await open('gone')
  await complete(id, { mergeStrategy: 'squash', deleteSourceBranch: true, mergeCommitMessage: 'All of it' })
  await until(async () => (await shop.call('GET', `${repository}/refs?filter=heads/gone`)).json.count === 0)
  expect(await shop.git('-C', bare(), 'log', '-1', '--format=%s', target)).toBe('All of it\n')
})

test('a conflict shows in the merge status and keeps the pull request from completing', async () => {
  await shop.azure.commitFiles({ ...at, branch: 'left', base: 'main', files: { 'README.md': '# left\n' } })
  await shop.azure.commitFiles({ ...at, branch: 'right', base: 'main', files: { 'README.md': '# right\n' } })
  const id = await shop.azure.createPullRequest({ ...at, title: 'c', sourceBranch: 'left', targetBranch: 'right' })
  await settled(id)
  const conflicting = await get(id)
  expect(conflicting.mergeStatus).toBe('conflicts')
  expect(conflicting).not.toHaveProperty('lastMergeCommit')
  await patch(id, { status: 'completed', lastMergeSourceCommit: conflicting.lastMergeSourceCommit })
  await settled(id)
  expect(await get(id)).toMatchObject({ status: 'active', mergeStatus: 'conflicts' })
})

test('completing needs the source commit one has seen, and no draft', async () => {
  const { id } = await open('stale')
  const stale = await patch(id, { status: 'completed', lastMergeSourceCommit: { commitId: '1'.repeat(40) } })
  expect(stale).toMatchObject({ status: 409, json: { typeKey: 'GitPullRequestStaleException' } })
  await patch(id, { isDraft: true })
  const { lastMergeSourceCommit } = await get(id)
  expect((await patch(id, { status: 'completed', lastMergeSourceCommit })).status).toBe(403)
  await patch(id, { isDraft: false })
  await complete(id, { mergeStrategy: 'squash' })
  expect((await patch(id, { status: 'abandoned' })).json.typeKey).toBe('GitPullRequestNotEditableException')
})

test('a push gives an iteration with its own changes, compared with any earlier one', async () => {
  const head = { ...at, branch: 'feature' }
  await shop.azure.commitFiles({ ...head, files: { 'src/new.ts': 'export const answer = 43\n', 'src/more.ts': 'x\n' } })
  const iterations = (await shop.call('GET', `${repository}/pullRequests/1/iterations`)).json.value
  expect(iterations.map((one: { reason: string }) => one.reason)).toEqual(['create', 'push'])
  const changes = async (query: string) =>
    (await shop.call('GET', `${repository}/pullRequests/1/iterations/2/changes?${query}`)).json
  const paths = (json: { changeEntries: { item: { path: string } }[] }) => json.changeEntries.map(one => one.item.path)
  expect(paths(await changes(''))).toEqual(['/src/button.css', '/src/more.ts', '/src/new.ts'])
  expect(paths(await changes('$compareTo=1'))).toEqual(['/src/more.ts', '/src/new.ts'])
  const first = await changes('$top=2')
  expect([paths(first).length, first.nextSkip, first.nextTop]).toEqual([2, 2, 1])
  expect(await changes('$top=2&$skip=2')).not.toHaveProperty('nextSkip')
  const threads = (await shop.call('GET', `${repository}/pullRequests/1/threads`)).json.value
  expect(threads.at(-1).comments[0]).toMatchObject({
    commentType: 'system',
    content: expect.stringContaining('update 2'),
  })
})

test('lists page, cut the description, and find by branch, creator and state', async () => {
  await patch(1, { description: 'd'.repeat(500) })
  const list = async (query: string) => (await shop.call('GET', `${repository}/pullRequests?${query}`)).json
  const found = await list(`searchCriteria.sourceRefName=${feature}&searchCriteria.status=1`)
  expect([found.count, found.value[0].description.length]).toEqual([1, 400])
  const all = (await list('searchCriteria.status=all')).value.map((one: { pullRequestId: number }) => one.pullRequestId)
  expect(
    (await list('searchCriteria.status=all&$top=2&$skip=1')).value.map(
      (one: { pullRequestId: number }) => one.pullRequestId,
    ),
  ).toEqual(all.slice(1, 3))
  expect((await list('searchCriteria.status=all&$skip=1000')).count).toBe(0)
  const nobody = '00000000-0000-0000-0000-000000000001'
  expect((await list(`searchCriteria.creatorId=${nobody}`)).count).toBe(0)
})

test('a draft takes a vote, says 200, and forgets it', async () => {
  await shop.azure.commitFiles({ ...at, branch: 'draft', base: 'main', files: { 'draft.txt': 'x' } })
  const id = await shop.azure.createPullRequest({
    ...at,
    title: 'd',
    sourceBranch: 'draft',
    targetBranch: 'main',
    isDraft: true,
  })
  const bot = shop.azure.users.find(one => one.name === 'bot')?.id
  const vote = { token: shop.azure.tokens.bot, body: { vote: 10 } }
  expect((await shop.call('PUT', `${repository}/pullRequests/${id}/reviewers/${bot}`, vote)).status).toBe(200)
  expect((await get(id)).reviewers[0].vote).toBe(0)
  await patch(id, { isDraft: false })
  await shop.call('PUT', `${repository}/pullRequests/${id}/reviewers/${bot}`, vote)
  expect((await get(id)).reviewers[0].vote).toBe(10)
})
