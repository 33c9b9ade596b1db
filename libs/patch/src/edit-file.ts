import type { FileEdit } from './edit-form.ts'
import { decidePlaces, type Lookup } from './place-hunks.ts'
import { isWordedPlaceholder } from './placeholder.ts'
import type { Problem } from './problem.ts'
import { reindenters } from './reindent.ts'
import { findOverlap, type Splice, splicesOf } from './splice.ts'
import { spliceText } from './splice-text.ts'
import type { NumberTrust } from './stated-place.ts'
import { isStrangelyIndented } from './strange-indentation.ts'
import { diffReplaced, type TextDiff } from './text-diff.ts'
import type { WorkBudget } from './work-budget.ts'

/** `diff` says how the text changed, where that follows from the hunks. */
export type EditedFile = { after: string; level: number; problems: Problem[]; diff?: TextDiff }

/** Places all hunks of one file against its original text and puts the new text together, or says what is wrong. */
export function editFile(lookup: Lookup, edit: FileEdit, elsewhere: NumberTrust, budget: WorkBudget): EditedFile {
  const { path, index } = lookup
  const { placements, problems } = decidePlaces(lookup, elsewhere, budget)
  const indent = reindenters(index, placements)
  const splices: Splice[] = []
  for (const placement of placements) {
    const reindent = indent.get(placement)
    const isUncertain = !reindent && isStrangelyIndented(index, placement)
    const own = isUncertain ? undefined : splicesOf(index, placement, reindent ?? (text => text))
    if (own) splices.push(...own)
    else {
      const detail =
        'The hunk is indented unlike the file, and its lines do not show how its added lines are to be indented.'
      const places = [(placement.at.find(line => line >= 0) ?? 0) + 1]
      const quoted = placement.before.map(line => line.text)
      problems.push({ code: 'uncertain-indentation', path, hunk: placement.hunk.number, detail, quoted, places })
    }
  }
  const overlap = findOverlap(splices)
  if (overlap) {
    const [left, right] = overlap
    const detail = `Hunk ${left.hunk.number} and hunk ${right.hunk.number} change the same lines, at line ${right.from + 1}.`
    problems.push({ code: 'overlap', path, hunk: right.hunk.number, detail, places: [right.from + 1] })
  }
  if (problems.length > 0) return { after: '', level: 0, problems: withFineHunks(problems, lookup) }
  const { after, replaced } = spliceText(index, splices)
  if (after === '' && index.count > 0 && !edit.emptied) {
    const detail = 'The edit removes every line; say whether the file shall be deleted (+++ /dev/null).'
    return { after, level: 0, problems: [{ code: 'uncertain-deletion', path, detail }] }
  }
  const level = Math.max(0, ...placements.map(placement => placement.level))
  return { after, level, problems: [], ...(replaced && { diff: diffReplaced(index, replaced) }) }
}

function withFineHunks(problems: readonly Problem[], { candidates }: Lookup): Problem[] {
  const bad = new Set(problems.map(problem => problem.hunk))
  const fineHunks = candidates.map(({ hunk }) => hunk.number).filter(number => !bad.has(number))
  return problems.map(problem => ({ ...problem, fineHunks }))
}

/** Added lines that stand for code left out: applying them would delete that code. */
export function placeholderProblems(path: string, edit: FileEdit): Problem[] {
  const found: Problem[] = []
  const report = (text: string, hunk?: number) => {
    const detail = `The added line stands for code instead of being it: ${text.trim()}`
    found.push({ code: 'placeholder', path, detail, ...(hunk === undefined ? {} : { hunk }) })
  }
  for (const text of edit.whole?.split('\n') ?? []) if (isPlaceholder(text, path)) report(text)
  for (const { number, lines } of edit.hunks) {
    const isKept = (text: string) => lines.some(line => line.kind !== 'add' && line.text.trim() === text.trim())
    for (const { kind, text } of lines)
      if (kind === 'add' && isPlaceholder(text, path) && !isKept(text)) report(text, number)
  }
  return found
}

function isPlaceholder(text: string, path: string): boolean {
  return isWordedPlaceholder(text.trim()) || isBareDots(text, path)
}

/** "..." alone is code in Python and prose in documents; anywhere else it is an omission. */
function isBareDots(text: string, path: string): boolean {
  return (
    /^(?:\/\/|#)?\s*(?:\.\.\.|…)$/.test(text.trim()) &&
    /\.(?:[cm]?[jt]sx?|java|cs|go|rs|c|h|cc|cpp|hpp|kt|swift|php|css|scss)$/.test(path)
  )
}
