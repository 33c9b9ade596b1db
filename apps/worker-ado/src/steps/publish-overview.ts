import type { AzureDevOps } from '@code-agent/ado/port'
import { refusal, sections } from '@code-agent/command/comments'
import { removedBranches } from '@code-agent/command/kept-and-removed'
import { type Overview, overview } from '@code-agent/command/overview'
import { Comparison } from '@code-agent/jobs/comparison'
import { Rejected } from '@code-agent/jobs/errors'
import type { StepResult } from '@code-agent/jobs/steps'
import type { LinkToRun } from '@code-agent/service/link-settings'
import type { Conclude } from '@code-agent/store/conclude'
import type { Effects } from '@code-agent/store/effects'
import type { JsonValue } from '@code-agent/store/json'
import type { Read, Run } from '@code-agent/store/read'
import { reportedRun, type StepInput } from '@code-agent/store/served-run'
import type { Transitions } from '@code-agent/store/transitions'
import type { Usage, UsagePart } from '@code-agent/store/usage'
import type { z } from 'zod'
import { draftlessBranches } from '../draftless-branches.ts'
import { finalStatus } from '../final-status.ts'
import { CommentReference, StatusReference, ThreadReference } from '../references.ts'
import { repositoryOf } from '../repository-of.ts'
import type { RunEffects } from '../run-effects.ts'
import { usedInAll, variantReport } from '../variant-report.ts'

type Ports = {
  store: Read & UsagePart & Conclude & Transitions & Effects
  ado: AzureDevOps
  effects: RunEffects
  /** Where a run can be watched, if there is such a page. */
  pageOf?: LinkToRun | undefined
}

/** The last word: overview, status, closed thread. Only then has the run ended. */
export function publishOverview({ store, ado, effects, pageOf }: Ports) {
  return async (input: StepInput): Promise<StepResult> => {
    // Decides in its place if conclude-run failed for good; changes nothing otherwise.
    await store.conclude(input)
    const run = await reportedRun(store, input)
    const page = pageOf?.(run)
    const said = { ...overviewOf(run, await store.usageOf(run.runId), ado), ...(page === undefined ? {} : { page }) }
    const removed = removedBranches(await draftlessBranches(store, run))
    const at = { ...repositoryOf(run), pullRequestId: run.key.pullRequestId }
    const { report, rejections } = reporter(run, input)
    await report('publish-overview', CommentReference, again =>
      ado.ensureComment({
        ...at,
        again,
        threadId: run.key.threadId,
        topic: `${run.runId}/overview`,
        text:
          run.outcome === 'refused'
            ? refusal({ reason: run.reason ?? 'The reason is not known.' })
            : sections(overview(said), removed),
      }),
    )
    if (await store.effect({ scope: { runId: input.runId }, kind: 'status-pending' })) {
      await report('status-final', StatusReference, again =>
        ado.ensureStatus({ ...at, again, ...finalStatus(run, page) }),
      )
    }
    if (run.admission?.opensThread) {
      await report('close-thread', ThreadReference, again =>
        ado.ensureThreadClosed({ ...at, again, threadId: run.key.threadId, commentId: run.key.commentId }),
      )
    }
    const undeliverable = rejections.map(error => error.message).join(' ')
    await store.ended({ ...input, ...(undeliverable ? { undeliverable } : {}) })
    return { outcome: 'done' }
  }

  /** What Azure DevOps refuses for good does not keep the other words from being said. */
  function reporter(run: Run, input: StepInput) {
    const rejections: Rejected[] = []
    const report = async <T extends JsonValue>(
      kind: string,
      reference: z.ZodType<T>,
      act: (again: boolean) => Promise<T>,
    ) => {
      try {
        await effects({ ...input, organisation: run.key.organisation, kind, reference, act: ({ again }) => act(again) })
      } catch (error) {
        if (!(error instanceof Rejected)) throw error
        rejections.push(error)
      }
    }
    return { report, rejections }
  }
}

function overviewOf(run: Run, usage: Usage[], ado: AzureDevOps): Overview {
  const { order = run.variants.map(({ variant }) => ({ variant })), recommended } =
    Comparison.safeParse(run.overview).data ?? {}
  const variants = order.flatMap(compared => {
    const variant = run.variants.find(candidate => candidate.variant === compared.variant)
    return variant ? [variantReport({ run, variant, usage, ado, compared })] : []
  })
  return {
    outcome: run.outcome === 'done' || run.outcome === 'cancelled' ? run.outcome : 'failed',
    variants,
    ...(recommended === undefined ? {} : { recommended }),
    ...(run.reason ? { reason: run.reason } : {}),
    usage: usedInAll(usage),
  }
}
