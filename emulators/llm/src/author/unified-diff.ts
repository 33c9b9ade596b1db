import { type Hunk, hunksOf, type Row } from './hunks.ts'
import type { SeenFile } from './seen-files.ts'

/** What becomes of a file: line index → the lines in its place; the index after the last line appends. */
export type Change = { file: SeenFile; lines: Map<number, string[]> } | { newPath: string; content: string[] }

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
  // Neither the last old line nor the last new one ends in a newline where the file does not.
  const last = { old: file.lines.length - 1, row: rows.findLastIndex(row => row.sign !== '-') }
  const openLines = file.finalNewline ? { old: -1, row: -1 } : last
  const hunks = hunksOf(file, rows).map(hunk => renderHunk(rows, hunk, openLines))
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

function renderHunk(rows: Row[], hunk: Hunk, openLines: { old: number; row: number }): string {
  const part = rows.slice(hunk.from, hunk.to + 1)
  const oldCount = part.filter(row => row.sign !== '+').length
  const newCount = part.filter(row => row.sign !== '-').length
  const firstOld = part.find(row => row.sign !== '+')?.old ?? (part[0]?.old ?? 0) - 1
  const start = firstOld + 1
  const newStart = newCount === 0 ? start + hunk.shift - 1 : start + hunk.shift + (oldCount === 0 ? 1 : 0)
  const lines = part.map((row, index) => {
    const isOpen = (row.sign !== '+' && row.old === openLines.old) || hunk.from + index === openLines.row
    return `${row.sign}${row.text}\n${isOpen ? '\\ No newline at end of file\n' : ''}`
  })
  return `@@ -${start},${oldCount} +${newStart},${newCount} @@\n${lines.join('')}`
}
