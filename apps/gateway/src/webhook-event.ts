import { randomUUID } from 'node:crypto'
import { z } from 'zod'

/** Events we act on: a comment on a pull request, in the one version that names its pull request (azure-devops.md §1). */
const eventType = 'ms.vss-code.git-pullrequest-comment-event'
const resourceVersion = '2.0'

const Envelope = z.object({
  eventType: z.string(),
  resourceVersion: z.string().optional(),
  subscriptionId: z.string().max(100).optional(),
  notificationId: z.number().int().optional(),
  id: z.string().max(100).optional(),
})

/** They become parts of addresses. */
const Guid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)

const CommentResource = z.object({
  comment: z.object({
    id: z.number().int().min(1),
    content: z.string().optional(),
    commentType: z.string().optional(),
    isDeleted: z.boolean().optional(),
    publishedDate: z.string().optional(),
    lastContentUpdatedDate: z.string().optional(),
    author: z.object({
      id: z.string().min(1).max(100),
      displayName: z.string().max(500).default(''),
      uniqueName: z.string().max(500).default(''),
      descriptor: z.string().max(500).optional(),
    }),
    // The thread's id is nowhere but in this link.
    _links: z.object({ threads: z.object({ href: z.string().max(2_000) }) }),
  }),
  pullRequest: z.object({
    pullRequestId: z.number().int().min(1),
    repository: z.object({ id: Guid, project: z.object({ id: Guid }) }),
  }),
})

export type NewComment = {
  /** As deliveries are told apart: Azure DevOps keeps the notification's number over its retries. */
  delivery: { source: string; id: string; eventType: string }
  projectId: string
  repositoryId: string
  pullRequestId: number
  threadId: number
  commentId: number
  author: { id: string; displayName: string; uniqueName: string }
  text: string
}

export type WebhookEvent = { kind: 'comment'; comment: NewComment } | { kind: 'ignored'; because: IgnoredBecause }
export const ignoredBecause = [
  'unreadable',
  'too-large',
  'other-event',
  'other-version',
  'deleted',
  'edited',
  'system-comment',
  'service-account',
  'no-command',
  'own-comment',
] as const
export type IgnoredBecause = (typeof ignoredBecause)[number]

/** Reads a delivery's body. Whatever is not a new comment of a person is ignored, saying why; nothing throws. */
export function readWebhookEvent(body: Buffer): WebhookEvent {
  const envelope = Envelope.safeParse(json(body))
  if (!envelope.success) return ignored('unreadable')
  if (envelope.data.eventType !== eventType) return ignored('other-event')
  if (envelope.data.resourceVersion !== resourceVersion) return ignored('other-version')
  const resource = z.object({ resource: CommentResource }).safeParse(json(body))
  if (!resource.success) return ignored('unreadable')
  const { comment, pullRequest } = resource.data.resource
  if (comment.isDeleted || comment.content === undefined) return ignored('deleted')
  if (comment.lastContentUpdatedDate !== comment.publishedDate) return ignored('edited')
  if (comment.commentType !== undefined && comment.commentType !== 'text') return ignored('system-comment')
  if (comment.author.descriptor?.startsWith('svc.')) return ignored('service-account')
  const threadId = lastNumber(comment._links.threads.href)
  if (threadId === undefined) return ignored('unreadable')
  return {
    kind: 'comment',
    comment: {
      delivery: {
        source: envelope.data.subscriptionId ?? 'unknown',
        id: String(envelope.data.notificationId ?? envelope.data.id ?? randomUUID()),
        eventType,
      },
      projectId: pullRequest.repository.project.id,
      repositoryId: pullRequest.repository.id,
      pullRequestId: pullRequest.pullRequestId,
      threadId,
      commentId: comment.id,
      author: { id: comment.author.id, displayName: comment.author.displayName, uniqueName: comment.author.uniqueName },
      text: comment.content,
    },
  }
}

function ignored(because: IgnoredBecause): WebhookEvent {
  return { kind: 'ignored', because }
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function lastNumber(href: string): number | undefined {
  const digits = /\/threads\/(\d{1,10})\/?$/i.exec(href)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
