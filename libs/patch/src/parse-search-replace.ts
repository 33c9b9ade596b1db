import { type AnswerLine, fenceOf } from './answer-lines.ts'
import type { EditLine, FileEdit, Hunk, HunkRange, ParsedEdit } from './edit-form.ts'
import { changesBetween } from './myers.ts'
import { pathInLine } from './path-line.ts'

const SEARCH = /^\s*<{5,9} ?SEARCH\b>?\s*(.*)$/
const DIVIDER = /^\s*={5,9}\s*$/
const REPLACE = /^\s*>{5,9} ?REPLACE\b\s*$/

/** Reads SEARCH/REPLACE blocks as Aider, Cline and Roo ask for them, into hunks. */
export function parseSearchReplace(lines: readonly AnswerLine[], isKnownPath: (path: string) => boolean): ParsedEdit {
  const files = new Map<string, FileEdit>()
  let path: string | undefined
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i]?.text ?? ''
    const search = SEARCH.exec(text)
    if (!search) {
      if (!fenceOf(text)) path = pathInLine(text, isKnownPath) ?? path
      continue
    }
    const divider = findLine(lines, i + 1, DIVIDER)
    const end = findLine(lines, divider + 1, REPLACE)
    if (divider < 0 || end < 0) {
      const fault = { code: 'truncated', detail: 'A SEARCH block has no end.' } as const
      return { format: 'search-replace', files: [...files.values()], fault }
    }
    path = pathInLine(search[1] ?? '', isKnownPath) ?? path
    const name = path ?? ''
    const file = files.get(name) ?? { oldPath: name, newPath: name, action: 'edit', hunks: [] }
    files.set(name, file)
    addBlock(file, lines.slice(i + 1, divider), lines.slice(divider + 1, end))
    i = end
  }
  return { format: 'search-replace', files: [...files.values()] }
}

function findLine(lines: readonly AnswerLine[], from: number, pattern: RegExp): number {
  if (from <= 0) return -1
  for (let i = from; i < lines.length; i++) if (pattern.test(lines[i]?.text ?? '')) return i
  return -1
}

function addBlock(file: FileEdit, search: AnswerLine[], replace: AnswerLine[]): void {
  const { body, start } = withoutRooHead(search)
  const hunk: Hunk = { number: file.hunks.length + 1, lines: blockLines(body, replace), headings: [] }
  if (start !== undefined) hunk.range = rangeAt(start, body.length, replace.length)
  file.hunks.push(hunk)
  // An empty SEARCH part is how these formats write a new file.
  if (body.every(({ text }) => text.trim() === '') && file.hunks.length === 1) {
    file.action = 'add'
    file.oldPath = undefined
    hunk.lines = replace.map(({ text, cr }) => ({ kind: 'add', text, cr }))
  } else if (file.action === 'add')
    file.refused ??= { code: 'rename-unsupported', detail: 'A new file is edited again.' }
}

/** Roo puts ":start_line:12" and a rule of dashes before the searched text. */
function withoutRooHead(search: AnswerLine[]): { body: AnswerLine[]; start: number | undefined } {
  const start = /^:start_line:\s*(\d+)/.exec(search[0]?.text ?? '')?.[1]
  if (start === undefined) return { body: search, start: undefined }
  const rule = search.findIndex(({ text }) => /^-{5,}\s*$/.test(text))
  const head = rule >= 0 ? rule + 1 : search.filter(({ text }) => /^:(?:start|end)_line:/.test(text)).length
  return { body: search.slice(head), start: Number(start) }
}

function rangeAt(start: number, oldCount: number, newCount: number): HunkRange {
  return { oldStart: start, oldCount, newStart: start, newCount, explicit: true }
}

function blockLines(search: readonly AnswerLine[], replace: readonly AnswerLine[]): EditLine[] {
  const old = search.map(({ text }) => text)
  const fresh = replace.map(({ text }) => text)
  const lines: EditLine[] = []
  let at = 0
  const push = (kind: EditLine['kind'], line: AnswerLine | undefined) => {
    if (line) lines.push({ kind, text: line.text, cr: line.cr })
  }
  for (const change of changesBetween(old, fresh)) {
    for (; at < change.oldFrom; at++) push('context', search[at])
    for (; at < change.oldTo; at++) push('remove', search[at])
    for (let i = change.newFrom; i < change.newTo; i++) push('add', replace[i])
  }
  for (; at < search.length; at++) push('context', search[at])
  return lines
}
