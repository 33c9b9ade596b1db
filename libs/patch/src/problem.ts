export type ProblemCode =
  | 'no-edit'
  | 'prose-only'
  | 'malformed'
  | 'truncated'
  | 'placeholder'
  | 'missing-path'
  | 'missing-file'
  | 'file-exists'
  | 'path-escapes'
  | 'binary'
  | 'symlink'
  | 'submodule'
  | 'mode-change'
  | 'rename-unsupported'
  | 'conflicting-edits'
  | 'not-found'
  | 'ambiguous'
  | 'already-applied'
  | 'overlap'
  | 'uncertain-insert-point'
  | 'uncertain-indentation'
  | 'delete-mismatch'
  | 'uncertain-deletion'
  | 'breaks-syntax'
  | 'too-much-work'
  | 'no-change'

/** A stretch of the real file; the first of `lines` is line `start`, counted from 1. */
export type Region = { start: number; lines: string[] }

/** Why one file or hunk was refused. Line numbers count from 1 in the file as it is. */
export type Problem = {
  code: ProblemCode
  path?: string
  /** Position of the hunk in its file's part of the answer, from 1. */
  hunk?: number
  detail: string
  /** The before lines as the model wrote them. */
  quoted?: string[]
  /** The place in the file that resembles them most. */
  nearest?: Region
  /** Which quoted lines are nowhere in the file, whatever their spacing. */
  missing?: string[]
  /** First lines of the places that all fit. */
  places?: number[]
  /** Hunks of the same file that were placed with proof. */
  fineHunks?: number[]
}
