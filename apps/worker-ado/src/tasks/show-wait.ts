import type { AzureDevOps } from '@code-agent/ado/port'
import { waiting } from '@code-agent/command/comments'
import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Pauses } from '@code-agent/store/pauses'
import type { Read, Run } from '@code-agent/store/read'
import type { Tasks } from '@code-agent/store/tasks'
import { z } from 'zod'
import { CommentReference } from '../references.ts'
import { repositoryOf } from '../steps/admit-run.ts'
import type { TaskInput } from '../task.ts'

const ShowWait = z.object({ runId: z.uuid() })

type Ports = { store: Tasks & Claims & Read & Pauses; ado: AzureDevOps; holder: string }

/** Tells who asked that the request waits behind a pause, and why; nobody, if it goes on meanwhile. */
export function showWait({ store, ado, holder }: Ports) {
  return async (input: TaskInput): Promise<StepResult> => {
    const { runId } = ShowWait.parse((await store.task(input.taskId))?.payload)
    const run = await store.run(runId)
    const reason = run && (await pausedBecause(run))
    if (run && reason !== undefined && (await isTheirs(run))) await say(input, run, reason)
    await store.finishTask({ ...input, result: { shown: reason !== undefined } })
    return { outcome: 'done' }
  }

  async function pausedBecause(run: Run): Promise<string | undefined> {
    if (!['accepted', 'ready'].includes(run.state)) return undefined
    const { organisation, repositoryId } = run.key
    const pauses = (await store.pauses()).filter(pause => pause.organisation === organisation)
    const pause = pauses.find(one => one.repositoryId === null || one.repositoryId === repositoryId)
    return pause && `The service is paused ${pause.repositoryId ? 'for this repository' : 'here'}: ${pause.reason}`
  }

  /** A request that was not admitted yet is only what somebody claimed: nobody is answered who did not write there. */
  async function isTheirs(run: Run): Promise<boolean> {
    const { pullRequestId, threadId, commentId } = run.key
    const read = await ado.readComment({ ...repositoryOf(run), pullRequestId, threadId, commentId })
    return read.found && read.comment.author.id === run.requester.id && !read.comment.author.isService
  }

  async function say(input: TaskInput, run: Run, reason: string): Promise<void> {
    const { organisation, pullRequestId, threadId } = run.key
    await withEffect(
      store,
      {
        scope: { taskId: input.taskId },
        generation: input.generation,
        kind: 'show-wait',
        reference: CommentReference,
        guard: 'report',
        holder,
        gates: [azureDevOpsGate(organisation)],
      },
      ({ again }) =>
        ado.ensureComment({
          ...repositoryOf(run),
          ...{ pullRequestId, threadId, again },
          topic: `${run.runId}/wait`,
          text: waiting({ reason }),
        }),
    )
  }
}
