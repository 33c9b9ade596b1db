import type { SeenFile } from './seen-files.ts'

/** What becomes of a file: line index → the lines in its place; the index after the last line appends. */
export type Change = { file: SeenFile; lines: Map<number, string[]> } | { newPath: string; content: string[] }

type Row = { sign: ' ' | '-' | '+'; text: string; old: number }
const contextLines = 3

/** One unified diff over all changes, as a careful model would write it. */
export function renderDiff(changes: readonly Change[]): string {
  return changes
    .map(change =>
      'file' in change ? renderEdit(change.file, change.lines) : renderNew(change.newPath, change.content),
    )
    .join('')
}

function renderNew(path: string, content: string[]): string {
  return `--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${content.length} @@\n${content.map(line => `+${line}\n`).join('')}`
}

function renderEdit(file: SeenFile, lines: Map<number, string[]>): string {
  const rows = rowsOf(file, lines)
  const hunks = groupRows(rows).map(hunk => renderHunk(file, hunk, rows))
  return hunks.length === 0 ? '' : `--- a/${file.path}\n+++ b/${file.path}\n${hunks.join('')}`
}

/** Every known line of the file with its fate, in order. */
function rowsOf(file: SeenFile, lines: Map<number, string[]>): Row[] {
  const rows: Row[] = []
  let added: Row[] = []
  const last = file.lines.length - 1
  // A last line without newline is itself changed when something follows it.
  const openEnd = !file.finalNewline && lines.has(file.lines.length)
  for (const [old, text] of file.lines.entries()) {
    if (text === undefined) continue
    const next = lines.get(old) ?? (openEnd && old === last ? [text] : undefined)
    const kept = openEnd && old === last ? -1 : (next?.indexOf(text) ?? 0)
    if (next && kept < 0) {
      rows.push({ sign: '-', text, old })
      added.push(...next.map((line): Row => ({ sign: '+', text: line, old })))
      continue
    }
    rows.push(
      ...added,
      ...plus(next?.slice(0, kept), old),
      { sign: ' ', text, old },
      ...plus(next?.slice(kept + 1), old),
    )
    added = []
  }
  return [...rows, ...added, ...plus(lines.get(file.lines.length), file.lines.length)]
}

function plus(texts: string[] | undefined, old: number): Row[] {
  return (texts ?? []).map(text => ({ sign: '+', text, old }))
}

/** Ranges of row indices, each one hunk with its context. */
function groupRows(rows: Row[]): { from: number; to: number }[] {
  const groups: { from: number; to: number }[] = []
  for (const [index, row] of rows.entries()) {
    if (row.sign === ' ') continue
    const group = groups.at(-1)
    if (group && index - group.to <= contextLines * 2 && unbroken(rows, group.to, index)) group.to = index
    else groups.push({ from: index, to: index })
  }
  return groups.map(({ from, to }) => ({ from: reach(rows, from, -1), to: reach(rows, to, 1) }))
}

function unbroken(rows: Row[], from: number, to: number): boolean {
  return rows.slice(from + 1, to + 1).every((row, index) => row.old - (rows[from + index]?.old ?? row.old) <= 1)
}

/** Up to three context lines from there, as far as they are neighbours in the file. */
function reach(rows: Row[], from: number, step: 1 | -1): number {
  let at = from
  for (let count = 0; count < contextLines; count += 1) {
    const next = rows[at + step]
    if (next?.sign !== ' ' || Math.abs(next.old - (rows[at]?.old ?? next.old)) > 1) break
    at += step
  }
  return at
}

function renderHunk(file: SeenFile, hunk: { from: number; to: number }, rows: Row[]): string {
  const part = rows.slice(hunk.from, hunk.to + 1)
  const before = rows.slice(0, hunk.from)
  const shift = before.filter(row => row.sign === '+').length - before.filter(row => row.sign === '-').length
  const oldCount = part.filter(row => row.sign !== '+').length
  const newCount = part.filter(row => row.sign !== '-').length
  const firstOld = part.find(row => row.sign !== '+')?.old ?? (part[0]?.old ?? 0) - 1
  const start = firstOld + 1
  const newStart = newCount === 0 ? start + shift - 1 : start + shift + (oldCount === 0 ? 1 : 0)
  return `@@ -${start},${oldCount} +${newStart},${newCount} @@\n${part.map((row, index) => renderRow(file, row, lastNew(rows, hunk.from + index))).join('')}`
}

function lastNew(rows: Row[], index: number): boolean {
  return rows[index]?.sign !== '-' && rows.slice(index + 1).every(row => row.sign === '-')
}

function renderRow(file: SeenFile, row: Row, isLastNew: boolean): string {
  const isLastOld = row.sign !== '+' && row.old === file.lines.length - 1
  const open = !file.finalNewline && (isLastOld || isLastNew)
  return `${row.sign}${row.text}\n${open ? '\\ No newline at end of file\n' : ''}`
}
