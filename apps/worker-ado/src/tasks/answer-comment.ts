import type { AzureDevOps, Person } from '@code-agent/ado/port'
import { cancelled, help, invalidCommand } from '@code-agent/command/comments'
import { parseCommand } from '@code-agent/command/grammar'
import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import { RequestKey } from '@code-agent/jobs/run'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Read } from '@code-agent/store/read'
import type { Tasks } from '@code-agent/store/tasks'
import type { Transitions } from '@code-agent/store/transitions'
import { z } from 'zod'
import { CommentReference } from '../references.ts'
import type { TaskInput } from '../task.ts'

export const AnswerComment = z.object({
  key: RequestKey,
  projectId: z.string(),
  authorId: z.string(),
  commentText: z.string(),
})
type AnswerComment = z.infer<typeof AnswerComment>

type Ports = {
  store: Tasks & Claims & Read & Transitions
  ado: AzureDevOps
  holder: string
  limits: { maxVariants: number }
}

/** Answers /help and commands that are not right, and carries out /cancel; the comment is read back first. */
export function answerComment({ store, ado, holder, limits }: Ports) {
  return async (input: TaskInput): Promise<StepResult> => {
    const asked = AnswerComment.parse((await store.task(input.taskId))?.payload)
    const text = await answer(asked)
    if (text !== undefined) await reply(input, asked, text)
    await store.finishTask({ ...input, result: { answered: text !== undefined } })
    return { outcome: 'done' }
  }

  /** Nothing for a comment that is gone, changed, or not by whom its event said. */
  async function answer(asked: AnswerComment): Promise<string | undefined> {
    const at = { projectId: asked.projectId, ...asked.key }
    const read = await ado.readComment(at)
    if (
      !read.found ||
      read.comment.author.id !== asked.authorId ||
      read.comment.text.trim() !== asked.commentText.trim()
    )
      return undefined
    if (read.comment.author.isService || read.comment.author.id === (await ado.whoAmI()).id) return undefined
    const command = parseCommand(asked.commentText, limits)
    if (command.kind === 'help') return help(limits)
    if (command.kind === 'invalid') return invalidCommand({ problem: command.problem })
    if (command.kind === 'cancel') return cancel(asked, read.comment.author, read.comment.opensThread)
    return undefined
  }

  /** In a run's thread its run, elsewhere on the pull request all of them; by who asked for it, or anybody who may contribute. */
  async function cancel(asked: AnswerComment, author: Person, opensThread: boolean): Promise<string> {
    const { threadId, commentId: _, ...pullRequest } = asked.key
    const open = await store.runs({
      filter: { ...pullRequest, ...(opensThread ? {} : { threadId }), states: ['accepted', 'ready', 'running'] },
    })
    if (open.length === 0) return cancelled({ state: 'nothing-to-cancel' })
    const permission = await ado.mayContribute({
      projectId: asked.projectId,
      repositoryId: asked.key.repositoryId,
      identityId: author.id,
    })
    const theirs = open.filter(run => permission.allowed || run.requester.id === author.id)
    for (const { runId } of theirs) {
      await store.cancel({ runId, by: author.id, cause: 'cancelled', reason: `Cancelled by ${author.displayName}.` })
    }
    return theirs.length > 0
      ? cancelled({ state: 'cancelled', by: author.displayName })
      : cancelled({ state: 'not-allowed', reason: permission.because })
  }

  async function reply(input: TaskInput, asked: AnswerComment, text: string): Promise<void> {
    await withEffect(
      store,
      {
        scope: { taskId: input.taskId },
        generation: input.generation,
        kind: 'answer',
        reference: CommentReference,
        guard: 'report',
        holder,
        gates: [azureDevOpsGate(asked.key.organisation)],
      },
      ({ again }) =>
        ado.ensureComment({
          projectId: asked.projectId,
          ...asked.key,
          again,
          topic: `answer/${asked.key.commentId}`,
          text,
        }),
    )
  }
}
