import type { AzureDevOps, PullRequest } from '@code-agent/ado/port'
import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Log } from '@code-agent/service/log'
import type { Tracing } from '@code-agent/service/tracing'
import type { Accept } from '@code-agent/store/accept'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Settings } from '@code-agent/store/settings'
import type { Tasks } from '@code-agent/store/tasks'
import { z } from 'zod'
import { missedCommands } from '../missed-commands.ts'
import type { TaskInput } from '../task.ts'
import type { WatchHooks } from '../watch-hooks.ts'

const PollComments = z.object({ organisation: z.string() })

/** `baseline`: what was written before the installation is nobody's business. Both in the time of Azure DevOps. */
const Watermark = z.object({ baseline: z.coerce.date(), readUntil: z.coerce.date() })

export const PollResult = z.object({ found: z.number(), seen: z.number() })
export type PollResult = z.infer<typeof PollResult>

/** What was written shortly before the last look is looked at again: lists shift while they are read, and clocks differ. */
const overlapMs = 10 * 60_000
const renewEveryMs = 10_000

type Ports = {
  store: Tasks & Claims & Settings & Pick<Accept, 'acceptRun' | 'acceptTask'>
  ado: AzureDevOps
  holder: string
  organisation: string
  limits: { maxVariants: number }
  watchHooks: WatchHooks
  /** Told of each look that came to its end. */
  observe: (looked: PollResult) => void
  log: Log
  tracing: Tracing
}

/**
 * Finds commands whose event never came. What was found before, or whose event came after all, is known by its key.
 * On the way it removes comments of ours that were doubled against all odds.
 */
export function pollComments({ store, ado, holder, organisation, limits, watchHooks, observe, log, tracing }: Ports) {
  const take = missedCommands({ store, organisation, limits, log, tracing })
  const watermarkName = `poll-comments/${organisation}`

  return async (input: TaskInput & { signal: AbortSignal }): Promise<StepResult> => {
    const { taskId, generation, signal } = input
    const asked = PollComments.parse((await store.task(taskId))?.payload)
    // The organisation of an earlier configuration, which this credential cannot ask.
    const isOurs = asked.organisation === organisation
    const result = isOurs ? await claimed({ taskId, generation, signal }) : { found: 0, seen: 0 }
    await store.finishTask({ taskId, generation, result })
    return { outcome: 'done' }
  }

  /** Claimed for the gate, and so that a long look is known to be under way. */
  async function claimed({ taskId, generation, signal }: TaskInput & { signal: AbortSignal }) {
    return await withEffect(
      store,
      {
        scope: { taskId },
        ...{ generation, number: generation, kind: 'poll-comments', guard: 'report', holder, renewEveryMs, signal },
        gates: [azureDevOpsGate(organisation)],
        reference: PollResult,
      },
      async how => {
        await watchHooks()
        return await poll(how.signal)
      },
    )
  }

  async function poll(signal: AbortSignal): Promise<PollResult> {
    const startedAt = await ado.serverTime()
    const stored = Watermark.safeParse(await store.setting(watermarkName)).data
    const { baseline, readUntil } = stored ?? { baseline: secondAfter(startedAt), readUntil: startedAt }
    const since = new Date(Math.max(baseline.getTime(), readUntil.getTime() - overlapMs))
    const result = { found: 0, seen: 0 }
    if (stored) {
      for await (const { pullRequest, comments, doubled } of ado.listCommentsSince({ since })) {
        signal.throwIfAborted()
        result.seen += comments.length
        for (const comment of comments) if (await take(pullRequest, comment)) result.found += 1
        for (const double of doubled) await removeDouble(pullRequest, double)
      }
    }
    // Only now: had one pull request not been read, its commands would be passed over for ever.
    await store.saveSetting(watermarkName, { baseline: baseline.toISOString(), readUntil: startedAt.toISOString() })
    observe(result)
    return result
  }

  /** A request of ours was given up, made again, and then landed after all. */
  async function removeDouble(pullRequest: PullRequest, double: { threadId: number; commentId: number }) {
    const { id: repositoryId, projectId } = pullRequest.repository
    const at = { projectId, repositoryId, pullRequestId: pullRequest.pullRequestId, ...double }
    log.warn(at, 'a comment of ours stands twice: removing the later one')
    await ado.ensureCommentDeleted(at)
  }
}

/** Their clock is told to the second only: what was written earlier in that second is older too. */
function secondAfter(moment: Date): Date {
  return new Date(moment.getTime() + 1_000)
}
