import { type StructuredPatchHunk, structuredPatch } from 'diff'

/** One real edit: files as they were and as they became, all texts ending as they end in the repository. */
export type Edit = { name: string; files: readonly EditedFile[] }
export type EditedFile = { path: string; before: string; after: string }

/** A diff as a model might write it: what is true of it, and how each part is written. */
export type WrittenDiff = { files: WrittenFile[]; wrap?: (text: string) => string }
export type WrittenFile = {
  path: string
  before: string
  after: string
  hunks: WrittenHunk[]
  /** The lines above the hunks; "diff --git", "---" and "+++" unless said otherwise. */
  header?: string[]
}
export type WrittenHunk = {
  oldStart: number
  newStart: number
  /** What stands between the @@, or after them; the true numbers and counts unless said otherwise. */
  header?: string
  lines: WrittenLine[]
}
export type WrittenLine = {
  kind: 'context' | 'remove' | 'add'
  text: string
  /** The whole line as written, mark included. */
  raw?: string
  noNewline?: boolean
}

/** The faithful diff of an edit with so many lines of context. */
export function writtenDiff({ files }: Edit, context: number): WrittenDiff {
  return {
    files: files.map(({ path, before, after }) => {
      const { hunks } = structuredPatch('', '', before, after, '', '', { context })
      return { path, before, after, hunks: hunks.map(hunk => ({ ...placed(hunk), lines: linesOf(hunk.lines) })) }
    }),
  }
}

/** By convention a side without lines names the line before it; the structure names the one after. */
function placed({ oldStart, oldLines, newStart, newLines }: StructuredPatchHunk) {
  return { oldStart: oldLines === 0 ? oldStart - 1 : oldStart, newStart: newLines === 0 ? newStart - 1 : newStart }
}

function linesOf(rows: readonly string[]): WrittenLine[] {
  const lines: WrittenLine[] = []
  for (const row of rows) {
    const last = lines.at(-1)
    if (row.startsWith('\\')) {
      if (last) last.noNewline = true
    } else lines.push({ kind: kindOf(row), text: row.slice(1) })
  }
  return lines
}

function kindOf(row: string): WrittenLine['kind'] {
  if (row.startsWith('+')) return 'add'
  return row.startsWith('-') ? 'remove' : 'context'
}

export function renderWritten({ files, wrap = text => text }: WrittenDiff): string {
  return wrap(files.map(renderFile).join(''))
}

export function defaultHeader(path: string): string[] {
  return [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`]
}

export function renderFile({ path, hunks, header = defaultHeader(path) }: WrittenFile): string {
  return [...header, ...hunks.flatMap(renderHunk)].map(row => `${row}\n`).join('')
}

function renderHunk({ header, oldStart, newStart, lines }: WrittenHunk): string[] {
  const { old, fresh } = countsOf(lines)
  return [header ?? `@@ -${oldStart},${old} +${newStart},${fresh} @@`, ...lines.flatMap(renderLine)]
}

function renderLine({ kind, text, raw, noNewline }: WrittenLine): string[] {
  const row = raw ?? markOf(kind) + text
  return noNewline ? [row, '\\ No newline at end of file'] : [row]
}

function markOf(kind: WrittenLine['kind']): string {
  if (kind === 'add') return '+'
  return kind === 'remove' ? '-' : ' '
}

export function countsOf(lines: readonly WrittenLine[]): { old: number; fresh: number } {
  return {
    old: lines.filter(({ kind }) => kind !== 'add').length,
    fresh: lines.filter(({ kind }) => kind !== 'remove').length,
  }
}

/** How often a hunk's before lines stand in its file, whatever the space around each line. */
export function placesOf(before: string, lines: readonly WrittenLine[]): number {
  const wanted = lines.filter(({ kind }) => kind !== 'add').map(({ text }) => text.trim())
  const rows = before.split('\n').map(row => row.trim())
  if (wanted.length === 0) return rows.length
  return rows.filter((_, at) => wanted.every((text, i) => rows[at + i] === text)).length
}

/** Whether every hunk says by its lines alone where it belongs. */
export function isUnique({ files }: WrittenDiff): boolean {
  return files.every(({ before, hunks }) => hunks.every(({ lines }) => placesOf(before, lines) === 1))
}

export function mapHunks(
  diff: WrittenDiff,
  change: (hunk: WrittenHunk, file: WrittenFile) => WrittenHunk,
): WrittenDiff {
  return { ...diff, files: diff.files.map(file => ({ ...file, hunks: file.hunks.map(hunk => change(hunk, file)) })) }
}

export function mapLines(diff: WrittenDiff, change: (line: WrittenLine, at: number) => WrittenLine): WrittenDiff {
  return mapHunks(diff, hunk => ({ ...hunk, lines: hunk.lines.map(change) }))
}
