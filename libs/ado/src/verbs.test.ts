import { Rejected } from '@code-agent/jobs/errors'
import { afterEach, expect, test } from 'vitest'
import { connectAzureDevOps } from './azure-devops.ts'
import { type Call, scriptedServer } from './scripted-server.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

type Routes = Record<string, unknown | ((call: Call) => unknown)>

/** Answers by method and end of the path; what is not listed does not exist. */
async function served(routes: Routes) {
  const server = await scriptedServer(call => {
    const route = Object.entries(routes).find(([key]) =>
      `${call.method} ${call.path}`.toLowerCase().match(key.toLowerCase()),
    )
    if (route === undefined) return { status: 404, text: '' }
    const answer = typeof route[1] === 'function' ? route[1](call) : route[1]
    return isReply(answer) ? answer : { json: answer }
  })
  const ado = connectAzureDevOps({ url: server.url, token: 't', kind: 'pat', gate: 'g' })
  cleanUps.push(server.close, ado.close)
  return { ado, calls: () => server.calls.map(call => `${call.method} ${call.path.replace(/^.*_apis\//, '')}`), server }
}

function isReply(answer: unknown): answer is { status: number; json: unknown } {
  return typeof answer === 'object' && answer !== null && 'status' in answer && typeof answer.status === 'number'
}

const repository = { projectId: 'p', repositoryId: 'r' }
const pullRequest = { ...repository, pullRequestId: 57 }
const refs = (...names: string[]) => ({
  value: names.map(name => ({ name: `refs/heads/${name}`, objectId: 'c1' })),
  count: names.length,
})
const me = { authenticatedUser: { id: 'me' } }
const descriptor = 'Microsoft.IdentityModel.Claims.ClaimsIdentity;t\\alice@x'
const identity = { value: [{ id: 'ALICE', descriptor, isActive: true }] }
const acl = (extendedInfo: unknown) => ({
  value: [{ acesDictionary: { [descriptor.toUpperCase()]: { extendedInfo } } }],
})

test.each([
  ['granted', identity, acl({ effectiveAllow: 6, inheritedAllow: 4 }), true, /grants "Contribute"/],
  ['granted but denied', identity, acl({ effectiveAllow: 4, effectiveDeny: 4 }), false, /denied/],
  ['only reading', identity, acl({ effectiveAllow: 2 }), false, /no right "Contribute".*Project settings/],
  ['nothing said', identity, acl({}), false, /no right "Contribute"/],
  ['no list at all', identity, { value: [] }, false, /no right "Contribute"/],
  ['somebody unknown', { value: [null] }, acl({ effectiveAllow: 4 }), false, /does not know who/],
  ['somebody else', { value: [{ id: 'bob', descriptor }] }, acl({ effectiveAllow: 4 }), false, /does not know who/],
  [
    'an account that was closed',
    { value: [{ id: 'alice', descriptor, isActive: false }] },
    acl({ effectiveAllow: 4 }),
    false,
    /not active/,
  ],
  [
    'a lookup that is not permitted',
    { status: 403, json: { message: 'no' } },
    acl({}),
    false,
    /may not look up rights/,
  ],
])('with %s the answer is as it should be', async (_, identities, lists, allowed, because) => {
  const { ado } = await served({ identities$: identities, 'accesscontrollists/': lists })
  expect(await ado.mayContribute({ ...repository, identityId: 'alice' })).toEqual({
    allowed,
    because: expect.stringMatching(because),
  })
})

test('a failing lookup of rights is no answer at all: it is tried again', async () => {
  const { ado } = await served({ identities$: { status: 500, json: {} } })
  await expect(ado.mayContribute({ ...repository, identityId: 'alice' })).rejects.toThrow(/could not answer just now/)
})

const commit = {
  ...repository,
  branch: 'users/a/s/v1',
  base: 'b'.repeat(40),
  message: 'm',
  author: { name: 'A', email: 'a@x' },
  trailer: 'run/1',
}
const changes = [
  { path: 'a b.txt', kind: 'edit' as const, content: '\uFEFFü\r\n' },
  { path: 'old', kind: 'delete' as const },
]

test('a first push is one request: branch and commit at once, files as base64 of their bytes', async () => {
  const { ado, server, calls } = await served({
    'POST.*pushes$': { status: 201, json: { commits: [{ commitId: 'c1' }] } },
  })
  expect(await ado.ensureCommit({ ...commit, changes, again: false })).toEqual({ commit: 'c1' })
  expect(calls()).toEqual(['POST git/repositories/r/pushes'])
  expect(JSON.parse(server.calls[0]?.body ?? '')).toEqual({
    refUpdates: [{ name: 'refs/heads/users/a/s/v1', oldObjectId: 'b'.repeat(40) }],
    commits: [
      {
        comment: 'm',
        author: { name: 'A', email: 'a@x' },
        changes: [
          {
            changeType: 2,
            item: { path: '/a b.txt' },
            newContent: { content: Buffer.from('\uFEFFü\r\n').toString('base64'), contentType: 1 },
          },
          { changeType: 16, item: { path: '/old' } },
        ],
      },
    ],
  })
})

const stale = { status: 409, json: { message: 'TF401028: The reference …', typeKey: 'GitReferenceStaleException' } }

test.each([
  ['ours', 'Subject\n\nCode-Agent-Variant: run/1\n', true],
  ['of another variant', 'Subject\n\nCode-Agent-Variant: run/2\n', false],
  ['that only quotes the trailer', 'Code-Agent-Variant: run/1\n\nReally.', false],
])('a branch that is there already and is %s is treated so', async (_, comment, ours) => {
  for (const again of [true, false]) {
    const { ado, calls } = await served({
      'POST.*pushes$': stale,
      'GET.*refs': refs('users/a/s/v1'),
      'GET.*commits/c1$': { comment },
    })
    const made = ado.ensureCommit({ ...commit, changes, again })
    if (ours) expect(await made).toEqual({ commit: 'c1' })
    else await expect(made).rejects.toThrow(/is somebody else's/)
    expect(calls().filter(call => call.startsWith('POST'))).toHaveLength(again ? 0 : 1)
  }
})

test('a branch in the way is named', async () => {
  const refused = { status: 400, json: { message: 'The reference name is not usable.' } }
  const { ado } = await served({ 'POST.*pushes$': refused, 'GET.*refs': refs('users/a/s') })
  await expect(ado.ensureCommit({ ...commit, changes, again: false })).rejects.toThrow('users/a/s is in the way')
})

test('a branch further up is found for the first branch of a folder, and not asked for beside others', async () => {
  const filters: (string | null)[] = []
  const answers: Record<string, unknown> = {
    'heads/users/a/s': refs(),
    'heads/users/a': refs(),
    'heads/users': refs('users'),
  }
  const { ado } = await served({
    'GET.*refs': (call: Call) => {
      filters.push(call.query.get('filter'))
      return answers[call.query.get('filter') ?? '']
    },
  })
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'blocked', by: 'users' })
  answers['heads/users/a'] = refs('users/ab/x/v1')
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'free' })
  answers['heads/users/a/s'] = refs('users/a/s/v2')
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'free' })
  expect(filters).toEqual([
    'heads/users/a/s',
    'heads/users/a',
    'heads/users',
    'heads/users/a/s',
    'heads/users/a',
    'heads/users/a/s',
  ])
})

test('a change too large for Azure DevOps is not sent', async () => {
  const { ado, calls } = await served({})
  const large = [{ path: 'x', kind: 'add' as const, content: 'x'.repeat(20_000_000) }]
  await expect(ado.ensureCommit({ ...commit, changes: large, again: false })).rejects.toThrow(Rejected)
  expect(calls()).toEqual([])
})

const draft = {
  ...repository,
  sourceBranch: 's',
  targetBranch: 't',
  title: 'x',
  description: 'y',
  reviewerIds: ['alice'],
  workItemIds: ['12'],
  labels: ['l'],
}
const exists = { status: 409, json: { message: 'TF401179: exists', typeKey: 'GitPullRequestExistsException' } }
const listed = (...value: unknown[]) => ({ value, count: value.length })

test('a draft is opened with reviewers, work items and labels in one request', async () => {
  const { ado, server } = await served({ 'POST.*pullrequests$': { status: 201, json: { pullRequestId: 9 } } })
  expect(await ado.ensureDraftPr({ ...draft, again: false })).toEqual({ pullRequestId: 9 })
  expect(JSON.parse(server.calls[0]?.body ?? '')).toEqual({
    ...{ sourceRefName: 'refs/heads/s', targetRefName: 'refs/heads/t', title: 'x', description: 'y', isDraft: true },
    ...{ reviewers: [{ id: 'alice' }], workItemRefs: [{ id: '12' }], labels: [{ name: 'l' }] },
  })
})

test.each([
  [
    'an active one is adopted whoever opened it',
    listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'me' } }, { pullRequestId: 9, status: 'active' }),
    9,
  ],
  [
    'ours is adopted though somebody closed it',
    listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'me' } }),
    8,
  ],
])('of pull requests that exist, %s', async (_, list, pullRequestId) => {
  for (const again of [true, false]) {
    const { ado } = await served({
      'POST.*pullrequests$': exists,
      'GET.*pullrequests$': list,
      'GET.*connectiondata': me,
    })
    expect(await ado.ensureDraftPr({ ...draft, again })).toEqual({ pullRequestId })
  }
})

test('a closed pull request of somebody else is not ours', async () => {
  const others = listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'bob' } })
  const { ado } = await served({
    'POST.*pullrequests$': { status: 201, json: { pullRequestId: 9 } },
    'GET.*pullrequests$': others,
    'GET.*connectiondata': me,
  })
  expect(await ado.ensureDraftPr({ ...draft, again: true })).toEqual({ pullRequestId: 9 })
  expect(await ado.findDraftPr(draft)).toEqual({ found: false })
})

test.each([
  ['deleted', { success: true }, refs(), { deleted: true, because: expect.any(String) }],
  [
    'gone already',
    { success: false, updateStatus: 'staleOldObjectId' },
    refs('xy'),
    { deleted: true, because: 'it is gone already' },
  ],
  [
    'pushed to',
    { success: false, updateStatus: 'staleOldObjectId' },
    { value: [{ name: 'refs/heads/x', objectId: 'c2' }] },
    { deleted: false, because: 'somebody has pushed to it since' },
  ],
  [
    'locked',
    { success: false, updateStatus: 'locked' },
    refs('x'),
    { deleted: false, because: expect.stringContaining('locked') },
  ],
])('a branch to delete that is %s is told so, although Azure DevOps answers 200', async (_, result, list, expected) => {
  const { ado } = await served({ 'POST.*refs$': { value: [result], count: 1 }, 'GET.*refs': list })
  expect(await ado.ensureBranchDeleted({ ...repository, branch: 'x', commit: 'c1', again: false })).toEqual(expected)
})

const written = (id: number, author: string, more = {}) => ({
  id,
  author: { id: author },
  commentType: 'text',
  content: 'x',
  ...more,
})
test.each([
  ['only the command and our answers', [written(1, 'alice'), written(2, 'me'), written(3, 'alice')], 'active', true, 1],
  ['somebody else wrote', [written(1, 'alice'), written(2, 'me'), written(3, 'bob')], 'active', false, 0],
  [
    'somebody else wrote and deleted it',
    [written(1, 'alice'), written(3, 'bob', { isDeleted: true })],
    'active',
    true,
    1,
  ],
  ['a system message', [written(1, 'alice'), written(3, 'bob', { commentType: 'system' })], 'pending', true, 1],
  ['it is closed already', [written(1, 'alice'), written(2, 'bob')], 'fixed', true, 0],
  ['the command is not its first comment', [written(7, 'bob'), written(1, 'alice')], 'active', false, 0],
])('of a thread in which %s it is known whether to close it', async (_, comments, status, closed, patches) => {
  const { ado, calls } = await served({
    'GET.*threads/4$': { id: 4, status, comments },
    'PATCH.*threads/4$': { id: 4 },
    'GET.*connectiondata': me,
  })
  expect(await ado.ensureThreadClosed({ ...pullRequest, threadId: 4, commentId: 1, again: false })).toEqual({ closed })
  expect(calls().filter(call => call.startsWith('PATCH'))).toHaveLength(patches)
})

test('a comment is read with its place in the code and what tells a person from a service', async () => {
  const dates = { publishedDate: '2025-01-10T12:23:52.603Z', lastContentUpdatedDate: '2025-01-10T12:30:00Z' }
  const author = { id: 'alice', displayName: 'Alice', uniqueName: 'a@x', descriptor: 'aad.x' }
  const comments = [
    written(1, 'svc', { author: { id: 'svc', descriptor: 'svc.x' } }),
    written(2, '', { author, ...dates, content: '/edit x' }),
  ]
  const span = { rightFileStart: { line: 3, offset: 1 }, rightFileEnd: { line: 5, offset: 9 } }
  const { ado } = await served({
    'GET.*threads/4$': { id: 4, comments, threadContext: { filePath: '/src/a.ts', ...span } },
  })
  expect(await ado.readComment({ ...pullRequest, threadId: 4, commentId: 2 })).toEqual({
    found: true,
    comment: {
      ...{
        commentId: 2,
        threadId: 4,
        text: '/edit x',
        edited: true,
        opensThread: false,
        publishedAt: new Date(dates.publishedDate),
      },
      author: { id: 'alice', displayName: 'Alice', uniqueName: 'a@x', isService: false },
      location: { path: 'src/a.ts', startLine: 3, endLine: 5 },
    },
  })
  expect(await ado.readComment({ ...pullRequest, threadId: 4, commentId: 1 })).toMatchObject({
    comment: { author: { isService: true }, opensThread: true },
  })
  expect(await ado.readComment({ ...pullRequest, threadId: 4, commentId: 3 })).toEqual({ found: false })
})
