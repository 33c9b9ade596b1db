import {
  CommentThreadStatus,
  CommentType,
  GitPullRequestMergeStrategy,
  GitStatusState,
  GitVersionType,
  ItemContentType,
  PullRequestAsyncStatus,
  PullRequestStatus,
  VersionControlChangeType,
  VersionControlRecursionType,
} from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main, type Shop, startShop, until } from './test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

test('azure-devops-node-api finds its way through discovery and knows who it is', async () => {
  const connection = await shop.webApi(shop.azure.tokens.bot).connect()
  expect(connection.authenticatedUser?.providerDisplayName).toBe('Code Agent')
  const git = await shop.as('bot')
  const pullRequest = await git.getPullRequestById(1)
  expect(pullRequest).toMatchObject({ title: 'Green buttons', status: PullRequestStatus.Active, isDraft: false })
  expect(await git.getPullRequest('shop', 1, 'web')).toHaveProperty('_links')
  expect(pullRequest).not.toHaveProperty('_links')
})

test('one push makes a branch with a commit on the base given as its old object', async () => {
  const git = await shop.as('bot')
  const [base] = await git.getRefs('shop', 'web', 'heads/main')
  const push = await git.createPush(
    {
      refUpdates: [{ name: 'refs/heads/users/bot/x/v1', oldObjectId: base?.objectId ?? '' }],
      commits: [
        {
          comment: 'Make it red',
          author: { name: 'Alice', email: 'alice@demo.example' },
          changes: [
            {
              changeType: VersionControlChangeType.Edit,
              item: { path: '/src/button.css' },
              newContent: {
                content: Buffer.from('.button { color: red; }\n').toString('base64'),
                contentType: ItemContentType.Base64Encoded,
              },
            },
          ],
        },
      ],
    },
    'shop',
    'web',
  )
  expect(push.refUpdates?.[0]).toMatchObject({ oldObjectId: '0'.repeat(40), name: 'refs/heads/users/bot/x/v1' })
  expect(push.commits?.[0]?.parents).toEqual([base?.objectId])
  const text = await shop.git('-C', `${shop.dir}/repos/web/shop.git`, 'show', 'users/bot/x/v1:src/button.css')
  expect(text).toBe('.button { color: red; }\n')
  const draft = await git.createPullRequest(
    {
      title: 'v1',
      description: '',
      sourceRefName: 'refs/heads/users/bot/x/v1',
      targetRefName: main,
      isDraft: true,
      labels: [{ name: 'ai' }],
      workItemRefs: [{ id: '12' }],
    },
    'shop',
    'web',
    true,
  )
  expect(draft).toMatchObject({ isDraft: true, mergeStatus: PullRequestAsyncStatus.Queued })
  const id = draft.pullRequestId ?? 0
  await until(async () => (await git.getPullRequestById(id)).mergeStatus === PullRequestAsyncStatus.Succeeded)
  const list = await git.getPullRequests(
    'shop',
    { sourceRefName: 'refs/heads/users/bot/x/v1', status: PullRequestStatus.Active },
    'web',
  )
  expect(list.map(one => one.pullRequestId)).toEqual([id])
})

test('items are listed and read as JSON, text and bytes', async () => {
  const git = await shop.as('alice')
  const items = await git.getItems('shop', 'web', '/', VersionControlRecursionType.Full, true, false, false, false, {
    version: 'feature',
    versionType: GitVersionType.Branch,
  })
  expect(items.map(item => item.path)).toEqual([
    '/',
    '/README.md',
    '/src',
    '/src/a b#ü.txt',
    '/src/button.css',
    '/src/new.ts',
  ])
  const item = await git.getItem(
    'shop',
    '/src/a b#ü.txt',
    'web',
    undefined,
    undefined,
    false,
    false,
    false,
    undefined,
    true,
  )
  expect(item.content).toBe('ünïcode\r\n')
  expect(await git.getItem('shop', '/none', 'web')).toBeNull()
})

test('threads, comments, statuses and iterations do what the product needs', async () => {
  const git = await shop.as('alice')
  const thread = await git.createThread(
    {
      comments: [{ parentCommentId: 0, content: '/edit /3 red', commentType: CommentType.Text }],
      status: CommentThreadStatus.Active,
    },
    'shop',
    1,
    'web',
  )
  const bot = await shop.as('bot')
  const reply = await bot.createComment(
    { content: 'on it', parentCommentId: 1, commentType: CommentType.Text },
    'shop',
    1,
    thread.id ?? 0,
    'web',
  )
  await bot.updateComment({ content: 'done' }, 'shop', 1, thread.id ?? 0, reply.id ?? 0, 'web')
  const read = await git.getPullRequestThread('shop', 1, thread.id ?? 0, 'web')
  expect(read.comments?.map(comment => [comment.id, comment.content])).toEqual([
    [1, '/edit /3 red'],
    [2, 'done'],
  ])
  await expect(git.updateComment({ content: 'mine' }, 'shop', 1, thread.id ?? 0, 2, 'web')).rejects.toMatchObject({
    statusCode: 403,
  })
  const status = await bot.createPullRequestStatus(
    { context: { genre: 'code-agent', name: 'run' }, state: GitStatusState.Pending, description: '…' },
    'shop',
    1,
    'web',
  )
  expect(status).toMatchObject({ state: GitStatusState.Pending, context: { genre: 'code-agent', name: 'run' } })
  const [iteration] = await git.getPullRequestIterations('shop', 1, 'web')
  const changes = await git.getPullRequestIterationChanges('shop', 1, iteration?.id ?? 0, 'web')
  expect(changes.changeEntries?.map(entry => [entry.item?.path, entry.changeType])).toEqual([
    ['/src/button.css', VersionControlChangeType.Edit],
    ['/src/new.ts', VersionControlChangeType.Add],
  ])
})

test('git clones, pushes and gives the pull request its next iteration', async () => {
  await shop.git('clone', '-q', shop.cloneUrl(), 'work')
  await shop.git('-C', 'work', 'checkout', '-q', 'feature')
  await shop.git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', 'more')
  await shop.git('-C', 'work', 'push', '-q')
  const git = await shop.as('alice')
  const iterations = await git.getPullRequestIterations('shop', 1, 'web')
  expect(iterations.length).toBe(2)
  await shop.git('clone', '-q', '--filter=blob:none', '--depth=1', shop.cloneUrl(shop.azure.tokens.reader), 'thin')
  await expect(
    shop.git('-C', 'work', 'push', '-q', shop.cloneUrl(shop.azure.tokens.reader), 'HEAD:refs/heads/nope'),
  ).rejects.toThrow(/403|TF401027/)
})

test('a pull request completes a moment after the request', async () => {
  const at = { project: 'web', repository: 'shop' }
  await shop.azure.commitFiles({ ...at, branch: 'small', base: 'main', files: { 'x.txt': 'x\n' } })
  const id = await shop.azure.createPullRequest({ ...at, title: 'x', sourceBranch: 'small', targetBranch: 'main' })
  const git = await shop.as('alice')
  const before = await git.getPullRequestById(id)
  const answer = await git.updatePullRequest(
    {
      status: PullRequestStatus.Completed,
      lastMergeSourceCommit: before.lastMergeSourceCommit ?? {},
      completionOptions: { mergeStrategy: GitPullRequestMergeStrategy.Squash, deleteSourceBranch: true },
    },
    'shop',
    id,
    'web',
  )
  expect(answer).toMatchObject({ status: PullRequestStatus.Active, mergeStatus: PullRequestAsyncStatus.Queued })
  await until(async () => (await git.getPullRequestById(id)).status === PullRequestStatus.Completed)
  expect(await until(async () => (await git.getRefs('shop', 'web', 'heads/small')).length === 0)).toBe(true)
})
