import { ServiceError } from '../http/service-error.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import type { Comment, PropertyValue, PullRequest, Thread, ThreadContext, ThreadStatus } from './pull-request.ts'

const longestComment = 150_000

export interface NewComment {
  content: string
  parentId: number
  kind: Comment['kind']
}

function checkLength(content: string) {
  if (content.length > longestComment) throw new ServiceError('commentTooLong')
}

function makeComment(world: World, thread: Thread, comment: NewComment & { by: Identity }): Comment {
  const at = world.clock.now()
  return {
    id: thread.comments.length + 1,
    parentId: comment.parentId,
    author: comment.by,
    content: comment.content,
    kind: comment.kind,
    publishedAt: at,
    updatedAt: at,
    contentUpdatedAt: at,
    isDeleted: false,
    likes: [],
  }
}

export interface NewThread {
  by: Identity
  comments: readonly NewComment[]
  status: ThreadStatus | null
  context: ThreadContext | null
  iterationContext: Record<string, unknown> | null
  properties: Map<string, PropertyValue>
}

export function createThread(world: World, pullRequest: PullRequest, thread: NewThread): Thread {
  for (const { content } of thread.comments) checkLength(content)
  const at = world.clock.now()
  const { by, comments, ...rest } = thread
  const made: Thread = { id: world.nextId('thread'), publishedAt: at, updatedAt: at, comments: [], ...rest }
  for (const comment of comments) made.comments.push(makeComment(world, made, { ...comment, by }))
  pullRequest.threads.push(made)
  world.happenings.emit({ kind: 'thread-created', pullRequest, thread: made, by })
  for (const comment of made.comments) {
    world.happenings.emit({ kind: 'comment-created', pullRequest, thread: made, comment, by })
  }
  return made
}

/** What the service itself writes about votes, pushes and changes of state. */
export function createSystemThread(
  world: World,
  pullRequest: PullRequest,
  {
    by,
    content,
    type,
  }: { by: Identity; content: string; type: 'RefUpdate' | 'VoteUpdate' | 'StatusUpdate' | 'IsDraftUpdate' },
): Thread {
  return createThread(world, pullRequest, {
    by,
    comments: [{ content, parentId: 0, kind: 'system' }],
    status: null,
    context: null,
    iterationContext: null,
    properties: new Map([['CodeReviewThreadType', { $type: 'System.String', $value: type }]]),
  })
}

export function addComment(
  world: World,
  pullRequest: PullRequest,
  thread: Thread,
  comment: NewComment & { by: Identity },
) {
  checkLength(comment.content)
  const made = makeComment(world, thread, comment)
  thread.comments.push(made)
  thread.updatedAt = made.publishedAt
  world.happenings.emit({ kind: 'comment-created', pullRequest, thread, comment: made, by: comment.by })
  return made
}

function ownComment(comment: Comment, by: Identity) {
  if (comment.author !== by) throw new ServiceError('commentNotYours', comment.id)
}

export function editComment(
  world: World,
  pullRequest: PullRequest,
  thread: Thread,
  { comment, content, by }: { comment: Comment; content: string; by: Identity },
): Comment {
  ownComment(comment, by)
  checkLength(content)
  if (comment.isDeleted) throw new ServiceError('commentNotFound', thread.id, comment.id)
  const at = world.clock.now()
  comment.content = content
  comment.updatedAt = at
  comment.contentUpdatedAt = at
  thread.updatedAt = at
  world.happenings.emit({ kind: 'comment-updated', pullRequest, thread, comment, by })
  return comment
}

/** Keeps the comment and takes its text away. */
export function deleteComment(
  world: World,
  pullRequest: PullRequest,
  thread: Thread,
  { comment, by }: { comment: Comment; by: Identity },
): void {
  ownComment(comment, by)
  if (comment.isDeleted) return
  const at = world.clock.now()
  comment.isDeleted = true
  comment.content = ''
  comment.updatedAt = at
  comment.contentUpdatedAt = at
  thread.updatedAt = at
  world.happenings.emit({ kind: 'comment-deleted', pullRequest, thread, comment, by })
}

export function setLike(
  world: World,
  pullRequest: PullRequest,
  thread: Thread,
  { comment, by, liked }: { comment: Comment; by: Identity; liked: boolean },
): void {
  if (comment.likes.includes(by) === liked) return
  comment.likes = liked ? [...comment.likes, by] : comment.likes.filter(one => one !== by)
  comment.updatedAt = world.clock.now()
  const kind = liked ? 'comment-liked' : 'comment-unliked'
  world.happenings.emit({ kind, pullRequest, thread, comment, by })
}

export function updateThread(
  world: World,
  pullRequest: PullRequest,
  thread: Thread,
  change: { status?: ThreadStatus | undefined; properties?: Map<string, PropertyValue> | undefined; by: Identity },
): Thread {
  if (change.status !== undefined) thread.status = change.status
  for (const [name, value] of change.properties ?? []) thread.properties.set(name, value)
  thread.updatedAt = world.clock.now()
  world.happenings.emit({ kind: 'thread-updated', pullRequest, thread, by: change.by })
  return thread
}
