import type { AzureDevOps } from '@code-agent/ado/port'
import { waiting, waitOver } from '@code-agent/command/comments'
import { Superseded } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import type { LinkToRun } from '@code-agent/service/link-settings'
import type { Effects } from '@code-agent/store/effects'
import type { Read, Run } from '@code-agent/store/read'
import type { Tasks } from '@code-agent/store/tasks'
import type { Wait, Waits } from '@code-agent/store/waits'
import { z } from 'zod'
import { CommentReference } from '../references.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'
import { startText } from '../start-text.ts'
import type { TaskInput } from '../task.ts'

const ShowWait = z.object({ runId: z.uuid() })

/** How often the comment was changed, and whether it tells of a wait now. */
const Shown = z.object({ changes: z.number(), waits: z.boolean() }).catch({ changes: 0, waits: false })
type Shown = z.infer<typeof Shown>

/** How soon it is looked whether the wait is over; each look leaves a row or two in the audit. */
const lookAgainSeconds = 15

type Ports = {
  store: Tasks & Read & Effects & Waits
  ado: AzureDevOps
  effects: RunEffects
  /** Where a run can be watched, if there is such a page. */
  pageOf?: LinkToRun | undefined
}

/**
 * Turns a run's start comment into one that says why it waits, and back when it goes on; one comment, changed in place.
 * The task stays open meanwhile. A run that is not admitted gets its start comment from this.
 */
export function showWait({ store, ado, effects, pageOf }: Ports) {
  return async (input: TaskInput): Promise<StepResult> => {
    const task = await store.task(input.taskId)
    const run = await store.run(ShowWait.parse(task?.payload).runId)
    const shown = Shown.parse(task?.result)
    const wait = run && (await store.waitOf(run.runId))
    if (!run || (!wait && !shown.waits)) await store.finishTask({ ...input, result: shown })
    else if (wait) await later(input, shown.waits ? shown : await show(run, shown, wait))
    else await back(input, run, shown)
    return { outcome: 'done' }
  }

  async function show(run: Run, shown: Shown, wait: Wait): Promise<Shown> {
    const mayTell = run.admission ? await isBegun(store, run) : await isTheirs(ado, run)
    if (!mayTell || !(await say(run, shown, textOf(run, wait)))) return shown
    return { changes: shown.changes + 1, waits: true }
  }

  async function back(input: TaskInput, run: Run, shown: Shown): Promise<void> {
    const text = await textAfter(run)
    if (text === undefined || !(await say(run, shown, text))) return later(input, shown)
    await store.finishTask({ ...input, result: { changes: shown.changes + 1, waits: false } })
  }

  /** Undefined as long as admit-run is about to say it. */
  async function textAfter(run: Run): Promise<string | undefined> {
    if (run.admission && (await isBegun(store, run))) return startText(run, run.admission, pageOf?.(run))
    return run.state === 'ended' ? waitOver() : undefined
  }

  async function later(input: TaskInput, result: Shown): Promise<void> {
    await store.postponeTask({ ...input, seconds: lookAgainSeconds, result })
  }

  /**
   * As work of this generation: who is dispatched meanwhile either sees that a comment is being written, or keeps it from
   * being written. @returns false if the run moved on
   */
  async function say(run: Run, shown: Shown, text: string): Promise<boolean> {
    const { runId, generation, state } = run
    const { organisation, pullRequestId, threadId } = run.key
    const comment = { ...repositoryOf(run), pullRequestId, threadId, topic: `${runId}/start`, text }
    const claim = { runId, generation, organisation, states: [state], kind: 'show-wait', number: shown.changes + 1 }
    try {
      await effects({
        ...claim,
        reference: CommentReference,
        act: () => ado.ensureComment({ ...comment, again: true }),
      })
      return true
    } catch (error) {
      if (error instanceof Superseded) return false
      throw error
    }
  }
}

function textOf(run: Run, wait: Wait): string {
  if (wait.cause === 'pause')
    return waiting({
      reason: `The service is paused ${wait.ofRepository ? 'for this repository' : 'here'}: ${wait.reason}`,
    })
  if (wait.cause === 'window')
    return waiting({ ahead: wait.ahead, reason: 'As many requests are worked on as this service takes on at once.' })
  const time = wait.until.toISOString().slice(11, 16)
  return waiting({ reason: `${wait.reason} It will be asked again at ${time} UTC.`, begun: run.state === 'running' })
}

async function isBegun(store: Effects, { runId }: Run): Promise<boolean> {
  return (await store.effect({ scope: { runId }, kind: 'start-comment' }))?.state === 'done'
}

/** A request that was not admitted yet is only what somebody claimed: nobody is answered who did not write there. */
async function isTheirs(ado: AzureDevOps, run: Run): Promise<boolean> {
  const { pullRequestId, threadId, commentId } = run.key
  const read = await ado.readComment({ ...repositoryOf(run), pullRequestId, threadId, commentId })
  return read.found && read.comment.author.id === run.requester.id && !read.comment.author.isService
}
