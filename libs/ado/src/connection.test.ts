import { Rejected, Throttled } from '@code-agent/jobs/errors'
import { expect, onTestFinished, test } from 'vitest'
import { connectAzureDevOps } from './azure-devops.ts'
import { type CallRecord, type ConnectionOptions, identityUrl, type Throttle } from './connection.ts'
import { type ScriptedServer, scriptedServer } from './test-scripted-server.ts'

async function served(reply: Parameters<typeof scriptedServer>[0], over: Partial<ConnectionOptions> = {}) {
  const server: ScriptedServer = await scriptedServer(reply)
  const throttles: Throttle[] = []
  const log: CallRecord[] = []
  const ado = connectAzureDevOps({
    ...{ url: server.url, token: 'secret-token', kind: 'pat', gate: 'azure-devops/org' },
    ...{ onThrottle: throttle => throttles.push(throttle), log: call => log.push(call), ...over },
  })
  onTestFinished(async () => {
    ado.close()
    await server.close()
  })
  return { ado, server, throttles, log }
}

const pullRequest = { projectId: 'p', repositoryId: 'r', pullRequestId: 57 }
const comment = { ...pullRequest, threadId: 4, topic: 'start', text: 'hello', again: false }
const seconds = (from: number, until: Date | undefined) => Math.round(((until?.getTime() ?? 0) - from) / 1_000)

async function failure(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => undefined,
    (error: unknown) => error,
  )
}

test.each([
  ['an empty 401', { status: 401, text: '', headers: { 'www-authenticate': 'Basic realm="x"' } }],
  [
    'a sign-in page as 203',
    { status: 203, text: '<html>Sign in</html>', headers: { 'content-type': 'text/html; charset=utf-8' } },
  ],
  ['a sign-in page as 200', { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }],
  ['a redirect to the sign-in page', { status: 302, headers: { location: '/_signin' } }],
])('%s says that the credential was not accepted, and is never tried again', async (_, reply) => {
  const { ado, server } = await served(() => reply)
  const calls = [ado.readPullRequest(pullRequest), ado.ensureComment(comment), ado.whoAmI()]
  for (const error of await Promise.all(calls.map(failure))) {
    expect(error).toBeInstanceOf(Rejected)
    expect(String(error)).toMatch(/credential for Azure DevOps was not accepted/)
  }
  expect(server.calls).toHaveLength(3)
})

test('a block becomes Throttled until its Retry-After, for the gate of the credential', async () => {
  const message =
    'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource x in namespace y.'
  const { ado } = await served(() => ({
    status: 429,
    headers: { 'retry-after': '37' },
    json: { message, typeKey: 'RequestBlockedException' },
  }))
  const start = Date.now()
  const error = await failure(ado.readPullRequest(pullRequest))
  expect(error).toBeInstanceOf(Throttled)
  expect(error).toMatchObject({ gate: 'azure-devops/org' })
  expect(error instanceof Throttled && seconds(start, error.until)).toBe(37)
})

test('a 503 that says when to come back is a block too, one that does not is tried again', async () => {
  const wait: Record<string, string>[] = [{ 'retry-after': '5' }, {}]
  const { ado } = await served(() => ({
    status: 503,
    headers: wait.shift() ?? {},
    text: '\uFEFF{"message":"TF24668: stopped"}',
  }))
  expect(await failure(ado.readPullRequest(pullRequest))).toBeInstanceOf(Throttled)
  const error = await failure(ado.readPullRequest(pullRequest))
  expect(error).not.toBeInstanceOf(Rejected)
  expect(error).toMatchObject({
    message: 'Azure DevOps could not answer just now (503).',
    cause: { message: expect.stringContaining('TF24668') },
  })
})

test.each([
  ['Retry-After', { 'retry-after': '12' }, 12],
  ['X-RateLimit-Delay', { 'x-ratelimit-delay': '2.5', 'x-ratelimit-resource': 'Services' }, 3],
  [
    'nothing remaining',
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${Math.round(Date.now() / 1_000) + 9_999}` },
    30,
  ],
])('a 200 with %s gives its answer and closes the gate', async (_, headers, wait) => {
  const { ado, throttles } = await served(() => ({ headers, json: { pullRequestId: 57, status: 'active' } }))
  const start = Date.now()
  expect(await ado.readPullRequest(pullRequest)).toMatchObject({ found: true, pullRequest: { status: 'active' } })
  expect(throttles).toHaveLength(1)
  expect(throttles[0]?.gate).toBe('azure-devops/org')
  expect(Math.abs(seconds(start, throttles[0]?.until) - wait)).toBeLessThanOrEqual(1)
})

test('a 200 that only reports what is left closes nothing', async () => {
  const { ado, throttles } = await served(() => ({
    headers: { 'x-ratelimit-limit': '200', 'x-ratelimit-remaining': '10', 'x-ratelimit-reset': '9999999999' },
    json: { pullRequestId: 57 },
  }))
  await ado.readPullRequest(pullRequest)
  expect(throttles).toEqual([])
})

test('a missing right is named as the security page calls it', async () => {
  const message =
    "TF401027: You need the Git 'GenericContribute' permission to perform this action. Details: identity 'x', scope 'repository'."
  const { ado } = await served(() => ({ status: 403, json: { message, typeKey: 'GitNeedsPermissionException' } }))
  const error = await failure(ado.ensureComment(comment))
  expect(error).toBeInstanceOf(Rejected)
  expect(String(error)).toContain('lacks the right "Contribute" on the repository')
})

test('what is not found is no error when reading, and for good when writing', async () => {
  const { ado } = await served(() => ({ status: 404, json: { message: 'TF401180: not found' } }))
  expect(await ado.readPullRequest(pullRequest)).toEqual({ found: false })
  expect(await ado.readComment({ ...comment, commentId: 1 })).toEqual({ found: false })
  expect(await failure(ado.ensureComment(comment))).toBeInstanceOf(Rejected)
})

test.each(['before-answer', 'inside-body'] as const)(
  'a connection cut %s is tried again by the queue, not by the client',
  async cut => {
    const { ado, server } = await served(() => ({ cut, json: { id: 9, content: 'x'.repeat(5_000) } }))
    const error = await failure(ado.ensureComment(comment))
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(Rejected)
    expect(String(error)).toContain('did not answer POST')
    expect(server.calls).toHaveLength(1)
  },
)

test('a server that stays silent is given up, and the call counts as unanswered', async () => {
  const { ado } = await served(() => new Promise(() => {}), { timeoutMs: 100 })
  const error = await failure(ado.ensureComment(comment))
  expect(error).not.toBeInstanceOf(Rejected)
  expect(error).toMatchObject({
    message: expect.stringContaining('did not answer POST'),
    cause: { message: expect.stringContaining('timeout') },
  })
})

test('neither errors nor the log hold the credential', async () => {
  const { ado, log, server } = await served(() => ({
    status: 500,
    headers: { activityid: 'a-1' },
    json: { message: 'oops' },
  }))
  const error = await failure(ado.readPullRequest(pullRequest))
  expect(server.calls[0]?.authorization).toBe(`Basic ${Buffer.from('PAT:secret-token').toString('base64')}`)
  const all = JSON.stringify([log, String(error), error instanceof Error ? error.cause : '', error])
  expect(all).not.toContain('secret-token')
  expect(all).not.toContain(Buffer.from('PAT:secret-token').toString('base64').slice(5))
  expect(log.at(-1)).toMatchObject({
    method: 'GET',
    status: 500,
    activityId: 'a-1',
    path: expect.stringContaining('/pullRequests/57'),
  })
})

test('a bearer token goes out as one', async () => {
  const { ado, server } = await served(() => ({ json: { pullRequestId: 57 } }), { kind: 'bearer' })
  await ado.readPullRequest(pullRequest)
  expect(server.calls[0]?.authorization).toBe('Bearer secret-token')
})

test('many first calls at once ask only once where things are and who we are', async () => {
  const { ado, log } = await served(call =>
    call.path.endsWith('connectionData')
      ? { json: { authenticatedUser: { id: 'me' } } }
      : { json: { id: 4, comments: [] } },
  )
  await Promise.all(Array.from({ length: 10 }, () => ado.readComment({ ...comment, commentId: 1 })))
  expect(log.filter(call => call.method === 'OPTIONS')).toHaveLength(1)
  await Promise.all([ado.whoAmI(), ado.whoAmI()])
  expect(log.filter(call => call.path.endsWith('connectionData'))).toHaveLength(1)
})

test('what was once refused is asked again: a rotated credential heals', async () => {
  let status = 401
  const { ado } = await served(() => ({
    status,
    json: { authenticatedUser: { id: 'me', properties: { Account: { $value: 'bot@x' } } } },
  }))
  expect(await failure(ado.whoAmI())).toBeInstanceOf(Rejected)
  status = 200
  expect(await ado.whoAmI()).toEqual({ id: 'me', displayName: 'bot@x', uniqueName: 'bot@x', isService: false })
})

test('a second reply is recognised only by its author and the marker at its end', async () => {
  const others = { author: { id: 'alice' }, commentType: 'text', content: 'copied\n\n<!-- code-agent:start -->' }
  const own = { author: { id: 'me' }, commentType: 'text', id: 8, content: 'hello\r\n\r\n<!-- code-agent:start -->' }
  const { ado, server } = await served(call => {
    if (call.path.endsWith('connectionData')) return { json: { authenticatedUser: { id: 'me' } } }
    if (call.method === 'GET')
      return { json: { id: 4, comments: [{ id: 2, ...others }, { ...own, id: 3, isDeleted: true }, own] } }
    return { json: { id: 8 } }
  })
  expect(await ado.ensureComment({ ...comment, again: true })).toEqual({ commentId: 8 })
  expect(server.calls.filter(call => call.method !== 'GET')).toEqual([])
  expect(await ado.ensureComment({ ...comment, text: 'news', again: true })).toEqual({ commentId: 8 })
  expect(server.calls.at(-1)).toMatchObject({
    method: 'PATCH',
    path: expect.stringMatching(/threads\/4\/comments\/8$/),
  })
})

test('the filter of branches being a prefix misleads nobody', async () => {
  const names = ['users/a/s/v10', 'users/a/s/v1x', 'users/a/s-2/v1']
  const { ado } = await served(() => ({
    json: { value: names.map(name => ({ name: `refs/heads/${name}`, objectId: 'c' })), count: names.length },
  }))
  expect(await ado.probeBranch({ ...pullRequest, branch: 'users/a/s/v1' })).toEqual({ state: 'free' })
  names.push('users/a/s/V1/below')
  expect(await ado.probeBranch({ ...pullRequest, branch: 'users/a/s/v1' })).toEqual({
    state: 'blocked',
    by: 'users/a/s/V1/below',
  })
})

test('identities live on a host of their own in the cloud, and beside the rest on a server', () => {
  expect(identityUrl('https://dev.azure.com/contoso')).toBe('https://vssps.dev.azure.com/contoso')
  expect(identityUrl('https://contoso.visualstudio.com/DefaultCollection')).toBe(
    'https://contoso.vssps.visualstudio.com',
  )
  expect(identityUrl('https://tfs.example:8080/tfs/Collection')).toBe('https://tfs.example:8080/tfs/Collection')
})

test('links show where people look', async () => {
  const { links } = connectAzureDevOps({ url: 'https://dev.azure.com/contoso/', token: 't', kind: 'pat', gate: 'g' })
  expect(links.pullRequest(pullRequest)).toBe('https://dev.azure.com/contoso/p/_git/r/pullrequest/57')
  expect(links.comment({ ...comment, commentId: 1 })).toBe(
    'https://dev.azure.com/contoso/p/_git/r/pullrequest/57?discussionId=4',
  )
  expect(links.branch({ ...pullRequest, branch: 'users/a/ü' })).toBe(
    'https://dev.azure.com/contoso/p/_git/r?version=GBusers%2Fa%2F%C3%BC',
  )
  expect(links.clone(pullRequest)).toBe('https://dev.azure.com/contoso/p/_git/r')
})
