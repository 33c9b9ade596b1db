import type { AzureDevOps } from '@code-agent/ado/port'
import { help, invalidCommand } from '@code-agent/command/comments'
import { parseCommand } from '@code-agent/command/grammar'
import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import { RequestKey } from '@code-agent/jobs/run'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Effects } from '@code-agent/store/effects'
import type { Read } from '@code-agent/store/read'
import type { Tasks } from '@code-agent/store/tasks'
import type { Transitions } from '@code-agent/store/transitions'
import { z } from 'zod'
import { cancelRuns } from '../cancel-runs.ts'
import { CommentReference } from '../references.ts'
import type { TaskInput } from '../task.ts'

const AnswerComment = z.object({
  key: RequestKey,
  projectId: z.string(),
  authorId: z.string(),
  commentText: z.string(),
})
export type AnswerComment = z.infer<typeof AnswerComment>

type Ports = {
  store: Tasks & Claims & Read & Transitions & Effects
  ado: AzureDevOps
  holder: string
  limits: { maxVariants: number }
}

/** Answers /help and commands that are not right, and carries out /cancel; the comment is read back first. */
export function answerComment({ store, ado, holder, limits }: Ports) {
  const cancel = cancelRuns({ store, ado, holder })

  return async (input: TaskInput): Promise<StepResult> => {
    const asked = AnswerComment.parse((await store.task(input.taskId))?.payload)
    const text = await answer(input, asked)
    if (text !== undefined) await reply(input, asked, text)
    await store.finishTask({ ...input, result: { answered: text !== undefined } })
    return { outcome: 'done' }
  }

  /** Nothing for a comment that is gone, changed, or not by whom its event said. */
  async function answer(input: TaskInput, asked: AnswerComment): Promise<string | undefined> {
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
    if (command.kind === 'cancel') return await cancel(input, asked, read.comment.author)
    return undefined
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
