import { findInvisible, withoutInvisible } from './invisible.ts'
import { plain } from './markdown.ts'
import { countOf } from './report.ts'

/** What readers of a rendered text do not see. `text` is for people alone: whoever gave it to a model would undo the removal. */
export type Removed = { what: RemovedKind; text: string }
type RemovedKind = 'comment' | 'invisible characters' | 'attribute' | 'image description' | 'link definition' | 'script'

const mostRounds = 40
/** Without a slash or quote of its own a `<` is arithmetic or a type, and stays. */
const tagWithAttributes =
  /<([a-z][a-z0-9-]{0,30})((?:\s+[a-z_:@][\w:.@-]{0,60}(?:\s{0,5}=\s{0,5}(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?){1,30})(\s{0,5}\/?)>/gi
const imageDescription = /!\[([^[\]]{1,2000})\](?=[([])/g
const linkTitle = /(\]\([^()\s"']{0,2000})(\s+(?:"[^"]{0,2000}"|'[^']{0,2000}'))\s{0,5}\)/g
const linkDefinition = /^ {0,3}\[[^\]\n]{1,1000}\]:[ \t]*\S[^\n]*$/gm

/**
 * A stranger's Markdown as its readers see it: without comments (nested or never closed), characters that cannot be seen,
 * attributes, image descriptions, link titles and definitions, scripts. Taken out again and again until nothing is left
 * to take out, so that what is left over never makes a new one; the same text again gives the same.
 */
export function visibleText(text: string): { text: string; removed: Removed[] } {
  const removed: Removed[] = []
  let [before, now] = ['', text.replace(/\r\n?/g, '\n').toWellFormed()]
  for (let round = 0; before !== now; round++) {
    before = now
    now = withoutHidden(now, removed)
    if (round < mostRounds) continue
    // Nobody nests this deep in good faith.
    const cut = now.search(/<|!\[|\]\(|^ {0,3}\[/m)
    if (cut === -1) continue
    removed.push({ what: 'comment', text: now.slice(cut) })
    now = now.slice(0, cut)
  }
  return { text: now, removed }
}

/** One sentence that says what was taken out of what, for the model: kinds and numbers, nothing of the text itself. */
export function removedNote(from: string, removed: readonly Removed[]): string | undefined {
  if (removed.length === 0) return undefined
  const kinds = [...new Set(removed.map(({ what }) => what))]
  const counted = kinds.map(kind => phrase(kind, removed.filter(({ what }) => what === kind).length))
  return `Left out of ${from}, because its readers do not see it: ${counted.join(', ')}.`
}

/** The same as Markdown for people, with the beginning of what was taken out. */
export function removedWarning(from: string, removed: readonly Removed[]): string | undefined {
  const note = removedNote(from, removed)
  const excerpt = removed.map(({ text }) => plain(text)).find(text => text !== '')
  if (note === undefined || excerpt === undefined) return note
  const shown =
    excerpt.length > 200
      ? `${excerpt
          .slice(0, 199)
          .replace(/[\\&][^;\s]*$/, '')
          .toWellFormed()}…`
      : excerpt
  return `${note.slice(0, -1)} (“${shown}”).`
}

function phrase(kind: RemovedKind, count: number): string {
  return kind === 'invisible characters' ? 'characters that cannot be seen' : countOf(count, kind)
}

function withoutHidden(text: string, removed: Removed[]): string {
  const take = (what: RemovedKind, found: string) => {
    if (found.trim() !== '') removed.push({ what, text: found.trim() })
    return ''
  }
  if (findInvisible(text) !== undefined) removed.push({ what: 'invisible characters', text: '' })
  return withoutComments(withoutInvisible(text), take)
    .replace(tagWithAttributes, (_, tag: string, attributes: string, end: string) => {
      take('attribute', attributes)
      return `<${tag}${end.trim()}>`
    })
    .replace(imageDescription, (_, description: string) => `![${take('image description', description)}]`)
    .replace(linkTitle, (_, link: string, title: string) => `${link}${take('attribute', title)})`)
    .replace(linkDefinition, definition => take('link definition', definition))
}

type Take = (what: RemovedKind, text: string) => string

const hiding: { opens: RegExp; closes: (opened: string) => string; what: RemovedKind }[] = [
  { opens: /<!--/, closes: () => '-->', what: 'comment' },
  { opens: /<!(?=[a-z[])/i, closes: () => '>', what: 'comment' },
  { opens: /<\?/, closes: () => '?>', what: 'comment' },
  {
    opens: /<(?:script|style|template|noscript|textarea|title|iframe)(?![\w-])/i,
    closes: opened => `</${opened.slice(1).toLowerCase()}>`,
    what: 'script',
  },
]

/** What is never closed hides all that follows. */
function withoutComments(text: string, take: Take): string {
  let left = text
  for (const { opens, closes, what } of hiding) {
    const parts: string[] = []
    let rest = left
    for (let found = opens.exec(rest); found; found = opens.exec(rest)) {
      parts.push(rest.slice(0, found.index))
      const inside = rest.slice(found.index + found[0].length)
      const close = closes(found[0])
      const end = inside.toLowerCase().indexOf(close)
      take(what, end === -1 ? inside : inside.slice(0, end))
      rest = end === -1 ? '' : inside.slice(end + close.length)
    }
    left = parts.join('') + rest
  }
  return left
}
