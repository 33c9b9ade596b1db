import { type ApplyResult, applyEdit, type Problem, type SourceTree } from '@code-agent/patch/apply'
import { renderDiff } from '@code-agent/patch/canonical-diff'
import { reasonOf, repairReport } from '@code-agent/patch/repair-report'
import { RUNGS } from '@code-agent/patch/rung'
import { type FinePart, fineParts, writtenForm } from './fine-parts.ts'
import { joinKept } from './kept-parts.ts'

export type PlacedEdit = Extract<ApplyResult, { ok: true }>
export type Refusal = Extract<ApplyResult, { ok: false }> & {
  /** What need not be sent again, of this answer and those before it. */
  kept: FinePart[]
}

/**
 * Applies an answer to a repair turn, which may leave out what was fine before. An edit that fits is all of it: what was
 * kept and what is new; nothing that was fine is lost because it was not sent again.
 */
export function placeWithKept(files: SourceTree, text: string, kept: FinePart[]): PlacedEdit | Refusal {
  const result = applyEdit({ files, text })
  if (result.ok) return kept.length === 0 ? result : joined(files, text, kept, result)
  const { problems, reason } = result
  // What is fine is told by the changes themselves, in our own words.
  const report = repairReport(problems.map(({ fineHunks: _, ...problem }) => problem))
  const fine = fineParts(files, text, problems)
  const form = new Map(fine.map(({ change, hunks }) => [change.path, { hunks, whole: false }]))
  const all = joinKept(kept, { changes: fine.map(({ change }) => change), form })
  const parts = new Map([...kept, ...fine].map(part => [part.change.path, part]))
  const now = all.ok ? all.changes.map(change => ({ hunks: 0, rung: RUNGS[0], ...parts.get(change.path), change })) : []
  return { ok: false, problems, report, reason, kept: now }
}

function joined(
  files: SourceTree,
  text: string,
  kept: FinePart[],
  { changes, rung }: PlacedEdit,
): PlacedEdit | Refusal {
  const all = joinKept(kept, { changes, form: writtenForm(files, text) })
  if (!all.ok) {
    const detail = `What was kept of your earlier edit and what you sent now both change line ${all.line}; neither holds all of it.`
    const problems: Problem[] = [{ code: 'overlap', path: all.path, detail, places: [all.line] }]
    return { ok: false, problems, report: repairReport(problems), reason: reasonOf(problems), kept: [] }
  }
  const laxest = Math.max(...[rung, ...kept.map(part => part.rung)].map(one => RUNGS.indexOf(one)))
  return {
    ok: true,
    changes: all.changes,
    ...renderDiff(all.changes),
    rung: RUNGS[laxest] ?? rung,
  }
}
