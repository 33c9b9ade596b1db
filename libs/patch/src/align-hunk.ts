import { type Alignment, alignLines, gapsOf } from './align-lines.ts'
import type { EditLine, Hunk } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { type Group, groupsOf } from './group.ts'
import { weightOf } from './line-key.ts'
import type { KeyedLine } from './rung.ts'
import { similarity } from './similarity.ts'
import type { WorkBudget } from './work-budget.ts'

export type AlignOutcome =
  | { at: number[] }
  | { code: 'not-found' }
  | { code: 'ambiguous'; places: number[] }
  | { code: 'uncertain-insert-point'; places: number[] }

/** The best alignment, with the before lines' keys and the file it is of. */
type Aligned = { keys: readonly string[]; index: FileIndex; alignment: Alignment }

const LONGEST = 400
const SLACK = 6
const GAP_REACH = 60
const LEAST_SCORE = 0.65
const MARGIN = 0.2
const REPEAT_REACH = 5
const MOST_ANCHORS = 5
const MOST_POSITIONS = 8

/** The last rung: one place where enough of the before lines stand in order, every removed line among them. */
export function alignHunk(
  index: FileIndex,
  hunk: Hunk,
  before: readonly KeyedLine[],
  budget: WorkBudget,
): AlignOutcome {
  if (before.length === 0 || before.length > LONGEST) return { code: 'not-found' }
  if (before.some(line => line.kind === 'remove' && !index.positions.has(line.key))) return { code: 'not-found' }
  const gaps = gapsOf(index, before)
  const reach = SLACK + gaps.filter(Boolean).length * GAP_REACH
  const found = new Map<string, Alignment>()
  for (const diagonal of diagonals(index, before)) {
    const from = Math.max(0, diagonal - reach)
    const to = Math.min(index.count, diagonal + before.length + reach)
    if (!budget.affords(before.length * (to - from))) break
    const alignment = alignLines(index, before, gaps, from, to)
    if (alignment && alignment.score >= LEAST_SCORE) found.set(alignment.at.join(), alignment)
  }
  const ranked = [...found.values()].sort((a, b) => b.score - a.score)
  const best = ranked[0]
  if (!best || !isAnchored(before, best)) return { code: 'not-found' }
  const groups = groupsOf(hunk)
  const aligned = { keys: before.map(line => line.key), index, alignment: best }
  const rivals = ranked.filter(other => other.score > best.score - MARGIN && !sameEdit(groups, best, other))
  if (rivals.length > 0) return { code: 'ambiguous', places: [best, ...rivals].map(firstLine) }
  if (!groups.every(group => isCertain(group, aligned))) {
    return { code: 'uncertain-insert-point', places: [firstLine(best)] }
  }
  return { at: best.at.map((line, i) => (best.met[i] === 'equal' || best.met[i] === 'like' ? line : -1)) }
}

function firstLine({ at }: Alignment): number {
  return (at.find(line => line >= 0) ?? 0) + 1
}

/** Distances between a before line and a file line equal to it, from the rarest lines. */
function diagonals(index: FileIndex, before: readonly KeyedLine[]): number[] {
  const anchors = before
    .map((line, offset) => ({ offset, positions: index.positions.get(line.key) ?? [] }))
    .filter(({ positions }) => positions.length > 0)
    .sort((a, b) => a.positions.length - b.positions.length)
    .slice(0, MOST_ANCHORS)
  const all = anchors.flatMap(({ offset, positions }) => positions.slice(0, MOST_POSITIONS).map(at => at - offset))
  const kept: number[] = []
  for (const diagonal of [...new Set(all)].sort((a, b) => a - b)) {
    // Close diagonals see the same lines: one alignment covers them.
    if (diagonal - (kept.at(-1) ?? Number.NEGATIVE_INFINITY) > 2) kept.push(diagonal)
  }
  return kept
}

/** Enough telling lines must be equal, and not only by way of brackets and blanks. */
function isAnchored(before: readonly KeyedLine[], { met }: Alignment): boolean {
  let telling = 0
  let context = 0
  let contextMet = 0
  before.forEach((line, i) => {
    const isMet = met[i] === 'equal' || met[i] === 'like'
    const weight = weightOf(line.key)
    if (isMet && weight >= 0.6) telling++
    if (line.kind === 'context' && met[i] !== 'gap' && line.key !== '') {
      context++
      if (isMet) contextMet++
    }
  })
  return telling >= 2 && contextMet * 2 >= context
}

function sameEdit(groups: readonly Group[], a: Alignment, b: Alignment): boolean {
  return groups.every(
    ({ first, end }) => a.at[first - 1] === b.at[first - 1] && a.at[first] === b.at[first] && a.at[end] === b.at[end],
  )
}

/**
 * Whether a blank line or bracket beside an insertion is surely this one: none of the lines left out between it and the
 * next telling line is like it.
 */
function isAttached({ keys, index, alignment }: Aligned, from: number, step: 1 | -1): boolean {
  const { at, met } = alignment
  const wanted = keys[from] ?? ''
  let last = at[from] ?? 0
  for (let i = from; weightOf(keys[i] ?? '') < 0.6; ) {
    do i += step
    while (i >= 0 && i < at.length && met[i] !== 'equal' && met[i] !== 'like')
    const outside = i < 0 || i >= at.length
    const next = outside ? last + step * REPEAT_REACH : (at[i] ?? 0)
    for (let line = last + step; line !== next; line += step) if (index.keys[line] === wanted) return false
    if (outside) return true
    last = next
  }
  return true
}

/** Whether a run of changes has one place only, given where the lines around it were met. */
function isCertain({ first, end, lines }: Group, aligned: Aligned): boolean {
  const { at, met } = aligned.alignment
  const total = aligned.index.count
  for (let i = first + 1; i < end; i++) if (at[i] !== (at[i - 1] ?? 0) + 1) return false
  const inserts = lines.some(line => line.kind === 'add')
  if (!inserts) return true
  if (isMove(lines, at.slice(first, end), aligned.index)) return false
  const isMet = (i: number) => met[i] === 'equal' || met[i] === 'like'
  const before = first - 1
  if (first === end) {
    if (met[before] === 'gap') return isMet(end) && isAttached(aligned, end, 1)
    if (met[end] === 'gap') return isMet(before) && isAttached(aligned, before, -1)
    const previous = before < 0 ? -1 : isMet(before) ? at[before] : undefined
    const next = end >= at.length ? total : isMet(end) ? at[end] : undefined
    if (previous === undefined || next !== previous + 1) return false
    if (before >= 0 && !isAttached(aligned, before, -1)) return false
    return end >= at.length || isAttached(aligned, end, 1)
  }
  const last = lines.at(-1)
  if (last?.kind === 'add' && end < at.length && met[end] !== 'gap') {
    const beside = isMet(end) && at[end] === (at[end - 1] ?? 0) + 1
    if (!beside && !replacesLast(lines)) return false
  }
  const beside = isMet(before) && (at[before] ?? 0) + 1 === at[first]
  if (lines[0]?.kind === 'add' && before >= 0 && met[before] !== 'gap' && !beside) return false
  return true
}

/** The file's own line removed and added again in one run of changes: what it was moved past has been left out. */
function isMove(lines: readonly EditLine[], removedAt: readonly number[], index: FileIndex): boolean {
  const removed = new Set(removedAt.map(at => index.textOf(at) ?? ''))
  return lines.some(line => line.kind === 'add' && weightOf(line.text.trim()) >= 0.6 && removed.has(line.text))
}

/**
 * Where the next line was left out, an added line may belong before or after it. It belongs before when it rewords the last
 * removed line, and no line was merely moved.
 */
function replacesLast(lines: readonly EditLine[]): boolean {
  const removed = lines.filter(line => line.kind === 'remove').map(line => line.text.trim())
  const added = lines.filter(line => line.kind === 'add').map(line => line.text.trim())
  const from = removed.at(-1) ?? ''
  const to = added.at(-1) ?? ''
  if (added.length > removed.length || added.some(text => removed.includes(text))) return false
  return similarity(from, to) >= 0.6
}
