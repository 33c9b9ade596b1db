import { changesOf, usageOf } from '@code-agent/command/report'
import type { VariantState, VariantStory } from './describe-variant.ts'
import { type Html, html } from './html.ts'
import { stepsView } from './steps-view.ts'

export const stateWords: Record<VariantState | 'refused', string> = {
  queued: 'Queued',
  running: 'Running',
  retrying: 'Trying again',
  waiting: 'Waiting',
  ending: 'Ending',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  refused: 'Refused',
}

export function badge(state: VariantState | 'refused'): Html {
  return html`<span class="badge ${state}">${stateWords[state]}</span>`
}

export function variantsView(
  variants: VariantStory[],
  of: { now: Date; draftUrl(pullRequestId: number): string },
): Html {
  return html`<section id="variants" data-live aria-labelledby="variants-title">
<h2 id="variants-title">Variants</h2>
<div class="cards">${variants.map(variant => card(variant, of))}</div>
</section>`
}

function card(story: VariantStory, of: { now: Date; draftUrl(pullRequestId: number): string }): Html {
  const { variant, state, sentence, way, used, pullRequestId, branch, changes, models } = story
  const facts: [string, Html | string | false | undefined][] = [
    [
      'Draft',
      pullRequestId !== null &&
        html`<a href="${of.draftUrl(pullRequestId)}" rel="noreferrer">Draft ${pullRequestId}</a>`,
    ],
    ['Changes', changes && changesOf(changes)],
    ['Tokens and cost', used && usageOf(used)],
    ['Model', models.length > 0 && models.join(', ')],
    ['Branch', branch && html`<code>${branch}</code>`],
  ]
  return html`<article class="card ${state}" aria-labelledby="v${variant}-title" data-say="v${variant}: ${stateWords[state]}. ${sentence}">
<div class="card-head"><h3 id="v${variant}-title"><span class="v">v${variant}</span>${way && html` ${way.name}`}</h3>${badge(state)}</div>
<p class="sentence">${sentence}</p>
${stepsView(story.trails, { key: `v${variant}`, now: of.now })}
<dl class="facts">${facts.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${way && way.brief !== way.name && html`<details class="brief" data-key="v${variant}-brief"><summary>How it was to go about it</summary><p>${way.brief}</p></details>`}
</article>`
}
