import type { Comment, PullRequest } from '@code-agent/ado/port'
import { parseCommand } from '@code-agent/command/grammar'
import type { Log } from '@code-agent/service/log'
import type { Tracing } from '@code-agent/service/tracing'
import type { Accept } from '@code-agent/store/accept'
import { acceptCommand } from '@code-agent/store/accept-command'

type Ports = {
  store: Pick<Accept, 'acceptRun' | 'acceptTask'>
  organisation: string
  limits: { maxVariants: number }
  log: Log
  tracing: Tracing
}

/** Takes a comment that was found by looking as if its event had come, by the same rules: an edited one starts nothing. */
export function missedCommands({ store, organisation, limits, log, tracing }: Ports) {
  /** @returns whether it was news */
  return async (pullRequest: PullRequest, comment: Comment): Promise<boolean> => {
    const command = parseCommand(comment.text, limits)
    if (command.kind === 'none' || comment.edited) return false
    const { threadId, commentId, author } = comment
    const { id: repositoryId, projectId } = pullRequest.repository
    const key = { organisation, repositoryId, pullRequestId: pullRequest.pullRequestId, threadId, commentId }
    const delivery = { source: 'poll-comments', id: Object.values(key).join('/'), organisation }
    const { id, displayName, uniqueName } = author
    // A trace of its own for each, as if its event had come, linked with the look that found it.
    return await tracing.span(
      { name: 'accept missed command', parent: null, links: [tracing.here().traceparent] },
      async span => {
        const { traceparent: traceContext } = span
        const person = { id, displayName, uniqueName }
        const found = { key, projectId, author: person, text: comment.text, delivery, traceContext }
        const taken = await acceptCommand(store, found, command)
        span.set({ 'code_agent.accepted': taken.accepted })
        if (taken.accepted) log.warn({ ...key, command: command.kind }, 'found a command whose event did not come')
        return taken.accepted
      },
    )
  }
}
