import { applyEdit, type FileChange, type Problem, type Rung, type SourceTree } from '@code-agent/patch/apply'
import type { EditLine, FileEdit, Hunk } from '@code-agent/patch/edit-form'
import { parseEdit } from '@code-agent/patch/parse'
import { targetsOf } from '@code-agent/patch/target-file'

/** What of a refused answer fits by itself: a whole file's change, or that of the hunks whose neighbours failed. */
export type FinePart = {
  change: FileChange
  /** How many hunks the answer had for the file, the refused ones included. */
  hunks: number
  rung: Rung
}

/**
 * Places what the report found nothing wrong with, file by file and alone, so that the model need not send it again.
 * A part whose place only its refused neighbours proved is left out. Pure; the tree may ask to be called again with more.
 */
export function fineParts(files: SourceTree, answer: string, problems: readonly Problem[]): FinePart[] {
  if (problems.some(({ code }) => code === 'too-much-work')) return []
  const parsed = parseEdit(answer, path => files.get(path) !== undefined)
  if (parsed.fault) return []
  return targetsOf(parsed.files, files).targets.flatMap(({ path, edit }) => {
    const part = withoutRefused(
      edit,
      problems.filter(problem => problem.path === path),
    )
    const placed = part && applyEdit({ files, text: written(path, part) })
    if (!placed?.ok) return []
    const { changes, rung } = placed
    const [change, ...others] = changes
    return change?.path === path && others.length === 0 ? [{ change, hunks: edit.hunks.length, rung }] : []
  })
}

/** How an answer that fits was written: what a kept part of an earlier one is weighed against. */
export function writtenForm(files: SourceTree, answer: string): ReadonlyMap<string, { hunks: number; whole: boolean }> {
  const parsed = parseEdit(answer, path => files.get(path) !== undefined)
  const { targets } = targetsOf(parsed.files, files)
  return new Map(targets.map(({ path, edit }) => [path, { hunks: edit.hunks.length, whole: edit.whole !== undefined }]))
}

function withoutRefused(edit: FileEdit, problems: readonly Problem[]): FileEdit | undefined {
  if (problems.length === 0) return edit.refused || edit.executable ? undefined : edit
  if (edit.action !== 'edit' || edit.whole !== undefined || problems.some(({ hunk }) => hunk === undefined))
    return undefined
  const refused = new Set(problems.map(({ hunk }) => hunk))
  const hunks = edit.hunks.filter(({ number }) => !refused.has(number))
  return hunks.length === 0 ? undefined : { ...edit, hunks }
}

/** One file's part of an answer, written so that it reads as it was read. */
function written(path: string, edit: FileEdit): string {
  if (edit.whole !== undefined && edit.action === 'edit') return wholeFile(path, edit.whole)
  if (edit.action === 'delete' && edit.named) return `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch\n`
  const old = edit.action === 'add' ? '/dev/null' : `a/${path}`
  const fresh = edit.action === 'delete' ? '/dev/null' : `b/${path}`
  const hunks = edit.whole === undefined ? edit.hunks.map(hunkText).join('') : allAdded(edit.whole)
  return `--- ${old}\n+++ ${fresh}\n${hunks}`
}

function wholeFile(path: string, content: string): string {
  const ticks = Math.max(2, ...[...content.matchAll(/`{3,}/g)].map(([run]) => run.length))
  const fence = '`'.repeat(ticks + 1)
  return `${path}\n${fence}\n${content}${content === '' || content.endsWith('\n') ? '' : '\n'}${fence}\n`
}

function allAdded(content: string): string {
  const lines = content.replace(/\n$/, '').split('\n')
  return `@@ -0,0 +1,${lines.length} @@\n${lines.map(line => `+${line}\n`).join('')}`
}

function hunkText({ range, headings, lines }: Hunk): string {
  const numbers = range ? `-${range.oldStart},${range.oldCount} +${range.newStart},${range.newCount} ` : ''
  return `@@ ${numbers}@@ ${headings.at(-1) ?? ''}\n${lines.map(lineText).join('')}`
}

function lineText({ kind, text, cr, bare, unprefixed, noNewline }: EditLine): string {
  const mark = bare || unprefixed ? '' : { context: ' ', remove: '-', add: '+' }[kind]
  return `${mark}${text}${cr ? '\r' : ''}\n${noNewline ? '\\ No newline at end of file\n' : ''}`
}
