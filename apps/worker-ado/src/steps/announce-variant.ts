import type { AzureDevOps } from '@code-agent/ado/port'
import { variantDone, variantFailed } from '@code-agent/command/comments'
import type { StepResult } from '@code-agent/jobs/steps'
import type { Run } from '@code-agent/store/read'
import { type VariantInput, variantOf } from '@code-agent/store/served-run'
import type { UsagePart } from '@code-agent/store/usage'
import { CommentReference } from '../references.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'
import { variantReport } from '../variant-report.ts'

type Ports = {
  store: UsagePart
  ado: AzureDevOps
  effects: RunEffects
  adopt: (input: VariantInput) => Promise<Run>
}

/** Says DONE or FAILED in the thread, whether or not the chain below succeeded. */
export function announceVariant({ store, ado, effects, adopt }: Ports) {
  return async (input: VariantInput): Promise<StepResult> => {
    const run = await adopt(input)
    const { variant } = variantOf(run, input.variant)
    // The overview says once for all of them what was not begun or was stopped.
    if (!variant.outcome) return { outcome: 'done' }
    const report = variantReport({ run, variant, usage: await store.usageOf(run.runId), ado })
    const { draft } = report
    await effects({
      ...input,
      organisation: run.key.organisation,
      kind: 'announce-variant',
      reference: CommentReference,
      act: ({ again }) =>
        ado.ensureComment({
          ...repositoryOf(run),
          pullRequestId: run.key.pullRequestId,
          again,
          threadId: run.key.threadId,
          topic: `${run.runId}/v${input.variant}`,
          text: draft && report.outcome === 'done' ? variantDone({ ...report, draft }) : variantFailed(report),
        }),
    })
    return { outcome: 'done' }
  }
}
