import { steps } from '@code-agent/jobs/steps'
import type { Attempt } from '@code-agent/store/run-page-reads'
import { type Html, html } from './html.ts'
import { duration, stepWords } from './page-words.ts'
import type { PageFacts } from './read-page.ts'
import { isStep } from './step-trail.ts'

const width = 1_000
const rowHeight = 18
/** A step of an instant is still to be seen. */
const leastBar = 3

/** Every try of every step as a bar, a row for the run and one for each variant. The lists below say the same in words. */
export function timelineView({ run, attempts, now }: PageFacts): Html {
  const from = run.createdAt.getTime()
  const span = Math.max(1_000, (run.endedAt ?? now).getTime() - from)
  const rows = [0, ...run.variants.map(({ variant }) => variant)]
  const x = (at: Date) => Math.min(width, Math.max(0, ((at.getTime() - from) / span) * width))
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(part => html`<span>${duration(span * part)}</span>`)
  return html`<section class="panel" id="timeline" data-live aria-labelledby="timeline-title">
<h2 id="timeline-title">Timeline</h2>
<p class="legend"><span class="key ado"></span>Azure DevOps <span class="key llm"></span>model <span class="key flow"></span>supervisor <span class="key trouble"></span>tried again or failed <span class="key held"></span>waiting</p>
<div class="chart" role="img" aria-label="When each step ran, in ${duration(span)}. The steps below say the same in words.">
${rows.map(
  row =>
    html`<span class="row-name">${row === 0 ? 'run' : `v${row}`}</span>${track(
      attempts.filter(attempt => attempt.variant === row),
      x,
      run.endedAt ?? now,
    )}`,
)}
<span></span><span class="ticks" aria-hidden="true">${ticks}</span>
</div>
</section>`
}

function track(attempts: Attempt[], x: (at: Date) => number, end: Date): Html {
  const bars = attempts
    .filter(({ outcome }) => outcome !== 'superseded')
    .map(attempt => {
      const until = attempt.outcome === 'postponed' ? later(attempt.resumesAt, end) : (attempt.endedAt ?? end)
      const left = Math.min(x(attempt.startedAt), width - leastBar)
      const title = html`<title>${nameOf(attempt)}, ${duration(until.getTime() - attempt.startedAt.getTime())}</title>`
      return html`<rect class="${lookOf(attempt)}" x="${left.toFixed(1)}" y="3" width="${Math.max(leastBar, x(until) - left).toFixed(1)}" height="${rowHeight - 6}" rx="2">${title}</rect>`
    })
  return html`<svg class="track" viewBox="0 0 ${width} ${rowHeight}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${bars}</svg>`
}

/** A wait that reaches beyond what is shown ends with it. */
function later(resumesAt: Date | null, end: Date): Date {
  return resumesAt === null || resumesAt > end ? end : resumesAt
}

function nameOf({ step }: Attempt): string {
  return isStep(step) ? stepWords[step].does : 'another step'
}

function lookOf({ step, outcome }: Attempt): string {
  if (outcome === 'postponed') return 'held'
  if (outcome === 'retry' || outcome === 'failed') return 'trouble'
  return `${isStep(step) ? steps[step].queue : 'flow'}${outcome === null ? ' now' : ''}`
}
