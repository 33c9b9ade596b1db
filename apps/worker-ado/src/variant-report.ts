import type { AzureDevOps } from '@code-agent/ado/port'
import type { Usage as Used, VariantReport } from '@code-agent/command/report'
import type { Comparison } from '@code-agent/jobs/comparison'
import type { Run, Variant } from '@code-agent/store/read'
import type { Usage } from '@code-agent/store/usage'
import { repositoryOf } from './repository-of.ts'

/** What the comments tell of a variant; one without outcome counts as failed. */
export function variantReport(of: {
  run: Run
  variant: Variant
  usage: Usage[]
  ado: Pick<AzureDevOps, 'links'>
  /** How it compares with the others, once that is known. */
  compared?: Comparison['order'][number] | undefined
}): VariantReport {
  const { run, variant, usage, ado, compared } = of
  const used = usedBy(usage, variant.variant)
  const at = { ...repositoryOf(run), pullRequestId: run.key.pullRequestId }
  const { summary, reason, branch, strategy, pullRequestId, files, additions, deletions } = variant
  return {
    variant: variant.variant,
    outcome: variant.outcome ?? 'failed',
    ...(summary ? { summary } : {}),
    ...(reason ? { reason } : {}),
    ...(branch ? { branch } : {}),
    ...(strategy ? { strategy: strategy.name } : {}),
    ...(pullRequestId ? { draft: { pullRequestId, url: ado.links.pullRequest({ ...at, pullRequestId }) } } : {}),
    ...(files === null || additions === null || deletions === null ? {} : { changes: { files, additions, deletions } }),
    ...(used ? { usage: used } : {}),
    ...(compared?.similarTo === undefined ? {} : { similarTo: compared.similarTo }),
    ...(compared?.shares === undefined ? {} : { shares: compared.shares }),
    ...(compared?.marks === undefined ? {} : { marks: compared.marks }),
  }
}

/** Tokens and money of one variant's calls; undefined when it made none. */
export function usedBy(usage: Usage[], variant: number): Used | undefined {
  const calls = usage.filter(call => call.variant === variant)
  return calls.length > 0 ? usedInAll(calls) : undefined
}

/** Money is left out as soon as the price of one call is not known. */
export function usedInAll(calls: Usage[]): Used {
  const tokens = calls.reduce(
    (sum, call) => sum + call.inputTokens + call.cacheReadTokens + call.cacheWriteTokens + call.outputTokens,
    0,
  )
  const cachedTokens = calls.reduce((sum, call) => sum + call.cacheReadTokens, 0)
  const costs = calls.map(call => call.costUsd)
  return costs.includes(null)
    ? { tokens, cachedTokens }
    : { tokens, cachedTokens, costUsd: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) }
}
