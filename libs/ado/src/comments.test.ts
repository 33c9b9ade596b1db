import { expect, test } from 'vitest'
import { scriptedAzureDevOps } from './test-scripted.ts'

const pullRequest = { projectId: 'p', repositoryId: 'r', pullRequestId: 57 }
const me = { authenticatedUser: { id: 'me' } }
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
  const { ado, calls } = await scriptedAzureDevOps({
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
  const { ado } = await scriptedAzureDevOps({
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
