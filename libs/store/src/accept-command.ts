import { randomUUID } from 'node:crypto'
import type { RequestKey } from '@code-agent/jobs/run'
import type { Accept, Delivery } from './accept.ts'
import type { Requester } from './schema.ts'

/** A comment that is a command, wherever it was learnt of: by its event, or by looking. */
export type CommandComment = {
  key: RequestKey
  projectId: string
  author: Requester
  text: string
  delivery: Delivery
  /** W3C traceparent of what found it. */
  traceContext?: string | undefined
}

/** As the grammar reads it; all but `edit` are answered, and only by text. */
export type Command = { kind: 'edit'; intent: string; variants: number } | { kind: 'help' | 'cancel' | 'invalid' }

export type Accepted = { accepted: boolean } & ({ runId: string } | { taskId: string })

/**
 * One comment, one run or one answer, however often and by whichever way it is told of: its place is its key.
 * Once this returned, it is durable.
 */
export async function acceptCommand(
  store: Pick<Accept, 'acceptRun' | 'acceptTask'>,
  comment: CommandComment,
  command: Command,
): Promise<Accepted> {
  const { key, projectId, author, text, delivery, traceContext } = comment
  if (command.kind === 'edit') {
    const { intent, variants } = command
    return await store.acceptRun({
      runId: randomUUID(),
      ...{ key, projectId, requester: author, commentText: text, intent, variants, delivery, traceContext },
    })
  }
  const { organisation, repositoryId, pullRequestId, threadId, commentId } = key
  return await store.acceptTask({
    taskId: randomUUID(),
    kind: 'answer-comment',
    uniqueKey: [organisation, repositoryId, pullRequestId, threadId, commentId].join('/'),
    payload: { key, projectId, authorId: author.id, commentText: text },
    delivery,
    traceContext,
  })
}
