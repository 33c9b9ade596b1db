import { parseCommand } from '@code-agent/command/grammar'
import type { Accept } from '@code-agent/store/accept'
import { acceptCommand } from '@code-agent/store/accept-command'
import type { Settings } from '@code-agent/store/settings'
import { ownIdentity } from './own-identity.ts'
import { type IgnoredBecause, type NewComment, readWebhookEvent } from './webhook-event.ts'

export type Received =
  | { outcome: 'ignored'; because: IgnoredBecause }
  | { outcome: 'accepted' | 'known'; runId: string }
  | { outcome: 'answered'; taskId: string }

/** `traceContext`: W3C traceparent of the delivery's span. */
export type Receive = (body: Buffer, organisation: string, traceContext?: string) => Promise<Received>

/**
 * What becomes of an authentic delivery. One statement makes it durable before anybody is told that it arrived.
 * @throws when Postgres did not take it: the sender must try again
 */
export function receiver(
  store: Pick<Accept, 'acceptRun' | 'acceptTask'> & Pick<Settings, 'identity'>,
  limits: { maxVariants: number },
): Receive {
  const ownId = ownIdentity(store)
  return async (body, organisation, traceContext) => {
    const event = readWebhookEvent(body)
    if (event.kind === 'ignored') return { outcome: 'ignored', because: event.because }
    const { comment } = event
    const command = parseCommand(comment.text, limits)
    if (command.kind === 'none') return { outcome: 'ignored', because: 'no-command' }
    if ((await ownId(organisation)) === comment.author.id) return { outcome: 'ignored', because: 'own-comment' }
    const taken = await acceptCommand(
      store,
      {
        key: requestKey(organisation, comment),
        projectId: comment.projectId,
        author: comment.author,
        text: comment.text,
        delivery: { organisation, ...comment.delivery },
        traceContext,
      },
      command,
    )
    if ('taskId' in taken) return { outcome: 'answered', taskId: taken.taskId }
    return { outcome: taken.accepted ? 'accepted' : 'known', runId: taken.runId }
  }
}

function requestKey(organisation: string, comment: NewComment) {
  const { repositoryId, pullRequestId, threadId, commentId } = comment
  return { organisation, repositoryId, pullRequestId, threadId, commentId }
}
