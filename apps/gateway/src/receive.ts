import { randomUUID } from 'node:crypto'
import { parseCommand } from '@code-agent/command/grammar'
import type { Accept } from '@code-agent/store/accept'
import type { Settings } from '@code-agent/store/settings'
import { type IgnoredBecause, type NewComment, readWebhookEvent } from './webhook-event.ts'

export type Received =
  | { outcome: 'ignored'; because: IgnoredBecause }
  | { outcome: 'accepted' | 'known'; runId: string }
  | { outcome: 'answered'; taskId: string }

export type Receive = (body: Buffer, organisation: string) => Promise<Received>

/**
 * What becomes of an authentic delivery. One statement makes it durable before anybody is told that it arrived.
 * @throws when Postgres did not take it: the sender must try again
 */
export function receiver(
  store: Pick<Accept, 'acceptRun' | 'acceptTask'> & Pick<Settings, 'identity'>,
  limits: { maxVariants: number },
): Receive {
  return async (body, organisation) => {
    const event = readWebhookEvent(body)
    if (event.kind === 'ignored') return { outcome: 'ignored', because: event.because }
    const { comment } = event
    const command = parseCommand(comment.text, limits)
    if (command.kind === 'none') return { outcome: 'ignored', because: 'no-command' }
    if ((await store.identity(organisation))?.id === comment.author.id)
      return { outcome: 'ignored', because: 'own-comment' }
    const key = requestKey(organisation, comment)
    if (command.kind === 'edit') {
      const { accepted, runId } = await store.acceptRun({
        runId: randomUUID(),
        key,
        projectId: comment.projectId,
        requester: comment.author,
        commentText: comment.text,
        intent: command.intent,
        variants: command.variants,
        delivery: { organisation, ...comment.delivery },
      })
      return { outcome: accepted ? 'accepted' : 'known', runId }
    }
    const { taskId } = await store.acceptTask({
      taskId: randomUUID(),
      kind: 'answer-comment',
      uniqueKey: Object.values(key).join('/'),
      payload: {
        key,
        projectId: comment.projectId,
        authorId: comment.author.id,
        commentText: comment.text,
      },
      delivery: { organisation, ...comment.delivery },
    })
    return { outcome: 'answered', taskId }
  }
}

function requestKey(organisation: string, comment: NewComment) {
  const { repositoryId, pullRequestId, threadId, commentId } = comment
  return { organisation, repositoryId, pullRequestId, threadId, commentId }
}
