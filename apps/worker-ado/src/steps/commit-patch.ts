import type { AzureDevOps } from '@code-agent/ado/port'
import { commitMessage, variantTrailer } from '@code-agent/command/commit-message'
import { branchName } from '@code-agent/command/names'
import type { StepResult } from '@code-agent/jobs/steps'
import type { PathRule } from '@code-agent/patch/path-policy'
import type { Patches } from '@code-agent/store/patches'
import type { Read } from '@code-agent/store/read'
import { type VariantInput, workingVariant } from '@code-agent/store/served-run'
import { CommitReference } from '../references.ts'
import { refuseBlocked } from '../refuse-blocked.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'
import { stillPermitted } from '../still-permitted.ts'

type Ports = {
  store: Read & Patches
  ado: AzureDevOps
  effects: RunEffects
  /** Put into the commit message to keep CI from running on drafts, as in `[skip ci]`; the project's settings go before it. */
  ciMarker: string | undefined
  /** The installation's rules on paths. */
  pathRules: readonly PathRule[]
}

/** One push creates branch and commit on the pinned base. */
export function commitPatch({ store, ado, effects, ciMarker, pathRules }: Ports) {
  return async (input: VariantInput): Promise<StepResult> => {
    const { run, admission } = await workingVariant(store, input)
    const patch = await store.patch(input)
    if (!patch) throw new Error(`variant ${input.variant} has no patch to commit`)
    refuseBlocked(patch, pathRules)
    await stillPermitted(ado, run)
    const branch = branchName({ user: admission.userSegment, slug: admission.slug, variant: input.variant })
    const { commit } = await effects({
      ...input,
      organisation: run.key.organisation,
      states: ['running'],
      kind: 'commit-patch',
      reference: CommitReference,
      act: ({ again }) =>
        ado.ensureCommit({
          ...repositoryOf(run),
          again,
          branch,
          base: admission.baseCommit,
          changes: patch.changes,
          author: { name: run.requester.displayName, email: run.requester.uniqueName },
          trailer: variantTrailer(input),
          message: commitMessage({
            ...input,
            summary: patch.summary,
            intent: run.intent,
            requester: run.requester,
            ciMarker: admission.ciMarker ?? ciMarker ?? '',
          }),
        }),
    })
    return { outcome: 'done', reference: commit }
  }
}
