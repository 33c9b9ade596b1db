import { variantTrailer } from '@code-agent/command/commit-message'
import { CommentThreadStatus, CommentType, PullRequestStatus } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remembered } from './remembered.ts'
import { commandedPullRequest, demanded, type Emulated, emulatedAzureDevOps } from './test-emulated.ts'

const emulated = remembered(emulatedAzureDevOps)
beforeAll(emulated, 60_000)
afterAll(async () => (await emulated()).close())

type At = Awaited<ReturnType<typeof commandedPullRequest>> & Emulated & { name: string }
type Ensure = {
  method: string
  /** Makes what `act` needs. */
  before?: (at: At) => Promise<unknown>
  act(at: At, again: boolean): Promise<unknown>
  /** How many there are, as Alice sees it. */
  count(at: At): Promise<number>
}

async function on(name: string): Promise<At> {
  const world = await emulated()
  return { ...world, ...(await commandedPullRequest(world.alice, name)), name }
}

const runId = '018f2b1e-0000-7000-8000-000000000001'
const branchAt = (at: At) => `users/alice/${at.name}/v1`

function ensureCommit(at: At, again: boolean) {
  const trailer = variantTrailer({ runId, variant: 1 })
  return at.ado.ensureCommit({
    ...at,
    again,
    branch: branchAt(at),
    base: at.tip,
    trailer,
    message: `Make it so\n\nCode-Agent-Variant: ${trailer}\n`,
    author: { name: 'Alice', email: 'alice@example.com' },
    changes: [{ path: 'ü b.txt', kind: 'add', content: 'x\r\n' }],
  })
}

async function refsOf(at: At) {
  return at.alice.getRefs(at.repositoryId, undefined, `heads/${branchAt(at)}`)
}

const ensures: Record<string, Ensure> = {
  ensureCommit: {
    method: 'POST',
    act: ensureCommit,
    async count(at) {
      const tip = demanded((await refsOf(at))[0]?.objectId)
      const commit = await at.alice.getCommit(tip, at.repositoryId)
      expect(commit.parents).toEqual([at.tip])
      return (await refsOf(at)).length
    },
  },
  ensureDraftPr: {
    method: 'POST',
    before: at => ensureCommit(at, false),
    act: (at, again) =>
      at.ado.ensureDraftPr({
        ...{
          ...at,
          again,
          sourceBranch: branchAt(at),
          targetBranch: at.sourceBranch,
          title: '🔧 AI Edit v1',
          description: 'd',
        },
        ...{ reviewerIds: [at.aliceId], workItemIds: [], labels: ['code-agent'] },
      }),
    async count(at) {
      const criteria = { sourceRefName: `refs/heads/${branchAt(at)}`, status: PullRequestStatus.All }
      const found = await at.alice.getPullRequests(at.repositoryId, criteria)
      expect(found[0]).toMatchObject({ isDraft: true, targetRefName: `refs/heads/${at.sourceBranch}` })
      return found.length
    },
  },
  ensureComment: {
    method: 'POST',
    act: (at, again) => at.ado.ensureComment({ ...at, again, topic: `${runId}/start`, text: 'On it.' }),
    async count(at) {
      const thread = await at.alice.getPullRequestThread(at.repositoryId, at.pullRequestId, at.threadId)
      return (thread.comments?.length ?? 0) - 1
    },
  },
  ensureStatus: {
    method: 'POST',
    act: (at, again) =>
      at.ado.ensureStatus({ ...at, again, context: 'code-agent/x', state: 'pending', description: 'Working' }),
    count: async at => (await at.alice.getPullRequestStatuses(at.repositoryId, at.pullRequestId)).length,
  },
  ensureThreadClosed: {
    method: 'PATCH',
    act: (at, again) => at.ado.ensureThreadClosed({ ...at, again, commentId: 1 }),
    async count(at) {
      const thread = await at.alice.getPullRequestThread(at.repositoryId, at.pullRequestId, at.threadId)
      return thread.status === CommentThreadStatus.Closed ? 1 : 0
    },
  },
  ensureBranchDeleted: {
    method: 'POST',
    before: at => ensureCommit(at, false),
    async act(at, again) {
      // The same answer as before, though the branch is gone by then.
      const commit = demanded(
        await at.ado
          .probeBranch({ ...at, branch: branchAt(at) })
          .then(found => ('commit' in found ? found.commit : at.tip)),
      )
      const { deleted } = await at.ado.ensureBranchDeleted({ ...at, again, branch: branchAt(at), commit })
      return { deleted }
    },
    count: async at => 1 - (await refsOf(at)).length,
  },
}

describe.each(Object.entries(ensures))('%s', (verb, { method, before, act, count }) => {
  test('run twice happens once, and says the same', async () => {
    const at = await on(`${verb}-twice`)
    await before?.(at)
    const first = await act(at, false)
    expect(await act(at, true)).toEqual(first)
    expect(await count(at)).toBe(1)
  })

  test('whose first answer was lost is found the second time', async () => {
    const at = await on(`${verb}-lost`)
    await before?.(at)
    at.proxy.loseNext(method)
    await expect(act(at, false)).rejects.toThrow(/did not answer/)
    await act(at, true)
    expect(await count(at)).toBe(1)
  })
})

test('the first try of an effect that writes is one request', async () => {
  const at = await on('frugal')
  const made: string[][] = []
  for (const verb of ['ensureCommit', 'ensureDraftPr', 'ensureComment', 'ensureStatus']) {
    at.proxy.taken()
    await ensures[verb]?.act(at, false)
    made.push(at.proxy.taken())
  }
  expect(made.map(requests => requests.length)).toEqual([1, 1, 1, 1])
})

test('a comment whose text differs is changed in place', async () => {
  const at = await on('in-place')
  const comment = { ...at, topic: `${runId}/overview` }
  const first = await at.ado.ensureComment({ ...comment, again: false, text: 'One | **two**' })
  expect(await at.ado.ensureComment({ ...comment, again: true, text: 'Three' })).toEqual(first)
  const read = await at.ado.readComment({ ...at, ...first })
  expect(read).toMatchObject({
    found: true,
    comment: { text: `Three\n\n<!-- code-agent:${runId}/overview -->`, edited: true, opensThread: false },
  })
})

test('a marker that somebody else wrote is theirs', async () => {
  const at = await on('forged')
  const content = `Three\n\n<!-- code-agent:${runId}/overview -->`
  const forged = { content, parentCommentId: 1, commentType: CommentType.Text }
  const theirs = await at.alice.createComment(forged, at.repositoryId, at.pullRequestId, at.threadId)
  const ours = await at.ado.ensureComment({ ...at, topic: `${runId}/overview`, again: true, text: 'Three' })
  expect(ours.commentId).not.toBe(theirs.id)
})

test('a newer status of the context replaces the older', async () => {
  const at = await on('status')
  const status = { ...at, context: 'code-agent/make-it-so', description: 'x', again: true }
  const pending = await at.ado.ensureStatus({ ...status, state: 'pending' })
  const done = await at.ado.ensureStatus({ ...status, state: 'succeeded' })
  expect(done.statusId).toBeGreaterThan(pending.statusId)
  expect(await at.ado.ensureStatus({ ...status, state: 'succeeded' })).toEqual(done)
})

test('the command is read with its author, its place and its pull request', async () => {
  const at = await on('read')
  const read = await at.ado.readComment({ ...at, commentId: 1 })
  expect(read).toMatchObject({
    found: true,
    comment: {
      text: '/edit x',
      edited: false,
      opensThread: true,
      author: { id: at.aliceId, isService: false },
      location: { path: 'read-more.txt', startLine: 1, endLine: 1 },
    },
  })
  expect(await at.ado.readPullRequest(at)).toMatchObject({
    found: true,
    pullRequest: {
      status: 'active',
      sourceBranch: 'work-read',
      targetBranch: 'base-read',
      sourceCommit: at.tip,
      fromFork: false,
      author: { id: at.aliceId },
    },
  })
  expect(await at.ado.readPullRequest({ ...at, pullRequestId: 999_999 })).toEqual({ found: false })
  expect(await at.ado.readComment({ ...at, commentId: 77 })).toEqual({ found: false })
})

test('who may push may contribute, who may only read may not', async () => {
  const at = await on('rights')
  expect(await at.ado.mayContribute({ ...at, identityId: at.aliceId })).toMatchObject({ allowed: true })
  expect(await at.ado.mayContribute({ ...at, identityId: at.readerId })).toMatchObject({
    allowed: false,
    because: expect.stringContaining('Contribute'),
  })
  expect(await at.ado.mayContribute({ ...at, identityId: '00000000-0000-0000-0000-000000000000' })).toMatchObject({
    allowed: false,
  })
})

test('names are free, taken with their trailers, or blocked', async () => {
  const at = await on('probe')
  expect(await at.ado.probeBranch({ ...at, branch: branchAt(at) })).toEqual({ state: 'free' })
  const { commit } = await ensureCommit(at, false)
  expect(await at.ado.probeBranch({ ...at, branch: branchAt(at) })).toEqual({
    state: 'taken',
    commit,
    trailers: { 'code-agent-variant': `${runId}/1` },
  })
  expect(await at.ado.probeBranch({ ...at, branch: `${branchAt(at)}/below` })).toEqual({
    state: 'blocked',
    by: branchAt(at),
  })
  expect(await at.ado.probeBranch({ ...at, branch: 'work-probe/users/v1' })).toEqual({
    state: 'blocked',
    by: 'work-probe',
  })
})

test('a branch somebody pushed to is not deleted', async () => {
  const at = await on('moved')
  await ensureCommit(at, false)
  const deletion = await at.ado.ensureBranchDeleted({ ...at, again: false, branch: branchAt(at), commit: at.tip })
  expect(deletion).toEqual({ deleted: false, because: 'somebody has pushed to it since' })
})

test('commands whose event never came are found, and our own words are not', async () => {
  const at = await on('missed')
  await at.ado.ensureComment({ ...at, again: false, topic: 'x', text: '/edit y' })
  const found = []
  for await (const { pullRequest, comments } of at.ado.listCommentsSince({ since: new Date(0) })) {
    if (pullRequest.pullRequestId === at.pullRequestId) found.push(...comments.map(({ text }) => text))
  }
  expect(found).toEqual(['/edit x'])
  for await (const { comments } of at.ado.listCommentsSince({ since: new Date(Date.now() + 3_600_000) })) {
    expect(comments).toEqual([])
  }
})

test('our own comment that stands twice is told of, the later one; what others copied is theirs', async () => {
  const at = await on('doubled')
  const said = { ...at, topic: `${runId}/v1`, text: 'Done.' }
  const first = await at.ado.ensureComment({ ...said, again: false })
  const second = await at.ado.ensureComment({ ...said, again: false })
  await at.ado.ensureComment({ ...said, topic: `${runId}/v2`, again: false })
  const copy = {
    content: `Done.\n\n<!-- code-agent:${runId}/v1 -->`,
    parentCommentId: 1,
    commentType: CommentType.Text,
  }
  await at.alice.createComment(copy, at.repositoryId, at.pullRequestId, at.threadId)
  const doubles = async () => {
    for await (const { pullRequest, doubled } of at.ado.listCommentsSince({ since: new Date() }))
      if (pullRequest.pullRequestId === at.pullRequestId) return doubled
    return undefined
  }
  const { threadId } = at
  expect(await doubles()).toEqual([{ threadId, ...second }])
  for (let times = 0; times < 2; times++) await at.ado.ensureCommentDeleted({ ...at, ...second })
  expect(await doubles()).toEqual([])
  expect(await at.ado.readComment({ ...at, ...first })).toMatchObject({ found: true })
})

test('nothing we asked, and nothing we were answered, contradicts the contract of Azure DevOps', async () => {
  const { exchanges, contradictions } = (await emulated()).conformance()
  expect(contradictions).toEqual([])
  expect(exchanges).toBeGreaterThan(50)
})
