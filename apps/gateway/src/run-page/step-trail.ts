import { azureDevOpsGate } from '@code-agent/jobs/organisation'
import { type StepName, steps } from '@code-agent/jobs/steps'
import type { Attempt } from '@code-agent/store/run-page-reads'
import { parties, stepWords } from './page-words.ts'
import type { PageFacts } from './read-page.ts'

/** How a step stands. `left-out`: its run or variant ended without it. */
export type StepState = 'to-come' | 'queued' | 'running' | 'retrying' | 'waiting' | 'done' | 'failed' | 'left-out'

/** How one try ended. `lost`: its worker was never heard of again. */
type TryEnding = 'running' | 'done' | 'failed' | 'retry' | 'postponed' | 'superseded' | 'lost'

export type Try = { startedAt: Date; endedAt: Date | null; ending: TryEnding; why: string | undefined }

export type StepTrail = {
  step: StepName
  state: StepState
  /** Why it is tried again, waits or failed. */
  why: string | undefined
  /** Waiting until then. */
  until: Date | undefined
  tries: Try[]
}

/**
 * Who reads: whoever has the link reads our own words; what a server answered is for those who operate this. Texts lose
 * secrets, and what cannot be seen.
 */
export type Reader = { isOperator: boolean; redact(text: string): string }

/** Errors of ours are written for people; the messages of all others tell of hosts and insides. */
const ourOwn = new Set(['Rejected', 'Throttled', 'Postponed', 'Superseded'])

/** How the given steps of one variant (0: of the run itself) went, in their order. `isOver`: nothing more will come of them. */
export function stepTrails(
  facts: PageFacts,
  of: { variant: number; steps: readonly StepName[]; isOver: boolean; reader: Reader },
): StepTrail[] {
  const own = facts.attempts.filter(attempt => attempt.variant === of.variant)
  let before: StepState = 'done'
  return of.steps.map(step => {
    const trail = trailOf(
      facts,
      step,
      own.filter(attempt => attempt.step === step),
      of,
    )
    const state = trail.state === 'to-come' && before === 'done' && !of.isOver ? 'queued' : trail.state
    before = state
    return { ...trail, state }
  })
}

function trailOf(
  facts: PageFacts,
  step: StepName,
  attempts: Attempt[],
  { isOver, reader }: { isOver: boolean; reader: Reader },
): StepTrail {
  const last = attempts.at(-1)
  const tries = attempts.map(attempt => {
    const lost = attempt.outcome === null && (attempt !== last || isOver || attempt.generation < facts.run.generation)
    const ending: TryEnding = attempt.outcome ?? (lost ? 'lost' : 'running')
    const { startedAt, endedAt } = attempt
    return { startedAt, endedAt, ending, why: whyOf(attempt, ending, reader) }
  })
  const known = { step, tries, why: tries.at(-1)?.why, until: undefined }
  const ending = tries.at(-1)?.ending
  if (tries.some(one => one.ending === 'done')) return { ...known, state: 'done', why: undefined }
  if (ending === undefined || ending === 'superseded') return { ...known, state: isOver ? 'left-out' : 'to-come' }
  if (ending === 'failed') return { ...known, state: 'failed' }
  if (isOver) return { ...known, state: 'left-out' }
  if (ending === 'running') return { ...known, state: 'running' }
  if (ending !== 'postponed') return { ...known, state: 'retrying' }
  const wait = waitOf(facts, step, last)
  if (wait === undefined) return { ...known, state: 'queued', why: undefined }
  return { ...known, state: 'waiting', until: wait.until, why: reader.redact(wait.why) }
}

/** Until when, and why: the gate that is closed for this step's party, else what the try itself was told. */
function waitOf(facts: PageFacts, step: StepName, last: Attempt | undefined): { until: Date; why: string } | undefined {
  const own = azureDevOpsGate(facts.run.key.organisation)
  const isTheirs = (gate: string) => (steps[step].queue === 'ado' ? gate === own : !gate.startsWith('azure-devops/'))
  const gate = steps[step].queue === 'flow' ? undefined : facts.gates.find(one => isTheirs(one.gate))
  if (gate) return { until: gate.until, why: gate.reason }
  if (!last?.resumesAt || last.resumesAt <= facts.now) return undefined
  return { until: last.resumesAt, why: last.message ?? '' }
}

function whyOf({ step, reasonClass, message }: Attempt, ending: TryEnding, reader: Reader): string | undefined {
  if (ending === 'lost') return 'Its worker stopped without a word; another one takes over.'
  if (ending === 'done' || ending === 'running' || message === null) return undefined
  if (reader.isOperator || ourOwn.has(reasonClass ?? '')) return reader.redact(message)
  const party = isStep(step) ? parties[steps[step].queue] : 'a server'
  return `${party.charAt(0).toUpperCase()}${party.slice(1)} did not answer as it should.`
}

export function isStep(name: string): name is StepName {
  return Object.hasOwn(stepWords, name)
}
