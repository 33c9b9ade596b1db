import { sections } from './comments.ts'
import { fitted, link, plain, table } from './markdown.ts'
import { countOf, type Usage, usageOf, type VariantReport } from './report.ts'

const maxCell = 400

export type Overview = {
  outcome: 'done' | 'failed' | 'cancelled'
  /** In the order to show them: the best first. */
  variants: VariantReport[]
  /** The variant to look at first; why, as the end of a sentence. */
  recommended?: { variant: number; because?: string }
  /** Why the run as a whole ended as it did, when the variants don't say it. */
  reason?: string
  /** Of the whole run, planning included. */
  usage?: Usage
  /** Where all of it can be read. */
  page?: string
}

/** The last word on a run: how the variants differ, what became of each, and what to do next. */
export function overview(of: Overview): string {
  const done = of.variants.filter(variant => variant.outcome === 'done').length
  return sections(
    `${headline(of, done)}${of.reason === undefined ? '' : ` ${cell(of.reason)}`}`,
    of.variants.length === 0
      ? ''
      : table(['Variant', 'What it does', 'Files', '+/−', 'Draft', 'Tokens and cost'], of.variants.map(row)),
    recommendation(of),
    nextStep(of, done),
    [
      of.usage === undefined ? '' : `In all: ${usageOf(of.usage)}.`,
      of.page === undefined ? '' : `${link('Steps, diffs side by side, audit', of.page)}.`,
    ]
      .filter(Boolean)
      .join(' '),
  )
}

/** One line for the pull request's status: `2 of 3 drafts`. */
export function statusDescription(of: Pick<Overview, 'variants' | 'outcome'>): string {
  const done = of.variants.filter(variant => variant.outcome === 'done').length
  const drafts = `${done} of ${countOf(of.variants.length, 'draft')}`
  return of.outcome === 'cancelled' ? `cancelled, ${drafts}` : drafts
}

function headline(of: Overview, done: number): string {
  const all = of.variants.length
  if (of.outcome === 'cancelled')
    return `⏹️ **Cancelled.** ${done === 0 ? 'No draft was opened.' : `${countOf(done, 'draft')} had been opened before.`}`
  if (done === 0) return all === 1 ? '❌ **No draft this time.**' : '❌ **None of the variants led to a draft.**'
  if (done < all) return `✅ **${done} of ${all} drafts are ready**, the rest failed.`
  return done === 1 ? '✅ **The draft is ready.**' : `✅ **All ${done} drafts are ready.**`
}

function row(of: VariantReport): string[] {
  const changes = of.changes
  return [
    `v${of.variant}`,
    describe(of),
    changes === undefined ? '' : String(changes.files),
    changes === undefined ? '' : `+${changes.additions} −${changes.deletions}`,
    of.draft === undefined ? of.outcome : link(`draft ${of.draft.pullRequestId}`, of.draft.url),
    of.usage === undefined ? '' : usageOf(of.usage),
  ]
}

function describe(of: VariantReport): string {
  if (of.outcome === 'failed') return `❌ ${cell(of.reason ?? 'The reason is not known.')}`
  if (of.outcome === 'cancelled') return `⏹️ ${cell(of.reason ?? 'Cancelled.')}`
  const marks = (of.marks ?? []).length === 0 ? '' : ` ⚠️ ${cell((of.marks ?? []).join(', '))}`
  return `${cell(of.summary ?? of.strategy ?? '')}${likeness(of)}${marks}`
}

function likeness({ similarTo, shares }: VariantReport): string {
  if (similarTo !== undefined) return ` *(nearly the same as v${similarTo})*`
  return shares === undefined ? '' : ` *(shares ${shares.percent} % of the changed lines with v${shares.with})*`
}

function recommendation(of: Overview): string {
  if (of.recommended === undefined) return ''
  const because = of.recommended.because === undefined ? '' : `: ${cell(of.recommended.because)}`
  return `Look at **v${of.recommended.variant}** first${because}.`
}

function nextStep(of: Overview, done: number): string {
  if (done > 1)
    return 'Next: open the drafts, publish the one you like, and abandon the others. A reviewer other than you should approve it.'
  if (done === 1)
    return 'Next: open the draft, then publish it or abandon it. A reviewer other than you should approve it.'
  if (of.outcome === 'cancelled') return 'To start again, write a new `/edit` comment.'
  return 'Next: say it differently or more precisely in a new `/edit` comment; naming a file helps.'
}

function cell(text: string): string {
  return fitted(text, maxCell, plain)
}
