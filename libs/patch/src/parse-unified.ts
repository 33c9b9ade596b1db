import { type AnswerLine, closesFence, fenceOf } from './answer-lines.ts'
import type { EditLine, FileEdit, Hunk } from './edit-form.ts'
import { gitHeaderPaths, headerPath } from './file-header.ts'
import { readExtendedHeader } from './git-extended-header.ts'
import { parseHunkHeader } from './hunk-header.ts'
import { countsReached, settleHunk } from './settle-hunk.ts'

type Reader = {
  lines: readonly AnswerLine[]
  at: number
  files: FileEdit[]
  file: FileEdit | undefined
  hunk: Hunk | undefined
  fence: string | undefined
}

/** Reads every unified diff in an answer, fences and chatter around it or not. Order is kept, nothing is merged. */
export function parseUnified(lines: readonly AnswerLine[]): { files: FileEdit[]; unclosed: boolean } {
  const reader: Reader = { lines, at: 0, files: [], file: undefined, hunk: undefined, fence: undefined }
  while (reader.at < lines.length) {
    if (!readFileHeader(reader) && !readHunkHeader(reader) && !readFence(reader)) readBody(reader)
    reader.at++
  }
  for (const file of reader.files) file.hunks = file.hunks.map(settleHunk)
  return { files: reader.files, unclosed: reader.fence !== undefined }
}

function textAt(reader: Reader, offset: number): string {
  return reader.lines[reader.at + offset]?.text ?? ''
}

function startFile(reader: Reader, edit: Pick<FileEdit, 'oldPath' | 'newPath'>): FileEdit {
  const file: FileEdit = { ...edit, action: 'edit', hunks: [] }
  if (edit.oldPath === undefined) file.action = 'add'
  if (edit.newPath === undefined) file.action = 'delete'
  reader.files.push(file)
  reader.file = file
  reader.hunk = undefined
  return file
}

function readFileHeader(reader: Reader): boolean {
  const text = textAt(reader, 0)
  if (text.startsWith('diff --git ')) return readGitHeader(reader, text)
  if (isPairedHeader(reader)) return readPairedHeader(reader, text)
  if (isLoneNewHeader(reader)) {
    const path = headerPath(text.slice(4))
    startFile(reader, { oldPath: path, newPath: path })
    return true
  }
  return false
}

function readGitHeader(reader: Reader, text: string): boolean {
  const paths = gitHeaderPaths(text.slice('diff --git '.length))
  const file = startFile(reader, paths ?? { oldPath: '', newPath: '' })
  while (reader.at + 1 < reader.lines.length && readExtendedHeader(file, textAt(reader, 1))) reader.at++
  reader.at++
  const paired = isPairedHeader(reader)
  if (paired) {
    const oldPath = headerPath(textAt(reader, 0).slice(4))
    const newPath = headerPath(textAt(reader, 1).slice(4))
    if (oldPath === undefined) file.action = 'add'
    if (newPath === undefined) file.action = 'delete'
    file.oldPath = oldPath
    file.newPath = newPath
    reader.at++
  } else if (isLoneNewHeader(reader)) {
    file.newPath = headerPath(textAt(reader, 0).slice(4))
  } else reader.at--
  if (file.action === 'add') file.oldPath = undefined
  if (file.action === 'delete') file.newPath = undefined
  return true
}

function readPairedHeader(reader: Reader, text: string): boolean {
  const oldPath = headerPath(text.slice(4))
  const newPath = headerPath(textAt(reader, 1).slice(4))
  startFile(reader, { oldPath, newPath })
  reader.at++
  return true
}

/** "--- x" then "+++ y" is a header, unless both are removed and added lines of a hunk that still lacks some. */
function isPairedHeader(reader: Reader): boolean {
  if (!textAt(reader, 0).startsWith('--- ') || !textAt(reader, 1).startsWith('+++ ')) return false
  const { hunk } = reader
  if (!hunk) return true
  if (textAt(reader, 2).startsWith('@@')) return true
  return hunk.lines.length > 0 && (!hunk.range || countsReached(hunk.lines, hunk.range))
}

function isLoneNewHeader(reader: Reader): boolean {
  if (!textAt(reader, 0).startsWith('+++ ') || !textAt(reader, 1).startsWith('@@')) return false
  const { hunk } = reader
  return !hunk || /^\+\+\+ "?b\//.test(textAt(reader, 0)) || (!!hunk.range && countsReached(hunk.lines, hunk.range))
}

function readHunkHeader(reader: Reader): boolean {
  const header = parseHunkHeader(textAt(reader, 0))
  if (!header) return false
  const file = reader.file ?? startFile(reader, { oldPath: '', newPath: '' })
  const hunk: Hunk = { number: file.hunks.length + 1, lines: [], headings: header.heading ? [header.heading] : [] }
  if (header.range) hunk.range = header.range
  file.hunks.push(hunk)
  reader.hunk = hunk
  return true
}

function readFence(reader: Reader): boolean {
  const text = textAt(reader, 0)
  const { hunk, fence } = reader
  if (!hunk) {
    const marks = fenceOf(text)
    if (!marks) return false
    reader.fence = fence && closesFence(text, fence) ? undefined : marks
    return true
  }
  if (fence && closesFence(text, fence) && !isFenceContent(reader, hunk, fence)) {
    reader.hunk = undefined
    reader.fence = undefined
    return true
  }
  return false
}

/**
 * In a diff of Markdown a closing fence may be a context line without its space. It is when the hunk still lacks lines, or
 * has no counts, and more of it follows before the next fence.
 */
function isFenceContent(reader: Reader, hunk: Hunk, fence: string): boolean {
  if (hunk.range && countsReached(hunk.lines, hunk.range)) return false
  const edit = /^(?:[-+](?! [A-Z`"'*[])|@@)/
  const change = hunk.range ? /^[-+]/ : edit
  for (let i = reader.at + 1; i < reader.lines.length; i++) {
    const text = reader.lines[i]?.text ?? ''
    if (text.startsWith('diff --git ')) return false
    if (closesFence(text, fence)) return reader.lines.slice(reader.at + 1, i).some(line => change.test(line.text))
  }
  // The fence may never be closed; then only what is surely no list of remarks shows that the hunk goes on.
  return hunk.range !== undefined && reader.lines.slice(reader.at + 1).some(line => edit.test(line.text))
}

function readBody(reader: Reader): void {
  const line = reader.lines[reader.at]
  if (!line) return
  const { file } = reader
  if (!reader.hunk && file && file.hunks.length === 0 && /^[-+ ]/.test(line.text) && headerJustAbove(reader)) {
    reader.hunk = { number: 1, lines: [], headings: [] }
    file.hunks.push(reader.hunk)
  }
  const { hunk } = reader
  if (!hunk) return
  if (line.text.startsWith('\\')) {
    const last = hunk.lines.at(-1)
    if (/^\\ ?no newline/i.test(line.text)) {
      if (last) markUnended(last)
      return
    }
  }
  if (/^-- $/.test(line.text) && /^\d+\.\d+/.test(textAt(reader, 1))) {
    reader.hunk = undefined
    return
  }
  hunk.lines.push(bodyLine(line))
}

/** Without a line feed after it, a CR is part of the line. */
function markUnended(line: EditLine): void {
  line.noNewline = true
  if (!line.cr) return
  line.text += '\r'
  line.cr = false
}

function headerJustAbove(reader: Reader): boolean {
  const above = textAt(reader, -1)
  return above.startsWith('+++ ')
}

function bodyLine({ text, cr }: AnswerLine): EditLine {
  const rest = text.slice(1)
  if (text === '') return { kind: 'context', text: '', cr, bare: true }
  if (text.startsWith('+')) return { kind: 'add', text: rest, cr }
  if (text.startsWith('-')) return { kind: 'remove', text: rest, cr }
  if (text.startsWith(' ')) return { kind: 'context', text: rest, cr, lost: text }
  return { kind: 'context', text, cr, unprefixed: true }
}
