import type { FileIndex } from './file-index.ts'
import type { Window } from './find-windows.ts'
import { headingBlock } from './heading-block.ts'
import type { Candidate } from './placement.ts'
import { type NumberTrust, readNumbers, statedStart } from './stated-place.ts'

/** Gives hunks with several fitting places the one that is proven, if any; others stay without a start. */
export function resolveTies(index: FileIndex, candidates: readonly Candidate[], elsewhere: NumberTrust): void {
  distrustInversions(candidates)
  settleTwins(candidates)
  settleByNumbers(index, candidates, elsewhere)
  settleByNeighbours(candidates)
  settleByHeading(index, candidates)
}

/**
 * Where one hunk's number is exactly right, another that is not, and whose place even contradicts the order of the numbers,
 * likely fits by chance: lines that would have set its true place apart were left out.
 */
function distrustInversions(candidates: readonly Candidate[]): void {
  const placed = candidates.flatMap(candidate => {
    const stated = statedStart(candidate)
    return candidate.start === undefined || stated === undefined ? [] : [{ candidate, stated, start: candidate.start }]
  })
  const right = placed.filter(({ stated, start }) => stated === start)
  for (const { candidate, stated, start } of placed) {
    const inverted = right.some(other => Math.sign(other.stated - stated) * Math.sign(other.start - start) < 0)
    if (stated !== start && inverted) candidate.start = undefined
  }
}

function isOpen(candidate: Candidate): boolean {
  return candidate.start === undefined && candidate.windows.length > 1
}

/** As many hunks with the same before and after lines as there are places: each place gets one, whichever. */
function settleTwins(candidates: readonly Candidate[]): void {
  const twins = new Map<string, Candidate[]>()
  for (const candidate of candidates.filter(isOpen)) {
    const shape = candidate.hunk.lines.map(line => `${line.kind}:${line.text}`).join('\n')
    const same = twins.get(shape)
    if (same) same.push(candidate)
    else twins.set(shape, [candidate])
  }
  for (const same of twins.values()) {
    const windows = same[0]?.windows ?? []
    if (same.length < 2 || windows.length !== same.length) continue
    same.forEach((candidate, i) => {
      candidate.start = windows[i]?.start
    })
  }
}

function settleByNumbers(index: FileIndex, candidates: readonly Candidate[], elsewhere: NumberTrust): void {
  const open = candidates.filter(candidate => isOpen(candidate) || isUnanchored(candidate))
  if (open.length === 0) return
  const read = readNumbers(candidates, elsewhere)
  if (!read) return
  const proven = candidates.some(candidate => candidate.start !== undefined)
  for (const candidate of open) {
    const start = read(candidate)
    if (start === undefined || start > index.count) continue
    if (isUnanchored(candidate)) {
      // At line 0 it may be meant as a new file: only other hunks can show that the numbers are meant.
      if (start > 0 || proven) candidate.start = start
    } else if (candidate.windows.some(window => window.start === start)) candidate.start = start
  }
}

function isUnanchored({ before, start }: Candidate): boolean {
  return before.length === 0 && start === undefined
}

/** Between the proven hunks before and after it, if those stand in the file in the order of the answer. */
function settleByNeighbours(candidates: readonly Candidate[]): void {
  const starts = candidates.map(candidate => candidate.start)
  const proven = starts.filter(start => start !== undefined)
  if (proven.length < 2 || proven.some((start, i) => i > 0 && start <= (proven[i - 1] ?? 0))) return
  const numbers = candidates.flatMap(({ hunk }) => (hunk.range ? [hunk.range.oldStart] : []))
  if (numbers.some((number, i) => i > 0 && number < (numbers[i - 1] ?? 0))) return
  candidates.forEach((candidate, i) => {
    if (!isOpen(candidate)) return
    const previous = candidates.slice(0, i).findLast(other => other.start !== undefined)
    const next = candidates.slice(i + 1).find(other => other.start !== undefined)
    if (!previous || !next) return
    const from = (previous.start ?? 0) + previous.before.length
    settle(candidate, window => window.start >= from && window.start + candidate.before.length <= (next.start ?? 0))
  })
}

function settleByHeading(index: FileIndex, candidates: readonly Candidate[]): void {
  for (const candidate of candidates) {
    if (!isOpen(candidate)) continue
    const block = headingBlock(index, candidate.hunk.headings)
    if (!block) continue
    settle(candidate, ({ start }) => start >= block.from && start + candidate.before.length <= block.to)
  }
}

function settle(candidate: Candidate, fits: (window: Window) => boolean): void {
  const fitting = candidate.windows.filter(fits)
  if (fitting.length === 1) candidate.start = fitting[0]?.start
}
