/** What the comments tell of a variant; fields that are not known yet are absent. */
export type VariantReport = {
  variant: number
  outcome: 'done' | 'failed' | 'cancelled'
  /** What it does, in one sentence of the model. */
  summary?: string
  /** Why there is no draft, in a sentence for the reader. */
  reason?: string
  strategy?: string
  changes?: ChangeCount
  draft?: { pullRequestId: number; url: string }
  branch?: string
  usage?: Usage
  /** An earlier variant with nearly the same result. */
  similarTo?: number
  /** An earlier variant that has much of its result, short of nearly all. */
  shares?: { with: number; percent: number }
  /** What a reviewer should look at twice: `changes package.json`. */
  marks?: string[]
}

export type ChangeCount = { files: number; additions: number; deletions: number }

/**
 * Tokens in and out together, and how many of them were read from the model's cache; money in US dollars, absent when the
 * model has no price in the configuration.
 */
export type Usage = { tokens: number; cachedTokens?: number; costUsd?: number }

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `2 files, +10 −3` */
export function changesOf(changes: ChangeCount): string {
  return `${countOf(changes.files, 'file')}, +${changes.additions} −${changes.deletions}`
}

/** `12,345 tokens (70 % cached), $0.04`; what costs less than a cent is said so, not rounded to nothing. */
export function usageOf(usage: Usage): string {
  const percent = Math.floor((100 * (usage.cachedTokens ?? 0)) / Math.max(1, usage.tokens))
  const cached = percent === 0 ? '' : ` (${percent} % cached)`
  const tokens = usage.tokens === 1 ? '1 token' : `${usage.tokens.toLocaleString('en-US')} tokens${cached}`
  if (usage.costUsd === undefined) return tokens
  const cost = usage.costUsd > 0 && usage.costUsd < 0.01 ? 'under $0.01' : `$${usage.costUsd.toFixed(2)}`
  return `${tokens}, ${cost}`
}
