import type { EditFormat } from '@code-agent/llm/edit-format'
import type { ModelAnswer } from '@code-agent/llm/model'
import { repairTurn, retryTurn, wholeFileTurn } from '@code-agent/llm/turns'
import { renderDiff } from '@code-agent/patch/canonical-diff'
import type { Refusal } from './place-with-kept.ts'
import type { RunContext } from './read-context.ts'

/** A file up to this long may be sent whole when nothing else fits. */
const wholeFileLines = 400

/** What the model is told next, or nothing when all is tried. Takes from `left` what it uses. */
export async function nextTry(of: {
  edit: Refusal
  answer: ModelAnswer
  left: { repairs: number; wholeFiles: number }
  read: Pick<RunContext, 'shown'>
  editFormat: EditFormat
}): Promise<string | undefined> {
  const { edit, answer, left, read, editFormat } = of
  if (left.repairs > 0) {
    left.repairs--
    if (answer.stop === 'truncated') return retryTurn('truncated', editFormat)
    if (edit.problems.some(({ code }) => code === 'no-edit')) return retryTurn('no-edit', editFormat)
    return repairTurn(edit.report, renderDiff(edit.kept.map(({ change }) => change)).diff)
  }
  if (left.wholeFiles-- <= 0) return undefined
  return await wholeFiles(read, edit)
}

/** The last resort, for files so small that the model can write them whole without losing anything. */
async function wholeFiles({ shown }: Pick<RunContext, 'shown'>, edit: Refusal): Promise<string | undefined> {
  const paths = [...new Set(edit.problems.flatMap(({ path }) => (path === undefined ? [] : [path])))]
  const files = await shown.readMany(paths)
  const small = [...files.values()].every(
    file => file.kind === 'text' && file.content.split('\n').length <= wholeFileLines,
  )
  const others = edit.kept.filter(({ change }) => !paths.includes(change.path))
  return paths.length > 0 && small
    ? wholeFileTurn(edit.report, paths, renderDiff(others.map(({ change }) => change)).diff)
    : undefined
}

/** Why a variant failed, for the commenter, after everything was tried. */
export function lastWords(edit: Refusal, answer: ModelAnswer): string {
  if (answer.stop === 'truncated') return 'The edit was longer than one answer of the model may be.'
  if (edit.problems.some(({ code }) => code === 'placeholder'))
    return 'The model wrote “…” or the like in place of code, and kept doing so; such an edit is never applied.'
  return edit.reason
}
