import { code, fitted, link, plain, quotation } from './markdown.ts'
import { type ChangeCount, changesOf, type Usage, usageOf } from './report.ts'

/** Azure DevOps takes 4000 characters of a description. */
const maxDescriptionLength = 3_999
const shownFiles = 12

export type DraftDescription = {
  variant: number
  variants: number
  intent: string
  requester: string
  /** The command comment and the pull request it stands on. */
  comment: { url: string; pullRequestId: number }
  strategy?: string
  summary?: string
  files: string[]
  /** What a reviewer must look at, and why: the end of a sentence. */
  review?: { path: string; because: string }[]
  changes: ChangeCount
  usage?: Usage
  workItemIds: string[]
}

/** The description of a draft: what was asked and by whom, how this variant goes about it, what it touches and cost. Below 4000 characters. */
export function draftDescription(of: DraftDescription): string {
  const lead = `Variant ${of.variant} of ${of.variants} for a request by ${fitted(of.requester, 200, plain)} ${link(`on pull request ${of.comment.pullRequestId}`, of.comment.url)}:`
  const text = [
    lead,
    fitted(of.intent, 1_200, quotation),
    of.summary === undefined ? '' : `**What it does:** ${fitted(of.summary, 500, plain)}`,
    of.strategy === undefined ? '' : `**How:** ${fitted(of.strategy, 500, plain)}`,
    `**Changes:** ${changesOf(of.changes)}\n${fileList(of.files)}`,
    reviewList(of.review ?? []),
    of.usage === undefined ? '' : `**Used:** ${usageOf(of.usage)}`,
    of.workItemIds.length === 0 ? '' : `**Work items:** ${workItems(of.workItemIds)}`,
    'Written by a machine: read it before you publish it.',
  ]
    .filter(paragraph => paragraph !== '')
    .join('\n\n')
  return text.length <= maxDescriptionLength ? text : text.slice(0, maxDescriptionLength - 1).toWellFormed()
}

function fileList(files: string[]): string {
  const lines = files.slice(0, shownFiles).map(file => `- ${fitted(file, 80, code)}`)
  const left = files.length - lines.length
  return [...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n')
}

function reviewList(review: { path: string; because: string }[]): string {
  if (review.length === 0) return ''
  const lines = review
    .slice(0, 5)
    .map(({ path, because }) => `- ${fitted(path, 80, code)} ${fitted(because, 120, plain)}`)
  const left = review.length - lines.length
  return ['⚠️ **Look twice before you publish this:**', ...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n')
}

/** Here the link Azure DevOps makes of `#12` is wanted. */
function workItems(ids: string[]): string {
  return ids
    .filter(id => /^\d{1,10}$/.test(id))
    .slice(0, 10)
    .map(id => `#${id}`)
    .join(', ')
}
