import { countOf } from '@code-agent/command/report'
import type { StepName } from '@code-agent/jobs/steps'
import type { Run } from '@code-agent/store/read'
import type { Wait } from '@code-agent/store/waits'
import { atStep, describeVariant, usedIn, type VariantState, type VariantStory } from './describe-variant.ts'
import { clock } from './page-words.ts'
import type { PageFacts } from './read-page.ts'
import { type Reader, type StepTrail, stepTrails } from './step-trail.ts'

export type RunStory = {
  state: VariantState | 'refused'
  headline: string
  /** Why, or what it is at. */
  sentence: string
  intent: string | undefined
  askedBy: string | undefined
  baseCommit: string | undefined
  sourceBranch: string | undefined
  /** Steps of the run itself: before its variants, and after them. */
  before: StepTrail[]
  after: StepTrail[]
  variants: VariantStory[]
  used: { tokens: number; costUsd?: number } | undefined
  planning: { tokens: number; costUsd?: number } | undefined
}

const opening: StepName[] = ['admit-run', 'plan-run']
const closing: StepName[] = ['conclude-run', 'publish-overview']

/** What a run's page says, with every text of people, models and servers rid of secrets; markup is made of it elsewhere. */
export function describeRun(facts: PageFacts, reader: Reader): RunStory {
  const { run } = facts
  const say = (text: string | null | undefined) => (text ? reader.redact(text) : undefined)
  const before = stepTrails(facts, { variant: 0, steps: opening, isOver: isPast(run), reader })
  const after = stepTrails(facts, { variant: 0, steps: closing, isOver: run.state === 'ended', reader })
  const variants = run.variants.map(variant => describeVariant(facts, variant, reader))
  const isForgotten = run.forgottenAt !== null
  return {
    ...headlineOf(run, variants),
    sentence: reader.redact(sentenceOf(facts, before, after)),
    intent: isForgotten ? undefined : say(run.intent),
    askedBy: isForgotten ? undefined : say(run.requester.displayName || run.requester.uniqueName),
    baseCommit: run.admission?.baseCommit,
    sourceBranch: say(run.admission?.sourceBranch),
    before,
    // A step that nothing waits for yet is not "next".
    after: run.state === 'ending' || run.state === 'ended' ? after : after.map(trail => restingUnlessBegun(trail)),
    variants,
    used: usedIn(facts.usage),
    planning: usedIn(facts.usage.filter(call => call.variant === 0)),
  }
}

function isPast({ state }: Run): boolean {
  return state !== 'accepted'
}

function restingUnlessBegun(trail: StepTrail): StepTrail {
  return trail.state === 'queued' && trail.tries.length === 0 ? { ...trail, state: 'to-come' } : trail
}

function headlineOf(run: Run, variants: VariantStory[]): Pick<RunStory, 'state' | 'headline'> {
  const done = variants.filter(({ state }) => state === 'done').length
  const all = countOf(run.variantCount, 'draft')
  const ofAll =
    done === run.variantCount
      ? done === 1
        ? 'The draft is ready'
        : `All ${all} are ready`
      : `${done} of ${all} are ready`
  if (run.outcome === 'refused') return { state: 'refused', headline: 'Refused' }
  if (run.outcome === 'cancelled') return { state: 'cancelled', headline: 'Cancelled' }
  if (run.outcome === 'done') return { state: 'done', headline: ofAll }
  if (run.outcome === 'failed') return { state: 'failed', headline: 'No draft this time' }
  switch (run.state) {
    case 'accepted':
      return { state: run.dispatchedAt ? 'running' : 'queued', headline: 'Reading the request' }
    case 'ready':
      return { state: 'queued', headline: 'Planned, and about to begin' }
    case 'running':
      return { state: 'running', headline: done > 0 ? `At work, ${ofAll}` : `At work on ${all}` }
    case 'ending':
    case 'ended':
      return { state: 'ending', headline: 'Coming to its end' }
  }
}

function sentenceOf({ run, wait, gates, now }: PageFacts, before: StepTrail[], after: StepTrail[]): string {
  if (run.state === 'ended') return run.reason ?? ''
  if (wait && (wait.cause !== 'gate' || run.state !== 'running')) return waitSentence(wait)
  if (run.state === 'accepted') return current(before)
  if (run.state === 'ready') return 'The ways are planned; its variants begin as soon as there is a place.'
  if (run.state === 'ending') return run.reason ?? current(after)
  const [gate] = gates
  if (gate) return `Something it needs must rest until ${clock(gate.until)}: ${gate.reason}`
  if (run.deadline)
    return `It has until ${clock(run.deadline)} (${minutes(run.deadline.getTime() - now.getTime())} from now).`
  return ''
}

function current(trails: StepTrail[]): string {
  const open = trails.find(({ state }) => state !== 'done' && state !== 'to-come')
  return open ? atStep(open).sentence : ''
}

function minutes(ms: number): string {
  return countOf(Math.max(0, Math.round(ms / 60_000)), 'minute')
}

function waitSentence(wait: Wait): string {
  if (wait.cause === 'pause')
    return `The service is paused ${wait.ofRepository ? 'for this repository' : 'here'}: ${wait.reason}`
  if (wait.cause === 'gate') return `Waiting until ${clock(wait.until)}: ${wait.reason}`
  if (wait.ahead === 0) return 'It is next.'
  return `Waiting for a place: ${countOf(wait.ahead, 'request is', 'requests are')} ahead of it.`
}
