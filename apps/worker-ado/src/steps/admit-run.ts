import type { AzureDevOps, Comment, PullRequest } from '@code-agent/ado/port'
import { userSegment } from '@code-agent/command/names'
import { Superseded } from '@code-agent/jobs/errors'
import { type Limit, limitSentence } from '@code-agent/jobs/limits'
import type { StepResult } from '@code-agent/jobs/steps'
import type { LinkToRun } from '@code-agent/service/link-settings'
import type { Admission } from '@code-agent/store/admission'
import type { Budgets } from '@code-agent/store/budgets'
import type { Conclude } from '@code-agent/store/conclude'
import type { Effects } from '@code-agent/store/effects'
import type { Read, Run } from '@code-agent/store/read'
import { type StepInput, workingRun } from '@code-agent/store/served-run'
import type { Slugs } from '@code-agent/store/slugs'
import type { Transitions } from '@code-agent/store/transitions'
import { beginRun } from '../begin-run.ts'
import { freeSlug } from '../free-slug.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'

type Ports = {
  store: Read & Transitions & Slugs & Effects & Pick<Conclude, 'leasedUntil'> & Budgets
  ado: AzureDevOps
  effects: RunEffects
  /** Drafts target the branch of the commented pull request, or what that one targets. */
  draftTarget: 'source' | 'target'
  /** On runs and variants at once. */
  runLimits: readonly Limit[]
  /** Where a run can be watched, if there is such a page. */
  pageOf?: LinkToRun | undefined
}

/** Verifies the request in Azure DevOps itself, pins the base, and tells the author that it began; or refuses with a reason. */
export function admitRun({ store, ado, effects, draftTarget, runLimits, pageOf }: Ports) {
  const begin = beginRun({ store, ado, effects, pageOf })

  return async ({ runId, generation }: StepInput): Promise<StepResult> => {
    const run = await workingRun(store, { runId, generation, states: ['accepted'] })
    const verified = await verify(ado, run)
    if ('refused' in verified) {
      await store.refuse({ runId, generation, reason: verified.refused })
      return { outcome: 'refused' }
    }
    const reached = run.admission ? undefined : await store.runLimitReached({ runId, limits: runLimits })
    if (reached) {
      await store.refuse({ runId, generation, reason: limitSentence(reached) })
      return { outcome: 'refused' }
    }
    const admission = run.admission ?? (await pin(verified, run))
    await begin(run, admission)
    return { outcome: 'done' }
  }

  async function pin({ comment, pullRequest }: Verified, run: Run): Promise<Admission> {
    const user = userSegment(run.requester)
    const slug = await freeSlug({ store, ado }, run, user)
    const admission = await store.admit({
      runId: run.runId,
      generation: run.generation,
      admission: {
        slug,
        userSegment: user,
        baseCommit: pullRequest.sourceCommit,
        targetCommit: pullRequest.targetCommit,
        sourceBranch: pullRequest.sourceBranch,
        targetBranch: pullRequest.targetBranch,
        draftTarget: draftTarget === 'source' ? pullRequest.sourceBranch : pullRequest.targetBranch,
        pullRequest: { title: pullRequest.title, description: pullRequest.description },
        workItemIds: pullRequest.workItemIds,
        opensThread: comment.opensThread,
        location: comment.location ?? null,
      },
    })
    if (!admission) throw new Superseded('the run moved on while it was admitted')
    return admission
  }
}

type Verified = { comment: Comment; pullRequest: PullRequest }

/** What the webhook claimed, asked of Azure DevOps: nothing of a payload is believed. */
async function verify(ado: AzureDevOps, run: Run): Promise<Verified | { refused: string }> {
  const at = { ...repositoryOf(run), pullRequestId: run.key.pullRequestId }
  const read = await ado.readComment({ ...at, threadId: run.key.threadId, commentId: run.key.commentId })
  if (!read.found) return { refused: 'The comment is gone, so nothing was started.' }
  const { comment } = read
  if (comment.author.id !== run.requester.id)
    return { refused: 'The comment is not by whom its event said, so nothing was started.' }
  if (comment.text.trim() !== run.commentText.trim()) {
    return {
      refused:
        'The comment was changed before it could be read, so nothing was started. Write a new comment with what you want.',
    }
  }
  if (comment.author.isService) return { refused: 'Service accounts may not start edits here.' }
  const me = await ado.whoAmI()
  if (me.id === comment.author.id) return { refused: 'Comments of this bot start nothing.' }
  const found = await ado.readPullRequest(at)
  if (!found.found) return { refused: 'The pull request could not be found, so nothing was started.' }
  const { pullRequest } = found
  if (pullRequest.status !== 'active')
    return { refused: `The pull request is ${pullRequest.status}. Reactivate it, or comment on an active one.` }
  if (pullRequest.repository.isDisabled) return { refused: 'The repository is disabled.' }
  if (pullRequest.fromFork)
    return { refused: 'The pull request comes from a fork. Edits are made only on branches of the repository itself.' }
  const permission = await ado.mayContribute({ ...repositoryOf(run), identityId: comment.author.id })
  if (!permission.allowed) return { refused: permission.because }
  return { comment, pullRequest }
}
