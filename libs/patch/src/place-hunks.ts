import { alignHunk } from './align-hunk.ts'
import { beforeLines, type EditLine, type Hunk, hasChange } from './edit-form.ts'
import { type FileIndex, indexFile } from './file-index.ts'
import { anchorsOf, findWindows } from './find-windows.ts'
import { groupsOf } from './group.ts'
import { trimmedKey, weightOf } from './line-key.ts'
import { nearestRegion } from './nearest-region.ts'
import { isPlaceholder } from './placeholder.ts'
import { type Candidate, type Placement, placementAt } from './placement.ts'
import type { Problem } from './problem.ts'
import { resolveTies } from './resolve-ties.ts'
import { type KeyedLine, keyed, LEVEL } from './rung.ts'
import { countsHold } from './settle-hunk.ts'
import { type NumberTrust, trustOf } from './stated-place.ts'
import type { WorkBudget } from './work-budget.ts'

/** The hunks of one file, looked up but not yet decided. */
export type Lookup = { path: string; index: FileIndex; candidates: Candidate[]; trust: NumberTrust }

// A hunk that leaves out more lines than these says where it belongs by the ones it quotes.
const NEAR_EDGE = 3

export type Placed = { placements: Placement[]; problems: Problem[] }

/** First pass over a file: where each hunk fits at its lowest rung, and what that says about the headers' numbers. */
export function lookUpHunks(path: string, content: string, hunks: readonly Hunk[], budget: WorkBudget): Lookup {
  const index = indexFile(content, hunks.flatMap(anchorsOf))
  const candidates = hunks.filter(hasChange).map(hunk => lookUp(index, hunk, budget))
  return { path, index, candidates, trust: trustOf(candidates) }
}

function lookUp(index: FileIndex, hunk: Hunk, budget: WorkBudget): Candidate {
  const cuts = (hunk.cuts ?? []).map(length => ({ ...hunk, lines: hunk.lines.slice(0, length) }))
  const plain = [hunk, ...cuts].flatMap(reading => [reading, ...withoutOuterGaps(index, reading)])
  const readings = [...[hunk, ...cuts].flatMap(reading => withListItems(index, reading)), ...plain]
  let last: Candidate | undefined
  for (const reading of readings.filter(hasChange)) {
    const before = beforeLines(reading).map(keyed)
    const windows = findWindows(index, before, budget)
    const fitting = reading.atEnd ? windows.filter(w => w.start + before.length === index.count) : windows
    last = { hunk: reading, before, windows: fitting, start: fitting.length === 1 ? fitting[0]?.start : undefined }
    if (fitting.length > 0) return last
  }
  return last ?? { hunk, before: [], windows: [], start: undefined }
}

/**
 * List items that lost the space before them read as removed or added lines. They are context if only then the header's
 * counts hold, and the file has them as items alone.
 */
function withListItems(index: FileIndex, hunk: Hunk): Hunk[] {
  if (!mayHoldAsContext(hunk)) return []
  const lines = hunk.lines.map((line): EditLine => {
    if (line.kind === 'context') return line
    const item = `${line.kind === 'add' ? '+' : '-'}${line.text}`
    const isItem = index.positions.has(trimmedKey(item)) && !index.positions.has(trimmedKey(line.text))
    return isItem ? { kind: 'context', text: item, cr: line.cr, unprefixed: true } : line
  })
  const reading = { ...hunk, lines }
  return countsHold(reading) ? [reading] : []
}

/** Whether counts that do not hold would, if fewer of the changed lines were changes. */
function mayHoldAsContext({ lines, range }: Hunk): boolean {
  if (!range) return false
  const added = lines.filter(line => line.kind === 'add').length
  const removed = lines.filter(line => line.kind === 'remove').length
  const addedAsSaid = lines.length - range.oldCount
  const removedAsSaid = lines.length - range.newCount
  const isFewer = addedAsSaid < added || removedAsSaid < removed
  return isFewer && addedAsSaid >= 0 && addedAsSaid <= added && removedAsSaid >= 0 && removedAsSaid <= removed
}

/** Elision marks at a hunk's ends say only that something stands there. */
function withoutOuterGaps(index: FileIndex, hunk: Hunk): Hunk[] {
  const isGap = ({ kind, text }: EditLine) =>
    kind === 'context' && isPlaceholder(text.trim()) && !index.positions.has(trimmedKey(text))
  const from = hunk.lines.findIndex(line => !isGap(line))
  const to = hunk.lines.findLastIndex(line => !isGap(line)) + 1
  if (from <= 0 && to >= hunk.lines.length) return []
  const { range, ...rest } = hunk
  const lines = hunk.lines.slice(from, to)
  // Only counts that hold with each mark as one line show where the lines after it start.
  if (!range || !countsHold(hunk)) return [{ ...rest, lines }]
  const dropped = hunk.lines.length - lines.length
  const shifted = { ...range, oldStart: range.oldStart + from, newStart: range.newStart + from }
  return [
    { ...rest, lines, range: { ...shifted, oldCount: range.oldCount - dropped, newCount: range.newCount - dropped } },
  ]
}

/** Second pass: every hunk gets its one proven place or a problem. */
export function decidePlaces({ path, index, candidates }: Lookup, elsewhere: NumberTrust, budget: WorkBudget): Placed {
  resolveTies(index, candidates, elsewhere)
  const placements: Placement[] = []
  const problems: Problem[] = []
  for (const candidate of candidates) {
    const outcome = decide(index, candidate, budget)
    if ('at' in outcome) placements.push(outcome)
    else problems.push({ ...outcome, path, hunk: candidate.hunk.number })
  }
  return { placements, problems }
}

function decide(index: FileIndex, candidate: Candidate, budget: WorkBudget): Placement | Problem {
  const { hunk, before, windows, start } = candidate
  if (start !== undefined) {
    const level = windows.find(window => window.start === start)?.level ?? LEVEL.literal
    const placement = before.length === 0 ? { hunk, before, at: [start], level } : placementAt(candidate, start, level)
    if (isApplied(index, placement, start)) return alreadyApplied(candidate, start)
    return isNearEdge(index, placement) ? nearEdge(candidate, start) : placement
  }
  const quoted = before.map(line => line.text)
  if (windows.length > 0) {
    const places = windows.slice(0, 20).map(window => window.start + 1)
    const detail =
      windows.length > 1
        ? `The before lines occur ${windows.length} times; nothing shows which is meant.`
        : 'The before lines are found far from where the header and the other hunks put them.'
    return { code: 'ambiguous', detail, quoted, places }
  }
  if (before.length === 0) {
    return {
      code: 'uncertain-insert-point',
      detail: 'The hunk only adds lines and quotes none, so nothing says where they go.',
    }
  }
  const outcome = alignHunk(index, hunk, before, budget)
  if ('at' in outcome) {
    const placement = { hunk, before, at: outcome.at, level: LEVEL.alignment }
    const near = outcome.at.find(line => line >= 0) ?? 0
    const after = hunk.lines.filter(line => line.kind !== 'remove').map(keyed)
    // Where the outcome stands in full, the place found is only one that resembles it.
    const stands = after.length > 0 && findWindows(index, after, budget).length > 0
    return stands || standsNear(index, hunk, before, near) ? alreadyApplied(candidate, near) : placement
  }
  const missing = before.filter(line => line.key !== '' && !index.positions.has(line.key)).map(line => line.text)
  const nearest = nearestRegion(index, before)
  const region = nearest ? { nearest } : {}
  if (outcome.code === 'not-found') {
    return {
      code: 'not-found',
      detail: 'The before lines are not in the file in this form.',
      quoted,
      missing,
      ...region,
    }
  }
  const detail =
    outcome.code === 'ambiguous'
      ? 'The before lines resemble several places and equal none.'
      : 'The quoted lines leave out or change the line right beside an added one, so its place is not certain.'
  return { code: outcome.code, detail, quoted, missing, places: outcome.places, ...region }
}

/**
 * Whether the hunk's after lines already stand where its before lines were found. If it adds only blanks and brackets, that
 * may be by chance: then a telling context line must be among them, and no number speak for this very place.
 */
function isApplied(index: FileIndex, { hunk, before, at }: Placement, start: number): boolean {
  const after = hunk.lines.filter(line => line.kind !== 'remove').map(line => trimmedKey(line.text))
  if (after.length <= before.length) return false
  const isTelling = hunk.lines.some(line => line.kind === 'add' && /[\p{L}\p{N}]/u.test(line.text))
  if (!isTelling && (hunk.range?.oldStart === start + 1 || !after.some(key => weightOf(key) >= 0.6))) return false
  const end = before.length === 0 ? start : (at.at(-1) ?? start) + 1
  const stands = (from: number) => from >= 0 && after.every((key, i) => index.keyOf(from + i) === key)
  return stands(start) || stands(end - after.length)
}

function nearEdge({ before }: Candidate, start: number): Problem {
  const detail =
    'The added lines have unchanged lines on one side only, though the file goes on for a few lines on the other.'
  return { code: 'uncertain-insert-point', detail, quoted: before.map(line => line.text), places: [start + 1] }
}

function alreadyApplied({ before }: Candidate, start: number): Problem {
  const detail = 'The lines to be added are already there.'
  return { code: 'already-applied', detail, quoted: before.map(line => line.text), places: [start + 1] }
}

/** Whether what an aligned hunk adds stands near its place, beside the line it is to stand beside: it was applied, hence the misfit. */
function standsNear(index: FileIndex, hunk: Hunk, before: readonly KeyedLine[], near: number): boolean {
  const reach = hunk.lines.length + 10
  return groupsOf(hunk).some(({ first, end, lines }) => {
    const added = lines.filter(line => line.kind === 'add').map(line => trimmedKey(line.text))
    if (first < end || !added.some(key => weightOf(key) >= 1)) return false
    const previous = before[first - 1]?.key
    const next = before[end]?.key
    return (index.positions.get(added[0] ?? '') ?? []).some(at => {
      if (Math.abs(at - near) > reach || !added.every((key, i) => index.keys[at + i] === key)) return false
      return index.keys[at - 1] === previous || index.keys[at + added.length] === next
    })
  })
}

/**
 * A hunk that ends by adding lines, close to but not at the end of the file: the few lines in between may be context that
 * was left out, and the added lines meant to follow them. The same at the start.
 */
function isNearEdge(index: FileIndex, { hunk, before, at }: Placement): boolean {
  if (!hunk.lines.some(line => line.kind === 'context')) return false
  const inserts = groupsOf(hunk).filter(({ first, end }) => first === end)
  const above = at[0] ?? 0
  const below = index.count - 1 - (at.at(-1) ?? 0)
  const isClose = (distance: number) => distance > 0 && distance <= NEAR_EDGE
  return inserts.some(({ first }) => (first === before.length && isClose(below)) || (first === 0 && isClose(above)))
}
