import { brokenJson } from './broken-json.ts'
import { type DiffStats, type FileChange, renderDiff } from './canonical-diff.ts'
import { deletionFault } from './delete-file.ts'
import { type EditedFile, editFile, placeholderProblems } from './edit-file.ts'
import type { FileEdit, ParsedEdit } from './edit-form.ts'
import { newFileText } from './new-file.ts'
import { parseEdit } from './parse.ts'
import { lookUpHunks } from './place-hunks.ts'
import type { Problem } from './problem.ts'
import { reasonOf, repairReport } from './repair-report.ts'
import { missingFile } from './resolve-path.ts'
import { type Rung, rungOfLevel } from './rung.ts'
import type { SourceTree } from './source-tree.ts'
import type { NumberTrust } from './stated-place.ts'
import { targetsOf } from './target-file.ts'
import type { TextDiff } from './text-diff.ts'
import { TooMuchWork, type WorkBudget, workBudget } from './work-budget.ts'

export type { FileChange } from './canonical-diff.ts'
export type { Problem, ProblemCode } from './problem.ts'
export type { Rung } from './rung.ts'
export type { SourceFile, SourceTree } from './source-tree.ts'

export type ApplyResult =
  | { ok: true; changes: FileChange[]; diff: string; stats: DiffStats; rung: Rung }
  | { ok: false; problems: Problem[]; report: string; reason: string }

export type ApplyInput = {
  files: SourceTree
  /** A model's whole answer, chatter and fences included. */
  text: string
  /** Tells paths from prose in formats that put the path on a line of its own; by default what `files` has. */
  isKnownPath?: (path: string) => boolean
}

// Each about a third of a second on a slow core; honest edits stay under a tenth of it.
const MOST_COMPARING = 10_000_000
const MOST_ALIGNING = 1_500_000

/**
 * Applies a model's edit to the files it names, all of it or nothing. `diff` is the canonical unified diff, `rung` the
 * laxest comparison any hunk needed. A refusal carries a report for the model and one sentence for a human; never throws.
 */
export function applyEdit({ files, text, isKnownPath }: ApplyInput): ApplyResult {
  const parsed = parseEdit(text, isKnownPath ?? (path => files.get(path) !== undefined))
  if (parsed.fault) return refuse([parsed.fault])
  try {
    return applyParsed(parsed, files)
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error
    return refuse([{ code: 'too-much-work', detail: error.message }])
  }
}

function applyParsed(parsed: ParsedEdit, files: SourceTree): ApplyResult {
  const { targets, problems } = targetsOf(parsed.files, files)
  const budget = workBudget(MOST_COMPARING, MOST_ALIGNING)
  const changes: FileChange[] = []
  const edits: { path: string; edit: FileEdit; content: string }[] = []
  for (const { path, edit } of targets) {
    problems.push(...placeholderProblems(path, edit))
    const outcome = edit.action === 'edit' ? textOf(path, files) : createOrDelete(path, edit, files)
    if ('code' in outcome) problems.push(outcome)
    else if ('content' in outcome) edits.push({ path, edit, content: outcome.content })
    else changes.push(outcome)
  }
  const edited = editAll(edits, budget)
  problems.push(...edited.problems)
  changes.push(...edited.changes)
  if (problems.length > 0) return refuse(problems)
  if (changes.length === 0) return refuse([{ code: 'no-change', detail: 'The edit changes nothing.' }])
  return { ok: true, changes, ...renderDiff(changes, edited.known), rung: rungOfLevel(edited.level) }
}

function editAll(edits: readonly { path: string; edit: FileEdit; content: string }[], budget: WorkBudget) {
  const lookups = edits.map(({ path, edit, content }) => ({
    lookup: lookUpHunks(path, content, edit.hunks, budget),
    edit,
    content,
  }))
  const changes: FileChange[] = []
  const problems: Problem[] = []
  const known = new Map<FileChange, TextDiff>()
  let level = 0
  const trust = overallTrust(lookups.map(({ lookup }) => lookup.trust))
  for (const { lookup, edit, content } of lookups) {
    const outcome: EditedFile =
      edit.whole === undefined ? editFile(lookup, edit, trust, budget) : replaceWhole(lookup.path, edit.whole, content)
    problems.push(...outcome.problems)
    level = Math.max(level, outcome.level)
    if (outcome.after === content) continue
    const detail = outcome.problems.length === 0 ? brokenJson(lookup.path, content, outcome.after) : undefined
    if (detail) problems.push({ code: 'breaks-syntax', path: lookup.path, detail })
    const change: FileChange = { path: lookup.path, kind: 'edit', before: content, after: outcome.after }
    changes.push(change)
    if (outcome.diff) known.set(change, outcome.diff)
  }
  return { changes, problems, level, known }
}

function overallTrust(trusts: readonly NumberTrust[]): NumberTrust {
  if (trusts.includes('contradicted')) return 'contradicted'
  return trusts.includes('consistent') ? 'consistent' : 'unknown'
}

/** A file given whole must be whole: one that lost most of its lines was more likely cut short. */
function replaceWhole(path: string, whole: string, content: string): EditedFile {
  const old = content.split('\n').length
  const fresh = whole.split('\n').length
  const crlf = content.includes('\r\n') && !whole.includes('\r\n')
  const after = (content.startsWith('\uFEFF') ? '\uFEFF' : '') + (crlf ? whole.replaceAll('\n', '\r\n') : whole)
  if (old <= 20 || fresh * 2 >= old) return { after, level: 0, problems: [] }
  const detail = `The file has ${old - 1} lines, the text given for it ${fresh - 1}: it looks like a part of it.`
  return { after, level: 0, problems: [{ code: 'truncated', path, detail }] }
}

function createOrDelete(path: string, edit: FileEdit, files: SourceTree): FileChange | Problem {
  if (edit.action === 'delete') {
    const source = textOf(path, files)
    if ('code' in source) return source
    const detail = deletionFault(edit, source.content)
    return detail ? { code: 'delete-mismatch', path, detail } : { path, kind: 'delete', before: source.content }
  }
  const taken = files.get(path)
  if (taken) return { code: 'file-exists', path, detail: `${path} is to be created, but it exists.` }
  const text = newFileText(edit)
  if ('detail' in text) return { code: 'malformed', path, detail: text.detail }
  return { path, kind: 'add', after: text.text, ...(edit.executable ? { executable: true } : {}) }
}

function textOf(path: string, files: SourceTree): { content: string } | Problem {
  const source = files.get(path)
  if (!source) return missingFile(path, files)
  if (source.kind === 'text') return { content: source.content }
  return { code: source.kind, path, detail: `${path} is a ${source.kind}; only text files are edited.` }
}

function refuse(problems: Problem[]): ApplyResult {
  return { ok: false, problems, report: repairReport(problems), reason: reasonOf(problems) }
}
