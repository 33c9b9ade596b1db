import { escaped, Html } from './html.ts'
import { inlineMarkdown, type MarkdownLinks } from './markdown-inline.ts'
import { markdownTable } from './markdown-table.ts'

/**
 * Markdown of pull request comments: what Azure DevOps renders of it and nothing more. Safe by construction: raw HTML is text, except
 * for a few tags without attributes and `details`; HTML comments are hidden.
 */
export function markdown(text: string, links: MarkdownLinks): Html {
  const visible = text
    .replaceAll('\r\n', '\n')
    .replaceAll('\0', '\uFFFD')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
  return new Html(blocks(visible.split('\n'), links, 0))
}

type Taken = { output: string; lines: number }
type Block = (lines: string[], at: number, links: MarkdownLinks, depth: number) => Taken | undefined

const readers: Block[] = [blank, fencedCode, heading, rule, quote, table, list, paragraph]
const maxDepth = 12

function blocks(lines: string[], links: MarkdownLinks, depth: number): string {
  if (depth > maxDepth) return `<p>${escaped(lines.join('\n'))}</p>`
  const closings = closedDetails(lines)
  let output = ''
  for (let at = 0; at < lines.length; ) {
    const end = closings.get(at)
    if (end !== undefined) {
      output += details(lines.slice(at, end + 1), links, depth)
      at = end + 1
      continue
    }
    for (const read of readers) {
      const taken = read(lines, at, links, depth)
      if (!taken) continue
      output += taken.output
      at += Math.max(1, taken.lines)
      break
    }
  }
  return output
}

function blank(lines: string[], at: number): Taken | undefined {
  return lines[at]?.trim() === '' ? { output: '', lines: 1 } : undefined
}

const fence = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w#+.-]*)/

function fencedCode(lines: string[], at: number): Taken | undefined {
  const [, mark = '', language = ''] = fence.exec(lines[at] ?? '') ?? []
  if (mark === '') return undefined
  let end = at + 1
  while (end < lines.length && !closes(lines[end] ?? '', mark)) end++
  const content = lines.slice(at + 1, end)
  const shown = language.toLowerCase() === 'diff' ? content.map(diffLine) : content.map(escaped)
  const code = `<pre tabindex="0"><code>${shown.join('\n')}</code></pre>`
  const output =
    language.toLowerCase() === 'suggestion' ? `<div class="suggestion"><p>Suggested change</p>${code}</div>` : code
  return { output, lines: end - at + 1 }
}

function diffLine(line: string): string {
  const kind = { '+': 'added', '-': 'removed' }[line.charAt(0)]
  return kind === undefined ? escaped(line) : `<span class="${kind}">${escaped(line)}</span>`
}

function closes(line: string, mark: string): boolean {
  const text = line.trim()
  return text.length >= mark.length && text === mark.charAt(0).repeat(text.length)
}

/** First to last line of each `<details>` outside code that is closed; one that never is stays text. */
function closedDetails(lines: string[]): Map<number, number> {
  const closings = new Map<number, number>()
  const open: number[] = []
  let mark = ''
  lines.forEach((line, at) => {
    const opened = fence.exec(line)?.[1] ?? ''
    if (mark !== '') mark = closes(line, mark) ? '' : mark
    else if (opened !== '') mark = opened
    else {
      if (/^ {0,3}<details>/i.test(line)) open.push(at)
      const start = /<\/details>\s*$/i.test(line) ? open.pop() : undefined
      if (start !== undefined) closings.set(start, at)
    }
  })
  return closings
}

function details(lines: string[], links: MarkdownLinks, depth: number): string {
  const inner = lines
    .join('\n')
    .replace(/^ {0,3}<details>/i, '')
    .replace(/<\/details>\s*$/i, '')
  const [, summary = 'Details', body = inner] = /^\s*<summary>([\s\S]{0,1000}?)<\/summary>([\s\S]*)$/i.exec(inner) ?? []
  const content = blocks(body.split('\n'), links, depth + 1)
  return `<details><summary>${inlineMarkdown(summary.trim(), links)}</summary>${content}</details>`
}

/** Under the page's own headings: a comment's # is its fourth level. */
function heading(lines: string[], at: number, links: MarkdownLinks): Taken | undefined {
  const [, marks = '', text = ''] = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(lines[at] ?? '') ?? []
  if (marks === '') return undefined
  const level = Math.min(6, marks.length + 3)
  return { output: `<h${level}>${inlineMarkdown(text, links)}</h${level}>`, lines: 1 }
}

function rule(lines: string[], at: number): Taken | undefined {
  return /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(lines[at] ?? '') ? { output: '<hr>', lines: 1 } : undefined
}

function quote(lines: string[], at: number, links: MarkdownLinks, depth: number): Taken | undefined {
  let end = at
  while (/^ {0,3}>/.test(lines[end] ?? '')) end++
  if (end === at) return undefined
  const inner = lines.slice(at, end).map(line => line.replace(/^ {0,3}> ?/, ''))
  return { output: `<blockquote>${blocks(inner, links, depth + 1)}</blockquote>`, lines: end - at }
}

function table(lines: string[], at: number, links: MarkdownLinks): Taken | undefined {
  const found = markdownTable(lines, at)
  if (!found) return undefined
  const row = (tag: 'th' | 'td', cells: string[]) =>
    found.alignments
      .map(
        (side, column) =>
          `<${tag}${side ? ` class="${side}"` : ''}>${inlineMarkdown(cells[column] ?? '', links)}</${tag}>`,
      )
      .join('')
  const body = found.rows.map(cells => `<tr>${row('td', cells)}</tr>`).join('')
  const output = `<div class="table" tabindex="0"><table><thead><tr>${row('th', found.header)}</tr></thead><tbody>${body}</tbody></table></div>`
  return { output, lines: found.lines }
}

const item = /^( {0,12})([-*+]|\d{1,9}[.)])(?:[ \t]+(.*)|)$/

function list(lines: string[], at: number, links: MarkdownLinks, depth: number): Taken | undefined {
  const first = item.exec(lines[at] ?? '')
  if (!first || (first[1] ?? '').length > 3) return undefined
  const ordered = /\d/.test(first[2] ?? '')
  const items: string[][] = []
  let end = at
  for (; end < lines.length; end++) {
    const line = lines[end] ?? ''
    const [match, indent = '', mark = '', text = ''] = item.exec(line) ?? []
    const follows = /^(?: {2,}|\t)/.test(line)
    if (match !== undefined && indent.length < 2 && !rule(lines, end)) {
      if (/\d/.test(mark) !== ordered) break
      items.push([text])
    } else if (follows || (line.trim() !== '' && lines[end - 1]?.trim() !== '' && !interrupts(lines, end))) {
      items.at(-1)?.push(line.replace(/^(?:\t| {1,4})/, ''))
    } else if (line.trim() === '' && /^(?: {2,}|\t)\S/.test(lines[end + 1] ?? '')) items.at(-1)?.push('')
    else break
  }
  const start = ordered ? Number.parseInt(first[2] ?? '1', 10) : 1
  const tag = ordered ? 'ol' : 'ul'
  const content = items.map(lines => `<li>${listItem(lines, links, depth)}</li>`).join('')
  return { output: `<${tag}${start === 1 ? '' : ` start="${start}"`}>${content}</${tag}>`, lines: end - at }
}

function listItem(lines: string[], links: MarkdownLinks, depth: number): string {
  const [first = '', ...rest] = lines
  const [, mark, text = first] = /^\[([ xX])\] +(.*)$/.exec(first) ?? []
  const box =
    mark === undefined
      ? ''
      : `<input type="checkbox" disabled${mark === ' ' ? '' : ' checked'} aria-label="${mark === ' ' ? 'open' : 'done'}"> `
  const output = blocks([text, ...rest], links, depth + 1)
  // A tight item is a line, not a paragraph.
  return box + output.replace(/^<p>([\s\S]*?)<\/p>/, '$1')
}

function interrupts(lines: string[], at: number): boolean {
  return fence.test(lines[at] ?? '') || /^ {0,3}(#{1,6}[ \t]|>)/.test(lines[at] ?? '') || rule(lines, at) !== undefined
}

function paragraph(lines: string[], at: number, links: MarkdownLinks): Taken {
  let end = at + 1
  while (end < lines.length && !endsParagraph(lines, end)) end++
  const text = lines.slice(at, end).join('\n').trim()
  return { output: `<p>${inlineMarkdown(text, links)}</p>`, lines: end - at }
}

function endsParagraph(lines: string[], at: number): boolean {
  const line = lines[at] ?? ''
  if (line.trim() === '' || interrupts(lines, at) || /^ {0,3}<details>/i.test(line)) return true
  return /^ {0,3}(?:[-*+]|1[.)])[ \t]+\S/.test(line) || markdownTable(lines, at) !== undefined
}
