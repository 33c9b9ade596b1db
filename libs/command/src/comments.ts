import { code, fitted, link, plain, quotation } from './markdown.ts'
import { changesOf, countOf, usageOf, type VariantReport } from './report.ts'

/** Characters of a comment Azure DevOps takes, less what the marker of its topic needs. */
const maxCommentLength = 149_900

/** Characters of one quoted intent, reason or summary: enough to recognise it, without burying the rest. */
const maxQuotation = 1_500
const maxSentence = 600

/** The first answer to `/edit`: what was understood, and how to stop it. */
export function startComment(of: {
  intent: string
  variants: number
  /** The command left it open: the project's settings may say more than one. */
  countIsOpen?: boolean
  baseCommit: string
  /** What was left out of what the model reads; Markdown of our own. */
  leftOut?: string[]
  /** Where the run can be watched. */
  page?: string
}): string {
  const few = of.countIsOpen ? 'a draft pull request, or as many as `.code-agent.yml` asks for' : 'a draft pull request'
  const drafts = of.variants === 1 ? few : `${of.variants} draft pull requests, each going about it its own way`
  return sections(
    `🔧 **On it.** You will get ${drafts}:`,
    fitted(of.intent, maxQuotation, quotation),
    `${of.variants === 1 && !of.countIsOpen ? 'It starts' : 'They start'} from commit ${code(of.baseCommit.slice(0, 8))}. To stop, reply \`/cancel\` here.${of.page === undefined ? '' : ` ${link('Watch it', of.page)}.`}`,
    ...(of.leftOut ?? []).map(warning => `⚠️ ${warning}`),
  )
}

/** The request is accepted, but others are ahead of it; or, once it has begun, something it needs must rest. */
export function waiting(of: { ahead?: number; reason?: string; begun?: boolean }): string {
  const because = of.reason === undefined ? '' : ` ${sentence(of.reason)}`
  const ahead =
    of.ahead === undefined || of.ahead < 1 ? '' : ` ${countOf(of.ahead, 'request is', 'requests are')} ahead of it.`
  return `⏳ **Your request is waiting.**${because}${ahead} It ${of.begun ? 'goes on' : 'starts'} by itself; nothing is needed from you. To give it up, reply \`/cancel\` here.`
}

/** In the place of `waiting`, when the request ended before it began. */
export function waitOver(): string {
  return '⏳ Your request was waiting. What became of it is said below.'
}

export function variantDone(of: VariantReport & { draft: { pullRequestId: number; url: string } }): string {
  const size = of.changes === undefined ? '' : ` (${changesOf(of.changes)})`
  const similar = of.similarTo === undefined ? '' : ` Its result is nearly that of v${of.similarTo}.`
  return sections(
    `✅ **v${of.variant} is done:** ${link(`draft ${of.draft.pullRequestId}`, of.draft.url)}${size}.${similar}`,
    of.summary === undefined ? '' : sentence(of.summary),
    of.branch === undefined ? '' : `Branch ${code(of.branch)}.`,
  )
}

export function variantFailed(of: VariantReport): string {
  const reason =
    of.reason === undefined ? 'The reason is not known; the log of the service says more.' : sentence(of.reason)
  if (of.outcome === 'cancelled')
    return `⏹️ **v${of.variant} was cancelled.** ${of.reason === undefined ? '' : reason}`.trimEnd()
  return sections(`❌ **v${of.variant} failed.** ${reason}`, usedUp(of))
}

function usedUp(of: VariantReport): string {
  return of.usage === undefined || of.usage.tokens === 0 ? '' : `Used: ${usageOf(of.usage)}.`
}

/** The request was understood but will not be carried out. */
export function refusal(of: { reason: string; remedy?: string }): string {
  return sections(
    `🚫 **This request was refused.** ${sentence(of.reason)}`,
    of.remedy === undefined ? '' : sentence(of.remedy),
  )
}

/** The acknowledgement of `/cancel`. */
export function cancelled(of: {
  state: 'cancelled' | 'nothing-to-cancel' | 'not-allowed'
  by?: string
  reason?: string
}): string {
  if (of.state === 'nothing-to-cancel') return 'Nothing is running in this thread, so there is nothing to cancel.'
  if (of.state === 'not-allowed')
    return sections('🚫 **Not cancelled.**', of.reason === undefined ? '' : sentence(of.reason))
  const by = of.by === undefined ? '' : ` by ${plain(of.by)}`
  return `⏹️ **Cancelled${by}.** No further drafts will be opened. Those that exist stay; abandon them if you don't want them.`
}

/** The answer to `/help`. */
export function help(of: { maxVariants: number }): string {
  const example = Math.min(3, of.maxVariants)
  return sections(
    '**What I can do**',
    [
      '- `/edit make buttons red` – one draft pull request that does it',
      ...(of.maxVariants > 1
        ? [`- \`/edit /${example} make buttons red\` – ${example} drafts, each its own way (up to ${of.maxVariants})`]
        : []),
      '- `/cancel` – in the same thread: stop, and keep the drafts that exist',
      '- `/help` – this',
    ].join('\n'),
    'Write the command at the very start of a new comment; further lines belong to the request. A comment on a line of code tells me where to look first. You need the right to contribute to the repository.',
  )
}

/** The answer to a comment that begins as a command but is none. `problem` is the grammar's sentence, whose markdown is ours. */
export function invalidCommand(of: { problem: string }): string {
  return sections(
    of.problem,
    'Nothing was started. Write a new comment to try again, or `/help` to see what is possible.',
  )
}

function sentence(text: string): string {
  const shown = fitted(text, maxSentence, plain)
  return shown === '' || /[.!?…]$/.test(shown) ? shown : `${shown}.`
}

/** Paragraphs that say something, joined; the whole at most as long as Azure DevOps takes, saying so if it was cut. */
export function sections(...paragraphs: string[]): string {
  const text = paragraphs.filter(paragraph => paragraph !== '').join('\n\n')
  if (text.length <= maxCommentLength) return text
  const notice = '\n\n… (cut here: too long for one comment)'
  const cut = text.slice(0, maxCommentLength - notice.length)
  return `${cut.slice(0, cut.lastIndexOf('\n')).toWellFormed()}${notice}`
}
