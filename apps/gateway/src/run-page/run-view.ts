import { usageOf } from '@code-agent/command/report'
import { auditView } from './audit-view.ts'
import { cancelView } from './cancel-form.ts'
import { describeRun, type RunStory } from './describe-run.ts'
import { type DiffChoice, diffView } from './diff-view.ts'
import { type Child, type Html, html } from './html.ts'
import { type PageFrame, page } from './page-layout.ts'
import { dateAndTime, duration } from './page-words.ts'
import type { PageFacts } from './read-page.ts'
import type { Reader } from './step-trail.ts'
import { stepsView } from './steps-view.ts'
import { timelineView } from './timeline-view.ts'
import { badge, stateWords, variantsView } from './variants-view.ts'

export type RunPageView = PageFrame & {
  reader: Reader
  /** For code: what cannot be seen is shown there, not left out. */
  redactCode(text: string): string
  choice: DiffChoice
  /** Until when the reader may look; absent for operators. */
  expires: Date | undefined
  /** Proves that the form came from this page; only operators get one. */
  cancelToken: string | undefined
  /** Address of a pull request of the run's repository; undefined when it is not known here. */
  pullRequestUrl(pullRequestId: number): string
}

/** The page of one run. Everything that changes stands in elements with `data-live`, which the page's script takes over anew. */
export function runView(facts: PageFacts, view: RunPageView): string {
  const { run, now } = facts
  const story = describeRun(facts, view.reader)
  const path = `${view.base}/runs/${run.runId}`
  const isOpen = run.state !== 'ended'
  const cancel = view.cancelToken !== undefined && canBeStopped(facts)
  const main = html`<main id="main" tabindex="-1" data-version="${facts.version}" data-now="${now.getTime()}"${isOpen && html` data-events="${path}/events"`}>
${summaryView(facts, story, view)}
${timelineView(facts)}
${variantsView(story.variants, { now, draftUrl: view.pullRequestUrl })}
${diffView(facts.diffs, { choice: view.choice, path, redact: view.redactCode })}
${auditView(facts.events, { start: run.createdAt, reader: view.reader })}
<div id="steer" data-live>${cancel && cancelView(path, view.cancelToken ?? '')}</div>
</main>`
  return page(view, {
    title: `${story.headline} · run ${run.runId.slice(0, 8)}`,
    aside: aside(view, isOpen),
    main,
    footer: footer(view),
  })
}

function canBeStopped({ run }: PageFacts): boolean {
  return run.state === 'accepted' || run.state === 'ready' || run.state === 'running'
}

function aside({ reader }: RunPageView, isOpen: boolean): Child {
  return html`<span class="aside"><span id="live" class="live">${isOpen && html`<a class="refresh" href="">Refresh</a>`}</span>${reader.isOperator && html`<span class="who">Operator</span>`}</span>`
}

function summaryView({ run, now }: PageFacts, story: RunStory, view: RunPageView): Html {
  const pullRequest = run.key.pullRequestId
  const facts: [string, Child][] = [
    ['Pull request', html`<a href="${view.pullRequestUrl(pullRequest)}" rel="noreferrer">${pullRequest}</a>`],
    ['Asked by', story.askedBy],
    ['Asked', html`<time datetime="${run.createdAt.toISOString()}">${dateAndTime(run.createdAt)}</time>`],
    [run.endedAt ? 'Took' : 'Running for', tookOf(run, now)],
    [
      'Starts from',
      story.baseCommit &&
        html`<code>${story.baseCommit.slice(0, 8)}</code>${story.sourceBranch && html` of <code>${story.sourceBranch}</code>`}`,
    ],
    ['In all', costOf(story)],
    ['Try', run.retry > 0 && `begun again for the ${run.retry + 1}. time`],
  ]
  return html`<section class="summary" id="summary" data-live aria-labelledby="headline" data-say="${stateWords[story.state]}: ${story.headline}.">
<div class="headline"><h1 id="headline">${story.headline}</h1>${badge(story.state)}</div>
${story.sentence && html`<p class="sentence">${story.sentence}</p>`}
${story.intent === undefined ? forgotten(run.forgottenAt) : html`<blockquote class="intent"><p>${story.intent}</p></blockquote>`}
<dl class="facts wide">${facts.map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="own-steps"><h2 class="hidden">Steps of the run itself</h2>${stepsView([...story.before, ...story.after], { key: 'run', now })}</div>
</section>`
}

function costOf({ used, planning }: RunStory): Child {
  return used && `${usageOf(used)}${planning ? ` (planning: ${usageOf(planning)})` : ''}`
}

function tookOf(run: PageFacts['run'], now: Date): Html {
  const since = run.endedAt === null && html` data-since="${run.createdAt.getTime()}"`
  return html`<span${since}>${duration((run.endedAt ?? now).getTime() - run.createdAt.getTime())}</span>`
}

function forgotten(at: Date | null): Child {
  return at && html`<p class="quiet">What people and models wrote was taken out of this run on ${dateAndTime(at)}.</p>`
}

function footer({ expires, reader }: RunPageView): Child {
  return html`<p>Times are in UTC. ${expires && html`This link works until ${dateAndTime(expires)}; whoever has it can see this run, and nothing else.`}${reader.isOperator && 'You see what servers answered; readers with a link do not.'}</p>`
}
