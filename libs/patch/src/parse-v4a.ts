import { type AnswerLine, fenceOf } from './answer-lines.ts'
import type { EditLine, FileEdit, Hunk, ParsedEdit } from './edit-form.ts'

/** Reads OpenAI's apply_patch format ("*** Begin Patch"). Moves are marked refused; nothing is applied. */
export function parseV4a(lines: readonly AnswerLine[]): ParsedEdit {
  const files: FileEdit[] = []
  let file: FileEdit | undefined
  let hunk: Hunk | undefined
  let headings: string[] = []
  let begun = false
  let ended = false
  for (const line of lines) {
    const { text } = line
    if (/^\*\*\* Begin Patch/.test(text)) begun = true
    else if (/^\*\*\* End Patch/.test(text)) {
      ended = true
      file = undefined
      hunk = undefined
    } else if (/^\*\*\* End of File/.test(text)) {
      if (hunk) hunk.atEnd = true
    } else if (text.startsWith('*** ')) {
      const next = startFile(text)
      if (next) {
        files.push(next)
        file = next
      } else if (file && text.startsWith('*** Move to: ')) file.refused = { code: 'rename-unsupported', detail: text }
      hunk = undefined
      headings = []
    } else if (file && text.startsWith('@@') && file.action === 'edit') {
      const heading = text.replace(/^@@+|@@+$/g, '').trim()
      if (heading) headings.push(heading)
      hunk = undefined
    } else if (file && !(hunk === undefined && fenceOf(text))) {
      if (!hunk) {
        if (text === '' && file.action === 'edit') continue
        hunk = { number: file.hunks.length + 1, lines: [], headings }
        headings = []
        file.hunks.push(hunk)
      }
      hunk.lines.push(v4aLine(line))
    }
  }
  for (const each of files) each.hunks = each.hunks.map(trimTail)
  const parsed: ParsedEdit = { format: 'v4a', files }
  return begun && !ended
    ? { ...parsed, fault: { code: 'truncated', detail: 'The patch has no "*** End Patch".' } }
    : parsed
}

function startFile(text: string): FileEdit | undefined {
  const match = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(text)
  const path = match?.[2]?.trim()
  if (!path) return undefined
  if (match?.[1] === 'Add') return { oldPath: undefined, newPath: path, action: 'add', hunks: [] }
  if (match?.[1] === 'Delete') return { oldPath: path, newPath: undefined, action: 'delete', hunks: [], named: true }
  return { oldPath: path, newPath: path, action: 'edit', hunks: [] }
}

function v4aLine({ text, cr }: AnswerLine): EditLine {
  if (text === '') return { kind: 'context', text, cr, bare: true }
  const rest = text.slice(1)
  if (text.startsWith('+')) return { kind: 'add', text: rest, cr }
  if (text.startsWith('-')) return { kind: 'remove', text: rest, cr }
  if (text.startsWith(' ')) return { kind: 'context', text: rest, cr, lost: text }
  return { kind: 'context', text, cr, unprefixed: true }
}

function trimTail(hunk: Hunk): Hunk {
  let length = hunk.lines.length
  while (length > 0 && hunk.lines[length - 1]?.bare) length--
  return length < hunk.lines.length ? { ...hunk, cuts: [length] } : hunk
}
