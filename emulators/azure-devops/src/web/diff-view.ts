import type { PageFileDiff } from '../page-model.ts'
import { type Child, type Html, html } from './html.ts'
import { changedWithin, type DiffLine, diffLines, type Hunk, hunksOf, pairedRows } from './line-diff.ts'

export type DiffOptions = {
  /** for ids: several diffs may stand on one page */
  key: string
  sideBySide?: boolean
  /** closed files show their names only */
  closed?: boolean
  /** names of the columns of a side-by-side diff */
  sides?: { left: string; right: string }
  /** what stands below a line, a thread for example */
  below?(path: string, line: DiffLine): Child
  /** what stands below a file's name */
  tools?(file: PageFileDiff): Child
}

const manyLines = 600
const mostLines = 3_000

export type DiffSize = { files: number; added: number; removed: number }

export function sizeOf(files: PageFileDiff[]): DiffSize {
  const counted = files.map(countLines)
  return {
    files: files.length,
    added: counted.reduce((sum, { added }) => sum + added, 0),
    removed: counted.reduce((sum, { removed }) => sum + removed, 0),
  }
}

export function sizeText({ files, added, removed }: DiffSize): Html {
  return html`<span class="size">${files} ${files === 1 ? 'file' : 'files'} ${lineCount(added, removed)}</span>`
}

export function diffView(files: PageFileDiff[], options: DiffOptions): Html {
  if (files.length === 0) return html`<p class="empty">No differences.</p>`
  return html`<div class="files">${files.map(file => fileView(file, options))}</div>`
}

function fileView(file: PageFileDiff, options: DiffOptions): Html {
  const lines = file.binary ? [] : diffLines(file.before, file.after)
  const { added, removed } = tally(lines)
  const open = !options.closed && lines.length - tally(lines).same <= manyLines
  return html`<details class="file" data-key="${options.key}:${file.path}"${open && html` open`}>
    <summary><span class="change ${file.change}">${file.change}</span>
      <span class="path">${file.oldPath && file.oldPath !== file.path ? `${file.oldPath} → ` : ''}${file.path}</span> ${lineCount(added, removed)}</summary>
    ${options.tools?.(file)}
    ${content(file, lines, options)}
  </details>`
}

function content(file: PageFileDiff, lines: DiffLine[], options: DiffOptions): Html {
  if (file.binary) return html`<p class="empty">Binary file, not shown.</p>`
  const hunks = hunksOf(lines)
  if (hunks.length === 0)
    return html`<p class="empty">${file.change === 'rename' ? 'Renamed without changes.' : 'No changed lines.'}</p>`
  const shown = firstLines(hunks)
  const cut =
    shown.length < hunks.length &&
    html`<p class="empty">The rest of this file’s changes is too long to be shown here.</p>`
  const rows = shown.map(hunk => (options.sideBySide ? splitRows(hunk) : unifiedRows(file.path, hunk, options)))
  const caption = html`<caption class="hidden">Changes in ${file.path}</caption>`
  if (!options.sideBySide)
    return html`<div class="scroll" tabindex="0"><table class="diff">${caption}
      <thead class="hidden"><tr><th>Old line</th><th>New line</th><th>Code</th></tr></thead><tbody>${rows}</tbody></table></div>${cut}`
  const { left, right } = options.sides ?? { left: 'Before', right: 'After' }
  return html`<div class="scroll" tabindex="0"><table class="diff split">${caption}<colgroup><col class="n"><col><col class="n"><col></colgroup>
    <thead><tr><th colspan="2" scope="colgroup">${left}</th><th colspan="2" scope="colgroup">${right}</th></tr></thead><tbody>${rows}</tbody></table></div>${cut}`
}

function firstLines(hunks: Hunk[]): Hunk[] {
  let total = 0
  return hunks.filter((hunk, at) => {
    total += hunk.lines.length
    return at === 0 || total <= mostLines
  })
}

function unifiedRows(path: string, hunk: Hunk, options: DiffOptions): Html {
  const partner = partners(hunk.lines)
  return html`${gap(hunk, 3)}${hunk.lines.map(
    line =>
      html`<tr class="${line.kind}"><td class="n">${line.before}</td><td class="n"${line.after && html` data-line="${line.after}"`}>${line.after}</td>${code(line, partner.get(line))}</tr>${options.below?.(path, line)}`,
  )}`
}

function splitRows(hunk: Hunk): Html {
  const partner = partners(hunk.lines)
  const cells = (line: DiffLine | undefined, number: number | undefined) =>
    line
      ? html`<td class="n ${line.kind}">${number}</td>${code(line, partner.get(line))}`
      : html`<td class="n none"></td><td class="none"></td>`
  const rows = pairedRows(hunk.lines)
  return html`${gap(hunk, 4)}${rows.map(({ left, right }) => html`<tr>${cells(left, left?.before)}${cells(right, right?.after)}</tr>`)}`
}

function gap({ skipped }: Hunk, columns: number): Child {
  if (skipped === 0) return undefined
  return html`<tr class="gap"><td colspan="${columns}">⋯ ${skipped} unchanged ${skipped === 1 ? 'line' : 'lines'}</td></tr>`
}

function partners(lines: DiffLine[]): Map<DiffLine, DiffLine> {
  const found = new Map<DiffLine, DiffLine>()
  for (const { left, right } of pairedRows(lines)) {
    if (!left || !right || left === right) continue
    found.set(left, right).set(right, left)
  }
  return found
}

function code(line: DiffLine, partner: DiffLine | undefined): Html {
  const sign = { same: ' ', added: '+', removed: '-' }[line.kind]
  const open = line.endsOpen && html`<span class="mark" title="No line end at the end of the file"> ⊘</span>`
  return html`<td class="code ${line.kind}"><span class="sign">${sign}</span>${marked(line.text, partner?.text)}${open}</td>`
}

function marked(text: string, partner: string | undefined): Child {
  const change = partner === undefined ? undefined : changedWithin(text, partner)
  if (!change || change.start + change.end >= text.length) return visible(text, partner)
  const end = text.length - change.end
  return html`${visible(text.slice(0, change.start))}<span class="word">${visible(text.slice(change.start, end), partner)}</span>${visible(text.slice(end))}`
}

/** A carriage return matters only where it is what changed. */
function visible(text: string, partner?: string): string {
  if (!text.endsWith('\r')) return text
  return text.slice(0, -1) + (partner === undefined || partner.endsWith('\r') ? '' : '␍')
}

function countLines(file: PageFileDiff): { added: number; removed: number } {
  return file.binary ? { added: 0, removed: 0 } : tally(diffLines(file.before, file.after))
}

function tally(lines: DiffLine[]): { added: number; removed: number; same: number } {
  const count = (kind: DiffLine['kind']) => lines.filter(line => line.kind === kind).length
  return { added: count('added'), removed: count('removed'), same: count('same') }
}

function lineCount(added: number, removed: number): Html {
  return html`<span class="plus">+${added}</span> <span class="minus">−${removed}</span>`
}
