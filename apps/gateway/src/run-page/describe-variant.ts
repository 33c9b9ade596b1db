import type { VariantOutcome } from '@code-agent/jobs/run'
import { type StepName, steps } from '@code-agent/jobs/steps'
import type { Run, Variant } from '@code-agent/store/read'
import type { Usage } from '@code-agent/store/usage'
import { clock, parties, stepWords } from './page-words.ts'
import type { PageFacts } from './read-page.ts'
import { type Reader, type StepState, type StepTrail, stepTrails } from './step-trail.ts'

export type VariantState = VariantOutcome | Extract<StepState, 'queued' | 'running' | 'retrying' | 'waiting'> | 'ending'

export type VariantStory = {
  variant: number
  state: VariantState
  /** What it is doing, or what became of it, in one sentence. */
  sentence: string
  way: { name: string; brief: string } | undefined
  summary: string | undefined
  trails: StepTrail[]
  used: { tokens: number; costUsd?: number } | undefined
  models: string[]
  pullRequestId: number | null
  branch: string | undefined
  changes: { files: number; additions: number; deletions: number } | undefined
}

const stepsOfVariant: StepName[] = [
  'reserve-branch',
  'write-patch',
  'commit-patch',
  'open-draft-pr',
  'announce-variant',
]

export function describeVariant(facts: PageFacts, variant: Variant, reader: Reader): VariantStory {
  const { run } = facts
  const isOver = run.state === 'ended' || run.state === 'ending' || variant.outcome !== null
  const begun = stepTrails(facts, { variant: variant.variant, steps: stepsOfVariant, isOver, reader })
  const trails = withReports(facts, begun, variant, reader)
  const { files, additions, deletions } = variant
  const calls = facts.usage.filter(call => call.variant === variant.variant)
  const say = (text: string | null | undefined) => (text ? reader.redact(text) : undefined)
  return {
    variant: variant.variant,
    ...standing(run, variant, trails, reader),
    way: variant.strategy
      ? { name: reader.redact(variant.strategy.name), brief: reader.redact(variant.strategy.brief) }
      : undefined,
    summary: say(variant.summary),
    trails,
    used: usedIn(calls),
    models: [...new Set(calls.map(call => reader.redact(call.model)))],
    pullRequestId: variant.pullRequestId,
    branch: say(variant.branch),
    changes: files === null || additions === null || deletions === null ? undefined : { files, additions, deletions },
  }
}

/** A variant that has its outcome is still told of in the thread: that step goes on while the run does. */
function withReports(
  facts: PageFacts,
  trails: StepTrail[],
  { variant, outcome }: Variant,
  reader: Reader,
): StepTrail[] {
  if (outcome === null || outcome === 'cancelled' || facts.run.state === 'ended') return trails
  const telling = stepTrails(facts, { variant, steps: ['announce-variant'], isOver: false, reader })
  return [...trails.slice(0, -1), ...telling]
}

/** Tokens and money in all; without a price as soon as one call has none. Undefined when no call was made. */
export function usedIn(calls: Usage[]): { tokens: number; costUsd?: number } | undefined {
  if (calls.length === 0) return undefined
  const tokens = calls.reduce(
    (sum, call) => sum + call.inputTokens + call.outputTokens + call.cacheReadTokens + call.cacheWriteTokens,
    0,
  )
  const costs = calls.map(call => call.costUsd)
  return costs.includes(null)
    ? { tokens }
    : { tokens, costUsd: costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) }
}

function standing(
  run: Run,
  variant: Variant,
  trails: StepTrail[],
  reader: Reader,
): { state: VariantState; sentence: string } {
  const { outcome } = variant
  const reason = reader.redact(variant.reason ?? '')
  if (outcome === 'done') return { state: outcome, sentence: reader.redact(variant.summary ?? 'Its draft is open.') }
  if (outcome === 'failed') return { state: outcome, sentence: reason || 'The reason is not known.' }
  if (outcome === 'cancelled') return { state: outcome, sentence: reason || 'It was stopped.' }
  if (run.state === 'ending' || run.state === 'ended')
    return { state: 'ending', sentence: 'It is being brought to its end.' }
  if (run.state !== 'running') return { state: 'queued', sentence: 'It has not begun yet.' }
  const current = trails.find(trail => trail.state !== 'done')
  return current === undefined ? { state: 'running', sentence: 'Its draft is open.' } : atStep(current)
}

/** Where a variant or a run stands, told by the step it is at. */
export function atStep({ step, state, why, until, tries }: StepTrail): { state: VariantState; sentence: string } {
  const { does, doing } = stepWords[step]
  const because = why ? `: ${why}` : '.'
  if (state === 'running') return { state, sentence: tries.length > 1 ? `${doing}, try ${tries.length}.` : `${doing}.` }
  if (state === 'retrying') return { state, sentence: `“${does}” is tried again${because}` }
  if (state === 'waiting')
    return {
      state,
      sentence: `Waiting for ${parties[steps[step].queue]} until ${until ? clock(until) : 'later'}${because}`,
    }
  if (state === 'failed') return { state: 'ending', sentence: `“${does}” failed${because}` }
  return { state: 'queued', sentence: `Next: ${does.charAt(0).toLowerCase()}${does.slice(1)}.` }
}
