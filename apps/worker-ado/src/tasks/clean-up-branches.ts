import type { AzureDevOps } from '@code-agent/ado/port'
import { variantTrailer } from '@code-agent/command/commit-message'
import { branchName } from '@code-agent/command/names'
import { Rejected } from '@code-agent/jobs/errors'
import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import type { StepResult } from '@code-agent/jobs/steps'
import type { LinkToRun } from '@code-agent/service/link-settings'
import type { Admission } from '@code-agent/store/admission'
import type { Claims } from '@code-agent/store/claim'
import { withEffect } from '@code-agent/store/effect'
import type { Effects } from '@code-agent/store/effects'
import type { Read, Run } from '@code-agent/store/read'
import type { Tasks } from '@code-agent/store/tasks'
import { z } from 'zod'
import { finalStatus } from '../final-status.ts'
import { CommitReference, StatusReference } from '../references.ts'
import { repositoryOf } from '../repository-of.ts'
import type { TaskInput } from '../task.ts'

const CleanUpBranches = z.object({ runId: z.uuid(), status: z.boolean().default(false) })
const Deletion = z.object({ branch: z.string(), deleted: z.boolean(), because: z.string() })
type Deletion = z.infer<typeof Deletion>

type Ports = {
  store: Tasks & Claims & Read & Effects
  ado: AzureDevOps
  holder: string
  /** Where a run can be watched, if there is such a page. */
  pageOf?: LinkToRun | undefined
}

/**
 * Removes the branches of an ended run that got no draft, each only while its tip is the commit this run made. Says the
 * last status again, where it may not be the last that Azure DevOps heard.
 */
export function cleanUpBranches({ store, ado, holder, pageOf }: Ports) {
  return async (input: TaskInput): Promise<StepResult> => {
    const { runId, status } = CleanUpBranches.parse((await store.task(input.taskId))?.payload)
    const run = await store.run(runId)
    const results: Deletion[] = []
    for (const { variant, outcome } of run?.variants ?? []) {
      if (run?.admission && outcome !== 'done') results.push(await removed(input, run, run.admission, variant))
    }
    if (run && status) await sayStatusAgain(input, run)
    await store.finishTask({ ...input, result: { results } })
    return { outcome: 'done' }
  }

  /** The first status, given up and made again, may have landed after the last one; or nobody got to say the last one. */
  async function sayStatusAgain({ taskId, generation }: TaskInput, run: Run): Promise<void> {
    const at = { ...repositoryOf(run), pullRequestId: run.key.pullRequestId }
    await withEffect(
      store,
      {
        scope: { taskId },
        ...{ generation, kind: 'status-again', guard: 'report', holder, reference: StatusReference },
        gates: [azureDevOpsGate(run.key.organisation)],
      },
      () => ado.ensureStatus({ ...at, ...finalStatus(run, pageOf?.(run)), again: true }),
    )
  }

  async function removed(input: TaskInput, run: Run, admission: Admission, variant: number): Promise<Deletion> {
    const branch = branchName({ user: admission.userSegment, slug: admission.slug, variant })
    return await withEffect(
      store,
      {
        scope: { taskId: input.taskId },
        ...{ generation: input.generation, variant, kind: 'delete-branch', guard: 'report', holder },
        gates: [azureDevOpsGate(run.key.organisation)],
        reference: Deletion,
      },
      async ({ again }) => ({ branch, ...(await remove(run, { branch, variant, again, admission })) }),
    )
  }

  async function remove(
    run: Run,
    { branch, variant, again, admission }: { branch: string; variant: number; again: boolean; admission: Admission },
  ): Promise<{ deleted: boolean; because: string }> {
    const probe = await ado.probeBranch({ ...repositoryOf(run), branch })
    if (probe.state !== 'taken') return { deleted: false, because: 'there is no such branch' }
    const { runId } = run
    const made = await store.effect({ scope: { runId }, variant, kind: 'commit-patch' })
    // Of a push nobody heard the answer of, the trailer tells whether it is ours.
    const ours = probe.trailers['code-agent-variant'] === variantTrailer({ runId, variant }) ? probe.commit : undefined
    const commit = CommitReference.safeParse(made?.reference).data?.commit ?? ours
    if (commit !== probe.commit) return { deleted: false, because: 'somebody has pushed to it since' }
    const targetBranch = admission.draftTarget
    const draft = await ado.findDraftPr({ ...repositoryOf(run), sourceBranch: branch, targetBranch })
    if (draft.found) return { deleted: false, because: `pull request ${draft.pullRequestId} comes from it` }
    return await ado.ensureBranchDeleted({ ...repositoryOf(run), branch, commit, again }).catch(refused)
  }
}

/** What Azure DevOps refuses for one branch does not keep the others. */
function refused(error: unknown): { deleted: boolean; because: string } {
  if (error instanceof Rejected) return { deleted: false, because: error.message }
  throw error
}
