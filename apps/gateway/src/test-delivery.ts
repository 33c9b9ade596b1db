/** A delivery as Azure DevOps sends it for a comment, with what a test wants different. */
export function commentDelivery(over: {
  text?: string
  commentId?: number
  threadId?: number
  authorId?: string
  notificationId?: number
  edited?: boolean
  deleted?: boolean
  eventType?: string
  resourceVersion?: string
  commentType?: string
  descriptor?: string
}): Record<string, unknown> {
  const published = '2026-03-01T10:00:00.000Z'
  const {
    text = '/edit make it so',
    commentId = 1,
    threadId = 7,
    authorId = 'a11ce000-0000-4000-8000-000000000001',
  } = over
  return {
    subscriptionId: '5b0c1e9a-7d1b-4a53-9b3e-3f6a0f0f1a01',
    notificationId: over.notificationId ?? commentId,
    id: '0d9b5c7e-2d5d-4f0a-8f39-1f1e6a0b0c02',
    eventType: over.eventType ?? 'ms.vss-code.git-pullrequest-comment-event',
    publisherId: 'tfs',
    message: { text: 'Alice has commented on a pull request' },
    resource: {
      comment: {
        id: commentId,
        parentCommentId: 0,
        author: {
          id: authorId,
          displayName: 'Alice Example',
          uniqueName: 'alice@example.com',
          descriptor: over.descriptor ?? 'aad.YWxpY2U',
        },
        ...(over.deleted ? { isDeleted: true } : { content: text }),
        publishedDate: published,
        lastUpdatedDate: published,
        lastContentUpdatedDate: over.edited ? '2026-03-01T10:05:00.000Z' : published,
        commentType: over.commentType ?? 'text',
        _links: {
          threads: { href: `https://example.invalid/_apis/git/repositories/r/pullRequests/12/threads/${threadId}` },
        },
      },
      pullRequest: {
        pullRequestId: 12,
        repository: {
          id: 'c0de0000-0000-4000-8000-000000000002',
          name: 'shop',
          project: { id: '9a0e0000-0000-4000-8000-000000000003', name: 'demo' },
        },
      },
    },
    resourceVersion: over.resourceVersion ?? '2.0',
    createdDate: published,
  }
}
