import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository, type Shop, startShop } from './test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

async function admin(method: string, path: string, body?: unknown) {
  const response = await fetch(`${shop.azure.adminUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
}

test('the ledger holds every request and effect in order, and can be asked for what is new', async () => {
  const { json: all } = await admin('GET', '/ledger')
  const since = all.at(-1).n
  const created = await shop.call('POST', `${repository}/pullRequests/1/threads`, {
    body: { comments: [{ content: 'x' }] },
  })
  const { json: fresh } = await admin('GET', `/ledger?since=${since}`)
  expect(fresh.map((entry: { kind: string }) => entry.kind)).toEqual(['thread-created', 'comment-created', 'request'])
  expect(fresh[1]).toMatchObject({ user: 'alice', ids: { pullRequestId: 1, threadId: created.json.id, commentId: 1 } })
  expect(fresh[2]).toMatchObject({ method: 'POST', status: 200, user: 'alice', fault: null })
  expect((await admin('GET', `/ledger?since=${since}&kind=effect`)).json).toHaveLength(2)
  expect((await admin('GET', `/ledger?kind=pull-request-created`)).json).toHaveLength(1)
})

test('the clock moves forward', async () => {
  const before = Date.parse((await admin('GET', '/clock')).json.now)
  await admin('POST', '/clock', { advanceMs: 3_600_000 })
  expect(Date.parse((await admin('GET', '/clock')).json.now) - before).toBeGreaterThanOrEqual(3_600_000)
})

test('rights are taken and given while everything runs', async () => {
  const rename = () => shop.call('PATCH', `${repository}/pullRequests/1`, { body: { title: 'x' } })
  await admin('PUT', '/rights', { user: 'alice', allow: ['GenericRead'], project: 'web', repository: 'shop' })
  expect(await rename()).toMatchObject({ status: 403, json: { typeKey: 'GitNeedsPermissionException' } })
  await admin('PUT', '/rights', { user: 'alice', allow: [], project: 'web', repository: 'shop' })
  expect(await rename()).toMatchObject({ status: 404, json: { typeKey: 'GitRepositoryNotFoundException' } })
  const allow = ['GenericRead', 'GenericContribute', 'PullRequestContribute', 'CreateBranch']
  await admin('PUT', '/rights', { user: 'alice', allow, project: 'web', repository: 'shop' })
  expect((await rename()).status).toBe(200)
  expect((await admin('PUT', '/rights', { user: 'alice', allow: ['Fly'] })).status).toBe(400)
})

test('projects, repositories, commits, pull requests, comments and people are made without a token', async () => {
  const from = `${shop.dir}/repos/web/shop.git`
  const made = await admin('POST', '/repositories', { project: 'two words', name: 'copy', from })
  expect(made.json).toMatchObject({ project: 'two words', name: 'copy' })
  const at = { project: 'two words', repository: 'copy' }
  await admin('POST', '/commits', { ...at, branch: 'topic', files: { 'x.txt': 'x', 'README.md': null } })
  const { json } = await admin('POST', '/pull-requests', {
    ...at,
    title: 'T',
    sourceBranch: 'topic',
    targetBranch: 'main',
  })
  const comment = await admin('POST', '/comments', {
    pullRequestId: json.pullRequestId,
    user: 'alice',
    content: 'hello',
  })
  expect(comment.json).toMatchObject({ commentId: 1 })
  const items = await shop.call(
    'GET',
    'two%20words/_apis/git/repositories/copy/items?path=/x.txt&$format=text&versionDescriptor.version=topic',
  )
  expect(items.text).toBe('x')
  await admin('POST', '/refs/delete', { ...at, branch: 'topic' })
  expect((await shop.call('GET', 'two words/_apis/git/repositories/copy/refs?filter=heads/topic')).json.count).toBe(0)
  const dave = await admin('POST', '/users', { name: 'dave', groups: ['Contributors'] })
  expect((await shop.call('GET', repository, { token: dave.json.token })).status).toBe(200)
  await admin('PUT', '/repositories/disabled', { ...at, disabled: true })
  expect((await shop.call('GET', 'two words/_apis/git/repositories/copy/refs')).status).toBe(404)
})

test('tokens can be narrowed and revoked', async () => {
  const { json } = await admin('POST', '/tokens', { user: 'bot', scopes: ['vso.code'] })
  const read = await shop.call('GET', repository, { token: json.token })
  const write = await shop.call('POST', `${repository}/pullRequests/1/threads`, {
    token: json.token,
    body: { comments: [{ content: 'x' }] },
  })
  expect([read.status, write.status, write.text]).toEqual([200, 401, ''])
  await admin('DELETE', `/tokens/${json.token}`)
  expect((await shop.call('GET', repository, { token: json.token })).status).toBe(203)
})

test('a policy is added and the build it waits for ended', async () => {
  const policy = {
    project: 'web',
    repository: 'shop',
    branch: 'main',
    kind: 'build',
    settings: { buildDefinitionId: 7 },
  }
  const { json } = await admin('POST', '/policies', policy)
  expect((await admin('POST', '/policies', { ...policy, settings: {} })).status).toBe(400)
  const build = { pullRequestId: 1, policyId: json.id, status: 'approved' }
  expect((await admin('POST', '/builds', build)).status).toBe(200)
  expect((await admin('GET', '/ledger?kind=build-finished')).json).toHaveLength(1)
})
