import { type AnswerLine, answerLines } from './answer-lines.ts'
import type { FileEdit, ParsedEdit } from './edit-form.ts'
import { parseSearchReplace } from './parse-search-replace.ts'
import { parseUnified } from './parse-unified.ts'
import { parseV4a } from './parse-v4a.ts'
import { parseWholeFiles } from './parse-whole-files.ts'

/** Reads a model's answer, in whichever of the known formats it is written, into one form. Applies and checks nothing. */
export function parseEdit(answer: string, isKnownPath: (path: string) => boolean = () => false): ParsedEdit {
  const lines = answerLines(answer)
  if (lines.every(({ text }) => text.trim() === '')) {
    return { format: 'unified', files: [], fault: { code: 'no-edit', detail: 'The answer is empty.' } }
  }
  if (/^\*\*\* (?:Begin Patch|(?:Update|Add|Delete) File: )/m.test(answer)) return parseV4a(lines)
  if (answer.includes('SEARCH') && /^[ \t]*<{5,9} ?SEARCH\b/m.test(answer))
    return parseSearchReplace(lines, isKnownPath)
  return parseDiffs(lines) ?? parseWholeFiles(lines, isKnownPath) ?? nothing(lines)
}

function parseDiffs(lines: readonly AnswerLine[]): ParsedEdit | undefined {
  const { files, unclosed } = parseUnified(lines)
  const edits = files.filter(isEdit)
  if (edits.length === 0) return undefined
  const last = edits.at(-1)?.hunks.at(-1)
  const short = last?.range && last.lines.length > 0 && endsShort(last.lines, last.range)
  if (unclosed && short && !endsWithContext(edits)) {
    return {
      format: 'unified',
      files: edits,
      fault: { code: 'truncated', detail: 'The answer breaks off inside a hunk.' },
    }
  }
  return { format: 'unified', files: edits }
}

function isEdit(file: FileEdit): boolean {
  return file.hunks.length > 0 || file.refused !== undefined || file.action !== 'edit'
}

function endsShort(lines: FileEdit['hunks'][number]['lines'], range: { oldCount: number; newCount: number }): boolean {
  const old = lines.filter(line => line.kind !== 'add').length
  const fresh = lines.filter(line => line.kind !== 'remove').length
  return old < range.oldCount && fresh < range.newCount
}

function endsWithContext(files: readonly FileEdit[]): boolean {
  return files.at(-1)?.hunks.at(-1)?.lines.at(-1)?.kind === 'context'
}

function nothing(lines: readonly AnswerLine[]): ParsedEdit {
  const fenced = lines.some(({ text }) => /^\s*(?:```|~~~)/.test(text))
  const detail = fenced
    ? 'The answer shows code but no edit: no diff, no SEARCH/REPLACE block, no file with its path.'
    : 'The answer is prose; it contains no edit.'
  return { format: 'unified', files: [], fault: { code: fenced ? 'no-edit' : 'prose-only', detail } }
}
