import type { AzureDevOps } from '@code-agent/ado/port'
import { draftDescription } from '@code-agent/command/draft-description'
import { branchName, draftTitle } from '@code-agent/command/names'
import type { StepResult } from '@code-agent/jobs/steps'
import type { PathRule } from '@code-agent/patch/path-policy'
import type { Effects } from '@code-agent/store/effects'
import type { Patch, Patches } from '@code-agent/store/patches'
import type { Read } from '@code-agent/store/read'
import { type ServedVariant, type VariantInput, workingVariant } from '@code-agent/store/served-run'
import type { Usage, UsagePart } from '@code-agent/store/usage'
import type { Variants } from '@code-agent/store/variants'
import { DraftReference } from '../references.ts'
import { judged } from '../refuse-blocked.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'
import { stillPermitted } from '../still-permitted.ts'
import { variantLanded } from '../variant-landed.ts'
import { usedBy } from '../variant-report.ts'

type Ports = {
  store: Read & Patches & UsagePart & Variants & Effects
  ado: AzureDevOps
  effects: RunEffects
  pathRules: readonly PathRule[]
}

/** The draft is what the author gets: with it the variant is done. */
export function openDraftPr({ store, ado, effects, pathRules }: Ports) {
  return async (input: VariantInput): Promise<StepResult> => {
    const served = await workingVariant(store, input)
    const { run, admission } = served
    const [patch, usage] = await Promise.all([store.patch(input), store.usageOf(run.runId)])
    if (!patch) throw new Error(`variant ${input.variant} has no patch`)
    await stillPermitted(ado, run)
    const sourceBranch = branchName({ user: admission.userSegment, slug: admission.slug, variant: input.variant })
    const reference = await effects({
      ...input,
      organisation: run.key.organisation,
      states: ['running'],
      kind: 'open-draft-pr',
      reference: DraftReference,
      act: ({ again }) =>
        ado.ensureDraftPr({
          ...repositoryOf(run),
          again,
          sourceBranch,
          targetBranch: admission.draftTarget,
          title: draftTitle({ variant: input.variant, slug: admission.slug }),
          description: describe({ served, patch, usage, ado, pathRules }),
          reviewerIds: [run.requester.id],
          workItemIds: admission.workItemIds,
          labels: ['code-agent'],
        }),
    })
    await variantLanded(store, { ...input, branch: sourceBranch, ...reference }, patch)
    return { outcome: 'done', reference: String(reference.pullRequestId) }
  }
}

function describe({
  served,
  patch,
  usage,
  ado,
  pathRules,
}: {
  served: ServedVariant
  patch: Patch
  usage: Usage[]
  ado: AzureDevOps
  pathRules: readonly PathRule[]
}): string {
  const { run, admission, variant } = served
  const used = usedBy(usage, variant.variant)
  return draftDescription({
    variant: variant.variant,
    variants: run.variantCount,
    intent: run.intent,
    requester: run.requester.displayName,
    comment: { url: ado.links.comment({ ...repositoryOf(run), ...run.key }), pullRequestId: run.key.pullRequestId },
    ...(variant.strategy ? { strategy: `${variant.strategy.name}: ${variant.strategy.brief}` } : {}),
    summary: patch.summary,
    files: patch.changes.map(change => change.path),
    changes: patch.stats,
    review: judged(patch, pathRules).review,
    ...(used ? { usage: used } : {}),
    workItemIds: admission.workItemIds,
  })
}
