import type { ServiceHooks } from '../hooks/service-hooks.ts'
import { createPullRequest, updatePullRequest } from '../pull-request/lifecycle.ts'
import type { PullRequestState, ThreadContext } from '../pull-request/pull-request.ts'
import { addComment, createThread, deleteComment, editComment } from '../pull-request/threads.ts'
import type { World } from '../state/world.ts'
import { type At, type CommentAt, finders, fullRef } from './finders.ts'

export interface PullRequestToCreate extends At {
  title: string
  description?: string
  sourceBranch: string
  targetBranch: string
  user?: string
  isDraft?: boolean
  labels?: string[]
  workItems?: string[]
}

export interface CommentToPost {
  pullRequestId: number
  user: string
  content: string
  /** replies there; absent opens a thread */
  threadId?: number
  context?: { path: string; startLine: number; endLine: number; side: 'left' | 'right' } | null
}

export interface HookToAdd {
  url: string
  username?: string
  password?: string
  headers?: Record<string, string>
  /** default: "Pull request commented on" */
  eventType?: string
  /** default 2.0 */
  resourceVersion?: string
}

function threadContext(context: CommentToPost['context']): ThreadContext | null {
  if (!context) return null
  const start = { line: context.startLine, offset: 1 }
  const end = { line: context.endLine, offset: 1 }
  const filePath = context.path.startsWith('/') ? context.path : `/${context.path}`
  return context.side === 'left'
    ? { filePath, leftFileStart: start, leftFileEnd: end }
    : { filePath, rightFileStart: start, rightFileEnd: end }
}

function postComment(world: World, { pullRequestId, user, content, threadId, context }: CommentToPost) {
  const { person, pullRequestAt, threadAt } = finders(world)
  const pullRequest = pullRequestAt(pullRequestId)
  const by = person(user)
  if (threadId !== undefined) {
    const reply = { by, content, parentId: 1, kind: 'text' } as const
    return { threadId, commentId: addComment(world, pullRequest, threadAt(pullRequestId, threadId), reply).id }
  }
  const thread = createThread(world, pullRequest, {
    by,
    comments: [{ content, parentId: 0, kind: 'text' }],
    status: 'active',
    context: threadContext(context),
    iterationContext: null,
    properties: new Map(),
  })
  return { threadId: thread.id, commentId: 1 }
}

function subscribe(world: World, hooks: ServiceHooks, hook: HookToAdd): string {
  const headers = Object.entries(hook.headers ?? {}).map(([name, value]) => `${name}:${value}`)
  return hooks.add({
    eventType: hook.eventType ?? 'ms.vss-code.git-pullrequest-comment-event',
    resourceVersion: hook.resourceVersion ?? '2.0',
    publisherInputs: { projectId: '', repository: '', branch: '' },
    consumerInputs: {
      url: hook.url,
      httpHeaders: headers.join('\n'),
      basicAuthUsername: hook.username ?? '',
      basicAuthPassword: hook.password ?? '',
    },
    by: finders(world).person('alice'),
  }).id
}

/** Pull requests, comments and hooks, made without a request. */
export function pullRequestSetup(world: World, hooks: ServiceHooks) {
  const { person, repositoryAt, pullRequestAt, commentAt } = finders(world)
  return {
    /** its number */
    async createPullRequest(request: PullRequestToCreate): Promise<number> {
      const { title, description, isDraft = false, labels = [], workItems = [] } = request
      const pullRequest = await createPullRequest(world, {
        repository: repositoryAt(request),
        by: person(request.user ?? 'alice'),
        title,
        description,
        sourceRef: fullRef(request.sourceBranch),
        targetRef: fullRef(request.targetBranch),
        isDraft,
        labels,
        workItems,
      })
      return pullRequest.id
    },
    async setPullRequestState(change: { pullRequestId: number; state: PullRequestState; user?: string }) {
      const pullRequest = pullRequestAt(change.pullRequestId)
      const by = person(change.user ?? 'alice')
      const lastMergeSourceCommit = pullRequest.sourceCommit
      await updatePullRequest(world, pullRequest, { by, state: change.state, lastMergeSourceCommit })
    },
    postComment: async (comment: CommentToPost) => postComment(world, comment),
    async editComment({ user, content, ...at }: CommentAt & { user: string; content: string }) {
      const { pullRequest, thread, comment } = commentAt(at)
      editComment(world, pullRequest, thread, { comment, content, by: person(user) })
    },
    async deleteComment({ user, ...at }: CommentAt & { user: string }) {
      const { pullRequest, thread, comment } = commentAt(at)
      deleteComment(world, pullRequest, thread, { comment, by: person(user) })
    },
    /** a web hook for every repository; its id */
    subscribe: async (hook: HookToAdd): Promise<string> => subscribe(world, hooks, hook),
  }
}
