import { z } from 'zod'
import type { threadEndpoints } from '../contract/thread-endpoints.ts'
import { type Call, type Handlers, list, readBody } from '../http/call.ts'
import { looseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { type Comment, type PullRequest, type Thread, threadStatuses } from '../pull-request/pull-request.ts'
import { addComment, createThread, deleteComment, editComment, setLike, updateThread } from '../pull-request/threads.ts'
import type { World } from '../state/world.ts'
import { contributedPullRequestOf, numberParam, pullRequestOf } from './access.ts'
import { propertyBag } from './property-bag.ts'
import { renderComment, renderThread } from './render-pull-request.ts'
import { renderIdentity } from './render-repository.ts'

const kind = looseEnum(['unknown', 'text', 'codeChange', 'system']).transform(value =>
  value === 'codeChange' ? ('codeChange' as const) : ('text' as const),
)
const newComment = z.object({
  content: z.string().optional(),
  parentCommentId: z.number().int().default(0),
  commentType: kind.default('text'),
})
const position = z
  .object({ line: z.number().int().min(1, 'Invalid argument value.'), offset: z.number().int() })
  .nullish()
const threadContext = z
  .object({
    filePath: z.string(),
    leftFileStart: position,
    leftFileEnd: position,
    rightFileStart: position,
    rightFileEnd: position,
  })
  .transform(({ filePath, ...sides }) => ({
    filePath,
    ...Object.fromEntries(Object.entries(sides).filter(([, value]) => value !== null && value !== undefined)),
  }))
const iterationContext = z.looseObject({
  iterationContext: z
    .object({
      firstComparingIteration: z.number().int().min(1, 'Invalid argument value.'),
      secondComparingIteration: z.number().int(),
    })
    .nullish(),
})
const createBody = z.object({
  comments: z.array(newComment).min(1, 'Invalid argument value.'),
  status: looseEnum(threadStatuses).nullish(),
  threadContext: threadContext.nullish(),
  pullRequestThreadContext: iterationContext.nullish(),
  properties: propertyBag.nullish(),
})
const updateBody = z.object({ status: looseEnum(threadStatuses).nullish(), properties: propertyBag.nullish() })

function threadOf(call: Call, pullRequest: PullRequest): Thread {
  const id = numberParam(call, 'threadId')
  const thread = pullRequest.threads.find(one => one.id === id)
  if (!thread) throw new ServiceError('threadNotFound', id)
  return thread
}

function commentOf(call: Call, thread: Thread): Comment {
  const id = numberParam(call, 'commentId')
  const comment = thread.comments.find(one => one.id === id)
  if (!comment) throw new ServiceError('commentNotFound', thread.id, id)
  return comment
}

function contentOf(comment: { content?: string | undefined }): string {
  if (comment.content === undefined || comment.content === '') throw new ServiceError('argumentNull', 'comment.Content')
  return comment.content
}

function create(world: World, call: Call) {
  const pullRequest = contributedPullRequestOf(world, call)
  const body = readBody(call, createBody, 'commentThread')
  const thread = createThread(world, pullRequest, {
    by: call.user,
    comments: body.comments.map(one => ({
      content: contentOf(one),
      parentId: one.parentCommentId,
      kind: one.commentType,
    })),
    status: body.status ?? null,
    context: body.threadContext ?? null,
    iterationContext: body.pullRequestThreadContext ?? null,
    properties: body.properties ?? new Map(),
  })
  return { json: renderThread(thread, pullRequest, call.links) }
}

function reply(world: World, call: Call) {
  const pullRequest = contributedPullRequestOf(world, call)
  const thread = threadOf(call, pullRequest)
  const body = readBody(call, newComment, 'comment')
  const parent = body.parentCommentId
  if (parent !== 0 && !thread.comments.some(one => one.id === parent))
    throw new ServiceError('commentNotFound', thread.id, parent)
  const comment = addComment(world, pullRequest, thread, {
    by: call.user,
    content: contentOf(body),
    parentId: parent,
    kind: body.commentType,
  })
  return { json: renderComment(comment, thread, pullRequest, call.links) }
}

function like(world: World, call: Call, liked: boolean) {
  const pullRequest = contributedPullRequestOf(world, call)
  const thread = threadOf(call, pullRequest)
  setLike(world, pullRequest, thread, { comment: commentOf(call, thread), by: call.user, liked })
  return {}
}

function threadHandlersOnly(world: World) {
  return {
    getThreads(call: Call) {
      const pullRequest = pullRequestOf(world, call)
      return list(pullRequest.threads.map(thread => renderThread(thread, pullRequest, call.links)))
    },
    createThread: (call: Call) => create(world, call),
    getThread(call: Call) {
      const pullRequest = pullRequestOf(world, call)
      return { json: renderThread(threadOf(call, pullRequest), pullRequest, call.links) }
    },
    updateThread(call: Call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const { status, properties } = readBody(call, updateBody, 'commentThread')
      const thread = updateThread(world, pullRequest, threadOf(call, pullRequest), {
        by: call.user,
        status: status ?? undefined,
        properties: properties ?? undefined,
      })
      return { json: renderThread(thread, pullRequest, call.links) }
    },
  }
}

export function threadHandlers(world: World): Handlers<typeof threadEndpoints> {
  return {
    ...threadHandlersOnly(world),
    getComments(call) {
      const pullRequest = pullRequestOf(world, call)
      const thread = threadOf(call, pullRequest)
      return list(thread.comments.map(comment => renderComment(comment, thread, pullRequest, call.links)))
    },
    createComment: call => reply(world, call),
    getComment(call) {
      const pullRequest = pullRequestOf(world, call)
      const thread = threadOf(call, pullRequest)
      return { json: renderComment(commentOf(call, thread), thread, pullRequest, call.links) }
    },
    updateComment(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const thread = threadOf(call, pullRequest)
      const content = contentOf(readBody(call, z.object({ content: z.string().optional() }), 'comment'))
      const comment = editComment(world, pullRequest, thread, {
        comment: commentOf(call, thread),
        content,
        by: call.user,
      })
      return { json: renderComment(comment, thread, pullRequest, call.links) }
    },
    deleteComment(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const thread = threadOf(call, pullRequest)
      deleteComment(world, pullRequest, thread, { comment: commentOf(call, thread), by: call.user })
      return {}
    },
    getLikes(call) {
      const thread = threadOf(call, pullRequestOf(world, call))
      return list(commentOf(call, thread).likes.map(identity => renderIdentity(identity, call.links)))
    },
    createLike: call => like(world, call, true),
    deleteLike: call => like(world, call, false),
  }
}
