import { type Child, type Html, html } from './html.ts'
import { clock, duration, stepWords } from './page-words.ts'
import type { StepState, StepTrail, Try } from './step-trail.ts'

const signs: Record<StepState, [sign: string, word: string]> = {
  'to-come': ['·', 'to come'],
  queued: ['○', 'queued'],
  running: ['●', 'running'],
  retrying: ['↻', 'is tried again'],
  waiting: ['‖', 'waiting'],
  done: ['✓', 'done'],
  failed: ['✕', 'failed'],
  'left-out': ['–', 'left out'],
}

/** The steps of a variant or a run in their order, each with its tries. `key` keeps what is unfolded unfolded. */
export function stepsView(trails: StepTrail[], of: { key: string; now: Date }): Html {
  return html`<ol class="steps">${trails.map(trail => stepView(trail, of))}</ol>`
}

function stepView(trail: StepTrail, of: { key: string; now: Date }): Html {
  const { step, state, tries, until, why } = trail
  const [sign, word] = signs[state]
  const last = tries.at(-1)
  const since = state === 'running' && last ? last.startedAt : undefined
  return html`<li class="step ${state}"><span class="sign" aria-hidden="true">${sign}</span><span class="does">${stepWords[step].does}<span class="hidden">: ${word}</span>
${state === 'waiting' && until && html`<span class="why">until ${clock(until)}</span>`}
${(state === 'retrying' || state === 'failed') && why && html`<span class="why">${why}</span>`}</span>
<span class="took"${since && html` data-since="${since.getTime()}"`}>${tookOf(tries, of.now)}</span>
${tries.length > 1 && triesView(trail, of)}</li>`
}

function tookOf(tries: Try[], now: Date): Child {
  if (tries.length === 0) return undefined
  return duration(tries.reduce((sum, one) => sum + lengthOf(one, now), 0))
}

function lengthOf({ startedAt, endedAt, ending }: Try, now: Date): number {
  if (endedAt === null && ending === 'lost') return 0
  return (endedAt ?? now).getTime() - startedAt.getTime()
}

const endings: Record<Try['ending'], string> = {
  running: 'running',
  done: 'done',
  failed: 'failed',
  retry: 'tried again',
  postponed: 'postponed',
  superseded: 'no longer wanted',
  lost: 'lost',
}

function triesView({ step, tries }: StepTrail, { key, now }: { key: string; now: Date }): Html {
  const rows = tries.map(
    one =>
      html`<li>${clock(one.startedAt)}, ${duration(lengthOf(one, now))}, ${endings[one.ending]}${one.why && html`: <span class="why">${one.why}</span>`}</li>`,
  )
  return html`<details class="tries" data-key="${key}-${step}"><summary>${tries.length} tries<span class="hidden"> of “${stepWords[step].does}”</span></summary><ol>${rows}</ol></details>`
}
