import { getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { repository, type Shop, startShop, until } from '../test-shop.ts'
import type { FaultRule } from './faults.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())
beforeEach(() => shop.azure.faults.clear())

const thread = { comments: [{ parentCommentId: 0, content: 'x', commentType: 1 }], status: 1 }
const post = (git: Awaited<ReturnType<Shop['as']>>) => git.createThread(thread, 'shop', 1, 'web')
const comments = () => shop.azure.ledger.effects('comment-created').length
const admin = (method: string, path: string, body?: unknown) =>
  fetch(`${shop.azure.adminUrl}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
const onThreads = (action: FaultRule['action'], rest: Partial<FaultRule> = {}) =>
  shop.azure.faults.add({ method: 'POST', path: '/threads', action, ...rest })
const requests = (since: number) => shop.azure.ledger.entries({ since, kind: 'request' })
const now = () => shop.azure.ledger.entries().at(-1)?.n ?? 0

test('429 is an error with the service’s words and limits, and nothing happened', async () => {
  const git = await shop.as('bot')
  onThreads({ kind: 'status', status: 429, retryAfterSeconds: 7 })
  const before = comments()
  await expect(post(git)).rejects.toMatchObject({
    statusCode: 429,
    message: expect.stringContaining('TF400733'),
    rateLimit: expect.objectContaining({ retryAfter: 7, remaining: 0 }),
  })
  expect(comments()).toBe(before)
})

test('429 without Retry-After has none, and its limits all the same', async () => {
  onThreads({ kind: 'status', status: 429 })
  const refused = await shop.call('POST', `${repository}/pullRequests/1/threads`, { body: thread })
  expect(refused.headers.get('retry-after')).toBeNull()
  expect(refused.headers.get('x-ratelimit-resource')).toBeTruthy()
})

test('503 stands behind a byte order mark, so that the client finds no result in it', async () => {
  const git = await shop.as('bot')
  onThreads({ kind: 'status', status: 503 })
  const error = await post(git).catch(reason => reason)
  expect(error.statusCode).toBe(503)
  expect(error.result).toBeUndefined()
  expect(error.message).toContain('TF24668')
})

test('an answer may say no although the effect happened', async () => {
  const git = await shop.as('bot')
  onThreads({ kind: 'status', status: 500, afterEffect: true })
  const before = comments()
  await expect(post(git)).rejects.toMatchObject({ statusCode: 500 })
  expect(comments()).toBe(before + 1)
})

test('the sign-in page makes the client answer null', async () => {
  const git = await shop.as('bot')
  onThreads({ kind: 'signInPage' })
  expect(await post(git)).toBeNull()
  shop.azure.faults.add({ action: { kind: 'signInPage' } })
  await expect(shop.webApi(shop.azure.tokens.bot).getGitApi()).rejects.toThrow(/api location/i)
})

test('a connection cut before leaves nothing, one cut after leaves the effect; the client sees the same', async () => {
  const git = await shop.as('bot')
  const before = comments()
  onThreads({ kind: 'cutBefore' }, { times: 1 })
  await expect(post(git)).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(comments()).toBe(before)
  onThreads({ kind: 'cutAfter' }, { times: 1 })
  const since = now()
  await expect(post(git)).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(comments()).toBe(before + 1)
  expect(requests(since)).toMatchObject([{ method: 'POST', status: null, fault: 'cutAfter', user: 'bot' }])
})

test('a late effect lands after its client has given up', async () => {
  const git = await shop.as('bot')
  const before = comments()
  onThreads({ kind: 'lateEffect', ms: 150 }, { times: 1 })
  await expect(post(git)).rejects.toThrow(/socket hang up|ECONNRESET/)
  expect(comments()).toBe(before)
  await until(() => comments() === before + 1)
  onThreads({ kind: 'lateEffect', ms: 1, answer: '504' }, { times: 1 })
  await expect(post(git)).rejects.toMatchObject({ statusCode: 504 })
  await until(() => comments() === before + 2)
})

test('silence is a request timeout to the client', async () => {
  const impatient = new WebApi(shop.azure.url, getPersonalAccessTokenHandler(shop.azure.tokens.bot), {
    socketTimeout: 300,
  })
  const git = await impatient.getGitApi()
  await git.getRepositories()
  onThreads({ kind: 'lateEffect', ms: 600_000, answer: 'hang' })
  await expect(post(git)).rejects.toThrow(/Request timeout/)
})

test('delays hold the answer back, and inside 200 they say so', async () => {
  onThreads({ kind: 'delay', ms: 80 }, { times: 1 })
  const started = performance.now()
  expect((await shop.call('POST', `${repository}/pullRequests/1/threads`, { body: thread })).status).toBe(200)
  expect(performance.now() - started).toBeGreaterThan(75)
  onThreads({ kind: 'delayInside200', ms: 80, retryAfterSeconds: 3 })
  const held = await shop.call('POST', `${repository}/pullRequests/1/threads`, { body: thread })
  expect([held.status, held.headers.get('x-ratelimit-delay'), held.headers.get('retry-after')]).toEqual([
    200,
    '0.08',
    '3',
  ])
})

test('a slow body arrives whole, in pieces', async () => {
  shop.azure.faults.add({ path: '/\\/items\\?/', action: { kind: 'slowBody', ms: 100, pieces: 5 } })
  const started = performance.now()
  const items = await shop.call('GET', `${repository}/items?scopePath=/&recursionLevel=Full`)
  expect(items.json.count).toBe(5)
  expect(performance.now() - started).toBeGreaterThan(90)
})

test('git meets the same faults', async () => {
  shop.azure.faults.add({ path: '/_git/', action: { kind: 'status', status: 503 }, times: 1 })
  await expect(shop.git('ls-remote', shop.cloneUrl())).rejects.toThrow(/503/)
  expect(await shop.git('ls-remote', shop.cloneUrl())).toContain('refs/heads/main')
})

test('rules choose by method, path, user, count and a seeded chance', async () => {
  const get = () => shop.call('GET', repository)
  shop.azure.faults.add({ method: 'GET', nth: 2, times: 2, action: { kind: 'status', status: 500 } })
  const statuses = async (times: number) => {
    const seen = []
    for (let time = 0; time < times; time += 1) seen.push((await get()).status)
    return seen
  }
  expect(await statuses(5)).toEqual([200, 500, 500, 200, 200])
  const chance: FaultRule = { user: 'alice', probability: 0.5, seed: 7, action: { kind: 'status', status: 500 } }
  shop.azure.faults.clear()
  shop.azure.faults.add(chance)
  const once = await statuses(20)
  shop.azure.faults.clear()
  shop.azure.faults.add(chance)
  expect(await statuses(20)).toEqual(once)
  expect(new Set(once)).toEqual(new Set([200, 500]))
  expect((await shop.call('GET', repository, { token: shop.azure.tokens.bot })).status).toBe(200)
})

test('the admin port takes rules in both spellings, lists and clears them, and explains what is wrong with one', async () => {
  const added = await admin('POST', '/faults', { path: 'threads', action: 'delay', ms: 1 })
  expect(added.status).toBe(200)
  const { id } = (await added.json()) as { id: number }
  await admin('POST', '/faults', { path: 'threads', action: { kind: 'cutBefore' } })
  expect(await (await admin('GET', '/faults')).json()).toHaveLength(2)
  await admin('DELETE', `/faults/${id}`)
  expect(await (await admin('GET', '/faults')).json()).toHaveLength(1)
  await admin('DELETE', '/faults')
  expect(shop.azure.faults.list()).toEqual([])
  const wrong = await admin('POST', '/faults', { action: { kind: 'explode' } })
  expect(wrong.status).toBe(400)
  expect(await wrong.text()).toContain('action')
})
