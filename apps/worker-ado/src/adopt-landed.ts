import type { AzureDevOps } from '@code-agent/ado/port'
import { branchName } from '@code-agent/command/names'
import { Postponed } from '@code-agent/jobs/errors'
import type { Admission } from '@code-agent/store/admission'
import type { Conclude } from '@code-agent/store/conclude'
import type { Effects } from '@code-agent/store/effects'
import type { Patches } from '@code-agent/store/patches'
import type { Read, Run } from '@code-agent/store/read'
import { reportedRun, type VariantInput, variantOf } from '@code-agent/store/served-run'
import type { Variants } from '@code-agent/store/variants'
import { repositoryOf } from './repository-of.ts'
import { variantLanded } from './variant-landed.ts'

type Ports = { store: Read & Effects & Conclude & Variants & Patches; ado: AzureDevOps }

/**
 * Before a variant is spoken of, what landed is written to it: a draft that stands in Azure DevOps is never called failed.
 * Whoever still holds an effect is waited for; what nobody holds any more is looked for outside.
 * @returns the run as it stands then
 */
export function adoptLanded({ store, ado }: Ports) {
  return async (input: VariantInput): Promise<Run> => {
    const run = await reportedRun(store, input)
    const { variant, admission } = variantOf(run, input.variant)
    if (variant.outcome) return run
    const until = await store.leasedUntil(input)
    if (until) throw new Postponed('an effect is under way', { until })
    const draft = await landedDraft(input, run, admission)
    if (!draft) return run
    await variantLanded(store, { ...input, ...draft })
    return await reportedRun(store, input)
  }

  async function landedDraft(
    input: VariantInput,
    run: Run,
    admission: Admission,
  ): Promise<{ branch: string; pullRequestId: number } | undefined> {
    const effect = await store.effect({ scope: { runId: input.runId }, variant: input.variant, kind: 'open-draft-pr' })
    if (!effect) return undefined
    const branch = branchName({ user: admission.userSegment, slug: admission.slug, variant: input.variant })
    const found = await ado.findDraftPr({
      ...repositoryOf(run),
      sourceBranch: branch,
      targetBranch: admission.draftTarget,
    })
    return found.found ? { branch, pullRequestId: found.pullRequestId } : undefined
  }
}
