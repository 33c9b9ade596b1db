import {
  type Comment as ApiComment,
  CommentThreadStatus,
  CommentType,
  type GitPullRequestCommentThread,
} from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import type { Connection } from './connection.ts'
import { missing } from './errors-of-azure-devops.ts'
import { personOf } from './people.ts'
import type { Again, AzureDevOps, Comment, Person, PullRequestRef } from './port.ts'

type Thread = PullRequestRef & { threadId: number }
type CommentVerbs = Pick<AzureDevOps, 'readComment' | 'ensureComment' | 'ensureCommentDeleted' | 'ensureThreadClosed'>

export function commentVerbs(connection: Connection, whoAmI: () => Promise<Person>): CommentVerbs {
  return {
    async readComment(of) {
      const thread = await readThread(connection, of)
      const comment = thread === undefined ? undefined : commentsIn(thread).find(one => one.commentId === of.commentId)
      return comment === undefined ? { found: false } : { found: true, comment }
    },

    async ensureComment(of) {
      const content = marked(of.text, of.topic)
      const own = of.again ? await ownComment(connection, whoAmI, of) : undefined
      if (own === undefined) return createReply(connection, of, content)
      if (sameText(own.content, content)) return { commentId: own.commentId }
      return updateComment(connection, of, own.commentId, content)
    },

    async ensureCommentDeleted(of) {
      const git = await connection.git()
      await git.deleteComment(of.repositoryId, of.pullRequestId, of.threadId, of.commentId, of.projectId)
    },

    async ensureThreadClosed(of) {
      const thread = await readThread(connection, of)
      if (thread === undefined) return { closed: false }
      if (!isOpen(thread)) return { closed: true }
      if (!(await isOnlyTheirs(thread, of.commentId, whoAmI))) return { closed: false }
      const git = await connection.git()
      const closed = await git.updateThread(
        { status: CommentThreadStatus.Closed },
        of.repositoryId,
        of.pullRequestId,
        of.threadId,
        of.projectId,
      )
      return { closed: closed !== null }
    },
  }
}

/** The comments of people and services in a thread that are still there; votes, pushes and the like are no comments to us. */
export function commentsIn(thread: GitPullRequestCommentThread): Comment[] {
  const first = thread.comments?.[0]?.id
  const location = locationOf(thread)
  return present(thread).map(comment => ({
    commentId: comment.id ?? 0,
    threadId: thread.id ?? 0,
    author: personOf(comment.author),
    text: comment.content ?? '',
    publishedAt: comment.publishedDate ?? new Date(0),
    edited: comment.lastContentUpdatedDate?.getTime() !== comment.publishedDate?.getTime(),
    opensThread: comment.id === first,
    ...(location === undefined ? {} : { location }),
  }))
}

function present(thread: GitPullRequestCommentThread): ApiComment[] {
  if (thread.isDeleted === true) return []
  return (thread.comments ?? []).filter(
    comment => comment.isDeleted !== true && comment.commentType === CommentType.Text,
  )
}

function locationOf(thread: GitPullRequestCommentThread): Comment['location'] {
  const context = thread.threadContext
  if (context?.filePath === undefined || context.filePath === null) return undefined
  // A comment on removed lines has only left positions; a comment on the file as a whole has none.
  const startLine = (context.rightFileStart ?? context.leftFileStart)?.line ?? 1
  const endLine = (context.rightFileEnd ?? context.leftFileEnd)?.line ?? startLine
  return { path: context.filePath.replace(/^\//, ''), startLine, endLine: Math.max(startLine, endLine) }
}

async function readThread(connection: Connection, of: Thread): Promise<GitPullRequestCommentThread | undefined> {
  const git = await connection.git()
  return (await git.getPullRequestThread(of.repositoryId, of.pullRequestId, of.threadId, of.projectId)) ?? undefined
}

function isOpen(thread: GitPullRequestCommentThread): boolean {
  const status = thread.status ?? CommentThreadStatus.Unknown
  return (
    status === CommentThreadStatus.Unknown ||
    status === CommentThreadStatus.Active ||
    status === CommentThreadStatus.Pending
  )
}

async function isOnlyTheirs(
  thread: GitPullRequestCommentThread,
  commandId: number,
  whoAmI: () => Promise<Person>,
): Promise<boolean> {
  const comments = commentsIn(thread)
  const command = comments.find(comment => comment.commentId === commandId)
  if (command === undefined || !command.opensThread) return false
  const me = await whoAmI()
  return comments.every(comment => comment.author.id === command.author.id || comment.author.id === me.id)
}

/** Invisible in the page, and at the end, where a preview in a mail does not show it. */
function marker(topic: string): string {
  return `<!-- code-agent:${topic} -->`
}

/** What a comment of ours is about; only our own are, whatever marker another bears. */
export function topicOf(text: string): string | undefined {
  return /<!-- code-agent:(\S+) -->$/.exec(text.trimEnd())?.[1]
}

function marked(text: string, topic: string): string {
  return `${text.trimEnd()}\n\n${marker(topic)}`
}

/** Only a comment by this identity can be ours, whatever it bears: markers are text that anybody can copy. */
async function ownComment(
  connection: Connection,
  whoAmI: () => Promise<Person>,
  of: Thread & { topic: string },
): Promise<{ commentId: number; content: string } | undefined> {
  const [thread, me] = await Promise.all([readThread(connection, of), whoAmI()])
  const own =
    thread &&
    present(thread).find(
      comment => comment.author?.id === me.id && comment.content?.trimEnd().endsWith(marker(of.topic)),
    )
  return own?.id === undefined ? undefined : { commentId: own.id, content: own.content ?? '' }
}

function sameText(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n').trimEnd() === other.replaceAll('\r\n', '\n').trimEnd()
}

async function createReply(
  connection: Connection,
  of: Thread & Again,
  content: string,
): Promise<{ commentId: number }> {
  const git = await connection.git()
  const reply = { content, parentCommentId: 1, commentType: CommentType.Text }
  return idOf(await git.createComment(reply, of.repositoryId, of.pullRequestId, of.threadId, of.projectId))
}

async function updateComment(
  connection: Connection,
  of: Thread,
  commentId: number,
  content: string,
): Promise<{ commentId: number }> {
  const git = await connection.git()
  return idOf(
    await git.updateComment({ content }, of.repositoryId, of.pullRequestId, of.threadId, commentId, of.projectId),
  )
}

function idOf(comment: ApiComment | null): { commentId: number } {
  if (comment?.id === undefined) throw missing('the thread to answer in')
  return { commentId: comment.id }
}
