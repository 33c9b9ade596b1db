import { afterAll, beforeAll, expect, test } from 'vitest'
import { feature, main, repository, type Shop, startShop, until } from '../test-shop.ts'
import { checkExchange, type Exchange } from './check.ts'
import { endpoints } from './endpoints.ts'
import { allLocations } from './locations.ts'

const exchanges: Exchange[] = []
let shop: Shop
beforeAll(async () => {
  shop = await startShop({ observe: exchange => exchanges.push(exchange) })
})
afterAll(() => shop.stop())

const zeros = '0'.repeat(40)
const pr = `${repository}/pullRequests/1`

async function ok(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const called = await shop.call(method, path, { body, ...(headers ? { headers } : {}) })
  expect(called.status, `${method} ${path} ${called.text}`).toBeLessThan(300)
  return called.json
}

async function repositories() {
  const refs = await ok('GET', `${repository}/refs?filter=heads/`)
  const tip = (name: string) => refs.value.find((ref: { name: string }) => ref.name === name).objectId
  const [mainTip, featureTip] = [tip(main), tip(feature)]
  await ok('GET', `${repository}/refs/heads/main`)
  await ok('POST', `${repository}/refs`, [{ name: 'refs/heads/spare', oldObjectId: zeros, newObjectId: mainTip }])
  await ok('PATCH', `${repository}/refs?filter=heads/spare`, { isLocked: true })
  await ok('GET', 'web/_apis/git/repositories')
  await ok('GET', repository)
  await ok('POST', 'web/_apis/git/repositories', { name: 'second' })
  shop.azure.setRights({ user: 'alice', allow: 0xffff })
  await ok('PATCH', 'web/_apis/git/repositories/second', { name: 'renamed' })
  await ok('DELETE', 'web/_apis/git/repositories/renamed')
  const changes = [
    { changeType: 'add', item: { path: '/n.txt' }, newContent: { content: 'n', contentType: 'rawtext' } },
  ]
  const push = await ok('POST', `${repository}/pushes`, {
    refUpdates: [{ name: 'refs/heads/pushed', oldObjectId: mainTip }],
    commits: [{ comment: 'n', changes }],
  })
  await ok('GET', `${repository}/pushes?searchCriteria.includeRefUpdates=true`)
  await ok('GET', `${repository}/pushes/${push.pushId}`)
  await ok('GET', `${repository}/pushes/${push.pushId}/commits`)
  const items = await ok('GET', `${repository}/items?scopePath=/&recursionLevel=Full`)
  const blob = items.value.find((item: { gitObjectType: string }) => item.gitObjectType === 'blob').objectId
  await ok('GET', `${repository}/items/README.md`)
  await ok('POST', `${repository}/itemsbatch`, { itemDescriptors: [{ path: '/', recursionLevel: 'OneLevel' }] })
  await ok('GET', `${repository}/trees/${items.value[0].objectId}?recursive=true`)
  await ok('GET', `${repository}/blobs/${blob}`)
  await ok('POST', `${repository}/blobs`, [blob])
  await ok('GET', `${repository}/commits`)
  await ok('GET', `${repository}/commits/${featureTip}?changeCount=5`)
  await ok('GET', `${repository}/commits/${featureTip}/changes`)
  await ok('POST', `${repository}/commitsbatch`, { ids: [mainTip] })
  await ok('GET', `${repository}/commits/${featureTip}/mergeBases?otherCommitId=${mainTip}`)
  await ok('POST', `${repository}/commits/${mainTip}/statuses`, { state: 'succeeded', context: { name: 'ci' } })
  await ok('GET', `${repository}/commits/${mainTip}/statuses`)
  await ok('GET', `${repository}/diffs/commits?baseVersion=main&targetVersion=feature`)
  await ok('GET', `${repository}/stats/branches`)
  await ok('GET', `${repository}/stats/branches/feature`)
  await ok('GET', 'web/_apis/git/policy/configurations')
  return { mainTip, featureTip }
}

async function pullRequests(featureTip: string) {
  const created = await ok('POST', `${repository}/pullRequests`, {
    title: 'pushed',
    sourceRefName: 'refs/heads/pushed',
    targetRefName: main,
    isDraft: true,
    labels: [{ name: 'ai' }],
  })
  await until(async () => (await ok('GET', `_apis/git/pullRequests/${created.pullRequestId}`)).lastMergeCommit)
  await ok('GET', 'web/_apis/git/pullRequests?searchCriteria.status=all')
  await ok('GET', `${repository}/pullRequests?searchCriteria.status=all`)
  await ok('GET', pr)
  await ok('PATCH', pr, { title: 'Greener' })
  await ok('POST', `${repository}/pullRequestQuery`, { queries: [{ type: 'commit', items: [featureTip] }] })
  for (const part of [
    'iterations',
    'iterations/1',
    'iterations/1/changes',
    'iterations/1/commits',
    'commits',
    'workitems',
  ]) {
    await ok('GET', `${pr}/${part}`)
  }
  for (const at of [pr, `${pr}/iterations/1`]) {
    const status = await ok('POST', `${at}/statuses`, { state: 'pending', context: { name: 'run', genre: 'agent' } })
    await ok('GET', `${at}/statuses`)
    await ok('GET', `${at}/statuses/${status.id}`)
    await ok('DELETE', `${at}/statuses/${status.id}`)
    const again = await ok('POST', `${at}/statuses`, {
      state: 'failed',
      context: { name: 'run' },
      targetUrl: 'http://x',
    })
    await ok('PATCH', `${at}/statuses`, [{ op: 'remove', path: `/${again.id}` }])
  }
  await ok('POST', `${pr}/labels`, { name: 'ai' })
  await ok('GET', `${pr}/labels`)
  await ok('GET', `${pr}/labels/ai`)
  await ok('DELETE', `${pr}/labels/ai`)
  const patch = [{ op: 'add', path: '/run', value: '7' }]
  await ok('PATCH', `${pr}/properties`, patch, { 'content-type': 'application/json-patch+json' })
  await ok('GET', `${pr}/properties`)
  const alice = shop.azure.users.find(one => one.name === 'alice')?.id ?? ''
  await ok('PUT', `${pr}/reviewers/${alice}`, { vote: 10 })
  await ok('PATCH', `${pr}/reviewers/${alice}`, { isFlagged: true })
  await ok('POST', `${pr}/reviewers`, [{ id: alice }])
  await ok('GET', `${pr}/reviewers`)
  await ok('GET', `${pr}/reviewers/${alice}`)
  await ok('DELETE', `${pr}/reviewers/${alice}`)
  await ok('POST', `${pr}/attachments/a%20b.txt`, 'bytes', { 'content-type': 'application/octet-stream' })
  await ok('GET', `${pr}/attachments`)
  await ok('GET', `${pr}/attachments/a%20b.txt`)
  await ok('DELETE', `${pr}/attachments/a%20b.txt`)
}

async function threads() {
  const comments = [{ parentCommentId: 0, content: 'look', commentType: 1 }]
  const thread = await ok('POST', `${pr}/threads`, { comments, status: 'active' })
  const at = `${pr}/threads/${thread.id}`
  await ok('GET', `${pr}/threads`)
  await ok('GET', at)
  await ok('PATCH', at, { status: 'closed' })
  await ok('GET', `${at}/comments`)
  const reply = await ok('POST', `${at}/comments`, { content: 'seen', parentCommentId: 1 })
  await ok('GET', `${at}/comments/${reply.id}`)
  await ok('PATCH', `${at}/comments/${reply.id}`, { content: 'seen twice' })
  await ok('POST', `${at}/comments/1/likes`, 'null')
  await ok('GET', `${at}/comments/1/likes`)
  await ok('DELETE', `${at}/comments/1/likes`)
  await ok('DELETE', `${at}/comments/${reply.id}`)
  await ok('GET', at)
}

async function services() {
  const area = await ok('GET', '_apis/ResourceAreas')
  await ok('GET', `_apis/ResourceAreas/${area.value[0].id}`)
  const { authenticatedUser: me } = await ok('GET', '_apis/connectionData')
  const projects = await ok('GET', '_apis/projects')
  await ok('GET', '_apis/projects/web?includeCapabilities=true')
  const namespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
  const token = `repoV2/${projects.value[0].id}`
  await ok('GET', '_apis/SecurityNamespaces')
  await ok('GET', `_apis/SecurityNamespaces/${namespace}`)
  await ok('GET', `_apis/accesscontrollists/${namespace}?token=${token}&includeExtendedInfo=true`)
  const entry = { descriptor: me.descriptor, allow: 4, deny: 0 }
  await ok('POST', `_apis/accesscontrolentries/${namespace}`, { token, merge: true, accessControlEntries: [entry] })
  await ok('GET', `_apis/permissions/${namespace}/4?tokens=${token}`)
  const evaluations = [{ securityNamespaceId: namespace, token, permissions: 4 }]
  await ok('POST', '_apis/security/permissionevaluationbatch', { evaluations })
  await ok('GET', `_apis/identities?identityIds=${me.id}&queryMembership=Expanded`)
  await ok('GET', `_apis/identities/${me.id}`)
  await ok('GET', '_apis/graph/users')
  await ok('GET', `_apis/graph/users/${me.subjectDescriptor}`)
  await ok('GET', '_apis/graph/groups')
  await ok('GET', `_apis/graph/memberships/${me.subjectDescriptor}`)
  await ok('GET', `_apis/graph/descriptors/${me.id}`)
  await ok('GET', 'web/_apis/wit/workitems/12')
  await ok('POST', 'web/_apis/wit/wiql', { query: 'SELECT [System.Id] FROM WorkItems' })
}

async function policies() {
  const at = 'web/_apis/policy'
  const types = await ok('GET', `${at}/types`)
  await ok('GET', `${at}/types/${types.value[0].id}`)
  const { id: repositoryId, project } = await ok('GET', repository)
  const policy = (approvals: number) => ({
    type: { id: types.value[0].id },
    isEnabled: true,
    isBlocking: true,
    settings: {
      minimumApproverCount: approvals,
      scope: [{ repositoryId, refName: main, matchKind: 'exact' }],
    },
  })
  const made = await ok('POST', `${at}/configurations`, policy(1))
  const one = `${at}/configurations/${made.id}`
  await ok('GET', `${at}/configurations`)
  await ok('GET', one)
  expect((await ok('PUT', one, policy(2))).revision).toBe(2)
  await ok('GET', `${one}/revisions`)
  expect((await ok('GET', `${one}/revisions/1`)).settings.minimumApproverCount).toBe(1)
  await ok('GET', `web/_apis/git/policy/configurations?repositoryId=${repositoryId}&refName=${main}`)
  const artifactId = `vstfs:///CodeReview/CodeReviewId/${project.id}/1`
  const found = await ok('GET', `${at}/evaluations?artifactId=${encodeURIComponent(artifactId)}`)
  await ok('GET', `${at}/evaluations/${found.value[0].evaluationId}`)
  await ok('PATCH', `${at}/evaluations/${found.value[0].evaluationId}`)
  await ok('DELETE', one)
}

async function hooks() {
  const subscription = {
    publisherId: 'tfs',
    eventType: 'ms.vss-code.git-pullrequest-comment-event',
    resourceVersion: '2.0',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    publisherInputs: { projectId: '', repository: '', branch: '' },
    consumerInputs: { url: 'http://127.0.0.1:9/none', basicAuthUsername: 'u', basicAuthPassword: 'p' },
  }
  const made = await ok('POST', '_apis/hooks/subscriptions', subscription)
  expect(made.consumerInputs.basicAuthPassword).toBe('********')
  await ok('GET', '_apis/hooks/subscriptions')
  await ok('GET', `_apis/hooks/subscriptions/${made.id}`)
  await ok('POST', '_apis/hooks/testnotifications', { subscriptionId: made.id })
  await ok('GET', `_apis/hooks/subscriptions/${made.id}/notifications`)
  await ok('GET', `_apis/hooks/subscriptions/${made.id}/notifications/1`)
  await ok('POST', '_apis/hooks/notificationsquery', { subscriptionIds: [made.id], includeDetails: true })
  await ok('PUT', `_apis/hooks/subscriptions/${made.id}`, subscription)
  await ok('DELETE', `_apis/hooks/subscriptions/${made.id}`)
}

test('every endpoint answers, and every request and answer is as the contract says', async () => {
  const { featureTip } = await repositories()
  await pullRequests(featureTip)
  await threads()
  await services()
  await policies()
  await hooks()
  expect(exchanges.flatMap(checkExchange)).toEqual([])
  const seen = new Set(exchanges.map(exchange => exchange.endpoint))
  expect(Object.keys(endpoints).filter(name => ![...seen].some(one => one === name))).toEqual([])
}, 60_000)

test('every endpoint has a location that OPTIONS names', () => {
  const named = new Set(allLocations().map(location => location.id))
  expect(Object.entries(endpoints).filter(([, { location }]) => !named.has(location))).toEqual([])
})

test('refusals are in the shape and words of the contract', async () => {
  const before = exchanges.length
  const refused: [method: string, path: string, body: unknown, status: number, typeKey: string][] = [
    ['GET', 'web/_apis/git/repositories/none', undefined, 404, 'GitRepositoryNotFoundException'],
    ['GET', `${repository}/items?path=/none`, undefined, 404, 'GitItemNotFoundException'],
    [
      'GET',
      `${repository}/items?path=/README.md&versionDescriptor.version=none`,
      undefined,
      404,
      'GitUnresolvableToCommitException',
    ],
    ['GET', '_apis/git/pullRequests/999', undefined, 404, 'GitPullRequestNotFoundException'],
    [
      'POST',
      `${repository}/pullRequests`,
      { title: 't', sourceRefName: feature, targetRefName: main },
      409,
      'GitPullRequestExistsException',
    ],
    [
      'POST',
      `${repository}/pullRequests`,
      { title: 't', sourceRefName: 'refs/heads/none', targetRefName: main },
      400,
      'GitPullRequestCannotBeActivated',
    ],
    ['PATCH', pr, { creationDate: 'now' }, 400, 'InvalidArgumentValueException'],
    ['PATCH', pr, { description: 'x'.repeat(4001) }, 400, 'InvalidArgumentValueException'],
    ['POST', `${pr}/threads`, { comments: [{ content: 'x'.repeat(150_001) }] }, 400, 'InvalidArgumentValueException'],
    ['POST', `${pr}/threads`, '', 400, 'ArgumentNullException'],
    ['GET', 'web/_apis/policy/configurations/999', undefined, 404, 'PolicyUnknown'],
    ['GET', 'web/_apis/policy/types/none', undefined, 404, 'PolicyUnknown'],
    ['PATCH', 'web/_apis/policy/evaluations/none', undefined, 404, 'PolicyUnknown'],
    ['GET', 'web/_apis/policy/evaluations', undefined, 400, 'ArgumentNullException'],
    ['GET', 'none/_apis/git/repositories', undefined, 404, 'ProjectDoesNotExistWithNameException'],
  ]
  for (const [method, path, body, status, typeKey] of refused) {
    const called = await shop.call(method, path, { body })
    expect([called.status, called.json?.typeKey], `${method} ${path} ${called.text}`).toEqual([status, typeKey])
  }
  expect(exchanges.slice(before).flatMap(checkExchange)).toEqual([])
})
