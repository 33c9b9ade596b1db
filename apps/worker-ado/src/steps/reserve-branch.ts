import type { AzureDevOps } from '@code-agent/ado/port'
import { variantTrailer } from '@code-agent/command/commit-message'
import { branchName } from '@code-agent/command/names'
import { Rejected } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Read } from '@code-agent/store/read'
import { type VariantInput, workingVariant } from '@code-agent/store/served-run'
import { repositoryOf } from '../repository-of.ts'

/** Is the name free and allowed? The branch itself appears with its commit: no orphan, no idle CI run. */
export function reserveBranch({ store, ado }: { store: Read; ado: AzureDevOps }) {
  return async (input: VariantInput): Promise<StepResult> => {
    const { run, admission } = await workingVariant(store, input)
    const branch = branchName({ user: admission.userSegment, slug: admission.slug, variant: input.variant })
    const probe = await ado.probeBranch({ ...repositoryOf(run), branch })
    const ours = probe.state === 'taken' && probe.trailers['code-agent-variant'] === variantTrailer(input)
    if (probe.state === 'blocked') throw new Rejected(`The branch “${probe.by}” stands in the way of “${branch}”.`)
    if (probe.state === 'taken' && !ours) throw new Rejected(`Somebody else made the branch “${branch}” meanwhile.`)
    return { outcome: 'done', reference: branch }
  }
}
