/** One line of a hunk, without its prefix and line end. */
export type EditLine = {
  kind: 'context' | 'remove' | 'add'
  text: string
  /** The line ended in CR LF. */
  cr: boolean
  /** How the line reads if the model forgot the prefix of a context line. */
  lost?: string
  /** An entirely empty line: blank context that lost its space, or a separator. */
  bare?: true
  /** Without any prefix: context, or chatter. */
  unprefixed?: true
  /** Followed by "\ No newline at end of file". */
  noNewline?: true
}

/** What a hunk's header claims. Lines count from 1, as in unified diffs. */
export type HunkRange = { oldStart: number; oldCount: number; newStart: number; newCount: number; explicit: boolean }

export type Hunk = {
  /** Position in the file's part of the answer, from 1. */
  number: number
  lines: EditLine[]
  range?: HunkRange
  /** Text after the second @@, or V4A's stacked headings, outermost first. */
  headings: string[]
  /** Lengths the hunk may be cut to when the whole does not fit: its tail may be chatter or separators. */
  cuts?: number[]
  /** The before text reaches to the end of the file (V4A). */
  atEnd?: true
}

export type FileEdit = {
  /** Undefined means "/dev/null". */
  oldPath: string | undefined
  newPath: string | undefined
  action: 'edit' | 'add' | 'delete'
  hunks: Hunk[]
  /** Whole new text: whole files, V4A's Add File and the like. */
  whole?: string
  /** The format deletes by name, without quoting the file (V4A). */
  named?: true
  executable?: true
  /** The header proves that the file shall be empty, not gone. */
  emptied?: true
  refused?: { code: 'rename-unsupported' | 'mode-change' | 'binary' | 'symlink' | 'submodule'; detail: string }
}

export type EditFormat = 'unified' | 'search-replace' | 'v4a' | 'whole-file'

export type ParsedEdit = {
  format: EditFormat
  files: FileEdit[]
  /** Why the text as a whole must not be applied. */
  fault?: { code: 'no-edit' | 'prose-only' | 'truncated' | 'malformed'; detail: string }
}

/** The lines of a hunk that must be found in the file. */
export function beforeLines(hunk: Hunk): EditLine[] {
  return hunk.lines.filter(line => line.kind !== 'add')
}

export function hasChange(hunk: Hunk): boolean {
  return hunk.lines.some(line => line.kind !== 'context')
}
