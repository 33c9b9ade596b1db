import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type MovableClock, movableClock } from '../clock.ts'
import { repository, type Shop, startShop, until } from '../test-shop.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: ReturnType<typeof JSON.parse>
}

let shop: Shop
let clock: MovableClock
let received: Received[]
let answer: number
let url: string
let server: ReturnType<typeof createServer>

beforeEach(async () => {
  received = []
  answer = 202
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) })
    response.writeHead(answer).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  clock = movableClock()
  shop = await startShop({ clock })
})

afterEach(async () => {
  await shop.stop()
  clock.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

function keyPaths(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap(one => keyPaths(one, `${at}[]`))
  if (typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([key, one]) => keyPaths(one, `${at}.${key}`))
}

const subscribe = () => shop.azure.subscribe({ url, username: 'hook', password: 's3cret', headers: { 'X-Zone': 'a' } })
const comment = (content: string, threadId?: number) =>
  shop.azure.postComment({ pullRequestId: 1, user: 'alice', content, ...(threadId ? { threadId } : {}) })

test('a comment is delivered with login, headers and everything the event has', async () => {
  const id = await subscribe()
  await until(async () => (await shop.call('GET', '_apis/git/pullRequests/1')).json.lastMergeCommit)
  const { threadId } = await comment('/edit /3 red')
  await until(() => received.length === 1)
  const [{ headers, body } = { headers: {}, body: {} }] = received
  expect(headers.authorization).toBe(`Basic ${Buffer.from('hook:s3cret').toString('base64')}`)
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-zone': 'a',
    'x-vss-subscriptionid': id,
  })
  expect(headers['request-id']).toBeDefined()
  expect(body).toMatchObject({ subscriptionId: id, notificationId: 1, resourceVersion: '2.0', publisherId: 'tfs' })
  expect(body.eventType).toBe('ms.vss-code.git-pullrequest-comment-event')
  expect(body.message.text).toBe('Alice Archer has commented on a pull request')
  expect(body.resource.comment).toMatchObject({
    id: 1,
    parentCommentId: 0,
    content: '/edit /3 red',
    commentType: 'text',
  })
  expect(body.resource.comment._links.threads.href).toMatch(new RegExp(`/pullRequests/1/threads/${threadId}$`))
  expect(body.resource.comment).not.toHaveProperty('threadId')
  expect(body.resource.pullRequest).toMatchObject({ pullRequestId: 1, status: 'active' })
})

test('replies, edits and deletions are told apart by their data', async () => {
  await subscribe()
  const { threadId } = await comment('first')
  const reply = await comment('second', threadId)
  clock.advance(1000)
  const at = { pullRequestId: 1, user: 'alice', ...reply }
  await shop.azure.editComment({ ...at, content: 'second, better' })
  await shop.azure.deleteComment(at)
  await until(() => received.length === 4)
  const byNumber = received.map(one => one.body).sort((a, b) => a.notificationId - b.notificationId)
  expect(byNumber.map(body => body.message.text.split(' has ')[1])).toEqual([
    'commented on a pull request',
    'replied to a pull request comment',
    'edited a pull request comment',
    'deleted a pull request comment',
  ])
  const [, second, third, fourth] = byNumber.map(body => body.resource.comment)
  expect(second).toMatchObject({ id: 2, parentCommentId: 1, content: 'second' })
  expect(third.lastContentUpdatedDate).not.toBe(third.publishedDate)
  expect(fourth).toMatchObject({ isDeleted: true })
  expect(fourth).not.toHaveProperty('content')
})

const observed = new URL('../../../../../shared/azure-devops-data/hooks/', import.meta.url)
test.skipIf(!existsSync(observed))('events have the very keys of those seen in the wild', async () => {
  await subscribe()
  await until(async () => (await shop.call('GET', '_apis/git/pullRequests/1')).json.lastMergeCommit)
  const { threadId } = await comment('first')
  await until(() => received.length === 1)
  const reply = await comment('second', threadId)
  await until(() => received.length === 2)
  await shop.azure.deleteComment({ pullRequestId: 1, user: 'alice', ...reply })
  await until(() => received.length === 3)
  for (const [index, name] of ['commented', 'comment_reply', 'comment_deleted'].entries()) {
    const seen = JSON.parse(readFileSync(new URL(`observed-shape.pr_${name}.json`, observed), 'utf8'))
    const ours = keyPaths(received[index]?.body)
    const theirs = keyPaths(seen).filter(path => !path.includes('.reviewers'))
    expect([...ours].sort(), name).toEqual([...theirs].sort())
  }
})

test('a receiver in passing trouble gets the same notification again until it answers', async () => {
  answer = 503
  await subscribe()
  await comment('x')
  const [subscription] = shop.azure.hooks.subscriptions
  // Received is not yet answered: only what is queued for a retry is moved by the clock.
  const queuedAfter = (attempts: number) => {
    const notification = subscription?.notifications[0]
    return notification?.attempts === attempts && notification.status === 'queuedForRetry'
  }
  await until(() => queuedAfter(1))
  clock.advance(1000)
  await until(() => queuedAfter(2))
  answer = 200
  clock.advance(2000)
  await until(() => received.length === 3)
  expect(new Set(received.map(one => `${one.body.id} ${one.body.notificationId}`)).size).toBe(1)
  expect(shop.azure.hooks.subscriptions[0]).toMatchObject({ status: 'enabled' })
  const deliveries = shop.azure.ledger.entries({ kind: 'delivery' })
  expect(deliveries.map(one => one.kind === 'delivery' && one.status)).toEqual([503, 503, 200])
})

test('a refusal puts the subscription on probation, which loses events, until one try succeeds', async () => {
  answer = 400
  await subscribe()
  await comment('lost to a 400')
  const [subscription] = shop.azure.hooks.subscriptions
  await until(() => subscription?.status === 'onProbation')
  await comment('lost to probation')
  await until(() => subscription?.notifications[1]?.result === 'filtered')
  answer = 200
  clock.advance(20 * 60_000)
  await until(() => subscription?.status === 'enabled')
  await comment('delivered')
  await until(() => received.length === 3)
  expect(received.map(one => one.body.notificationId)).toEqual([1, 1, 3])
})

test('seven failures on probation disable the subscription, and 410 does at once', async () => {
  answer = 500
  await subscribe()
  await comment('x')
  const [subscription] = shop.azure.hooks.subscriptions
  for (const [tries, minutes] of [0, 20, 40, 80, 160, 320, 640, 900].entries()) {
    clock.advance(minutes * 60_000)
    await until(() => received.length === tries + 1)
    await until(() => ['queuedForRetry', 'completed'].includes(subscription?.notifications[0]?.status ?? ''))
  }
  await until(() => subscription?.status === 'disabledBySystem')
  expect(received.length).toBe(8)
  answer = 410
  const gone = await shop.azure.subscribe({ url })
  await comment('y')
  await until(() => shop.azure.hooks.subscriptions.find(one => one.id === gone)?.status === 'disabledBySystem')
})

test('the Test button sends the sample of a made-up organisation', async () => {
  const subscriptionId = await subscribe()
  const sent = await shop.call('POST', '_apis/hooks/testnotifications', { body: { subscriptionId } })
  expect(sent.json).toMatchObject({ result: 'succeeded', status: 'completed' })
  expect(received[0]?.body).toMatchObject({ id: 'af07be1b-f3ad-44c8-a7f1-c4835f2df06b', resourceVersion: '2.0' })
  expect(received[0]?.body.resource.pullRequest.repository.id).toBe('4bc14d40-c903-45e2-872e-0462c7748079')
})

test('a replayed notification arrives a second time with the same number', async () => {
  await subscribe()
  await comment('x')
  await until(() => received.length === 1)
  const replay = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"notificationId":1}' }
  expect((await fetch(`${shop.azure.adminUrl}/webhooks/replay`, replay)).status).toBe(200)
  expect(received.map(one => one.body.id)).toEqual([received[0]?.body.id, received[0]?.body.id])
})

test('version 1.0 carries the comment alone, and details may be left out', async () => {
  await shop.azure.subscribe({ url, resourceVersion: '1.0' })
  await comment('x')
  await until(() => received.length === 1)
  expect(received[0]?.body.resource).toMatchObject({ content: 'x' })
  expect(received[0]?.body.resourceVersion).toBe('1.0')
})

test('votes, likes and a changed thread state are told too, as comments that are not new', async () => {
  await subscribe()
  const { threadId } = await comment('x')
  await shop.call('PATCH', `${repository}/pullRequests/1/threads/${threadId}`, { body: { status: 'closed' } })
  const alice = shop.azure.users.find(one => one.name === 'alice')?.id
  await shop.call('PUT', `${repository}/pullRequests/1/reviewers/${alice}`, { body: { vote: 10 } })
  await until(() => received.length === 3)
  const kinds = received.map(one => String(one.body.resource.comment.commentType))
  expect(kinds.sort((a, b) => a.localeCompare(b))).toEqual(['system', 'text', 'text'])
})

test('pull requests tell of themselves in version 1.0', async () => {
  await shop.azure.subscribe({ url, eventType: 'git.pullrequest.updated', resourceVersion: '1.0' })
  await shop.azure.commitFiles({ project: 'web', repository: 'shop', branch: 'feature', files: { 'y.txt': 'y' } })
  await until(() => received.length === 1)
  expect(received[0]?.body).toMatchObject({ eventType: 'git.pullrequest.updated', resourceVersion: '1.0' })
  expect(received[0]?.body.resource).toMatchObject({ pullRequestId: 1 })
})

test('deliveries can be made late, and a slow receiver is given up and tried again', async () => {
  await subscribe()
  const settings = { latencyMs: 7000, timeoutMs: 50 }
  const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(settings) }
  expect(await (await fetch(`${shop.azure.adminUrl}/webhooks/settings`, put)).json()).toEqual(settings)
  await comment('x')
  await until(() => shop.azure.hooks.subscriptions[0]?.notifications.length === 1)
  expect(received).toEqual([])
  server.removeAllListeners('request')
  clock.advance(7000)
  const [notification] = shop.azure.hooks.subscriptions[0]?.notifications ?? []
  await until(() => notification?.status === 'queuedForRetry')
  expect(notification).toMatchObject({ result: 'pending', attempts: 1, transientRetries: 1 })
})
