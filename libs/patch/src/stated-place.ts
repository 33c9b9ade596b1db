import type { Candidate } from './placement.ts'
import { countsHold } from './settle-hunk.ts'

/** What the headers of one file's hunks are worth, judged by the hunks whose place is proven without them. */
export type NumberTrust = 'consistent' | 'contradicted' | 'unknown'

/** Where the header says the hunk starts, as a line index. */
export function statedStart({ hunk: { range }, before }: Candidate): number | undefined {
  if (!range) return undefined
  // By convention an insertion without context names the line before it.
  if (before.length === 0) return range.oldCount === 0 ? range.oldStart : undefined
  return range.oldStart - 1
}

export function trustOf(candidates: readonly Candidate[]): NumberTrust {
  const offsets = offsetsOf(candidates)
  if (offsets.length === 0) return 'unknown'
  return offsets.every(offset => offset === 0) ? 'consistent' : 'contradicted'
}

/**
 * A reading of the headers under which every hunk of the file, proven ones included, falls exactly on a place that fits;
 * undefined when the headers prove nothing. `elsewhere` is how the headers of the answer's other files turned out.
 */
export function readNumbers(
  candidates: readonly Candidate[],
  elsewhere: NumberTrust,
): ((candidate: Candidate) => number | undefined) | undefined {
  if (candidates.some(({ hunk }) => !hunk.range)) return undefined
  const offsets = offsetsOf(candidates)
  const trust = trustOf(candidates)
  const chain = chainOf(candidates)
  if (trust === 'consistent' && chain !== 'copied') return statedStart
  if (trust === 'unknown' && elsewhere !== 'contradicted' && chain === 'sound') {
    return candidates.every(({ hunk }) => countsHold(hunk)) ? statedStart : undefined
  }
  if (chain === 'copied') return copiedReading(candidates)
  const [first] = offsets
  if (first !== undefined && offsets.length >= 2 && offsets.every(offset => offset === first)) {
    return candidate => {
      const stated = statedStart(candidate)
      return stated === undefined ? undefined : stated + first
    }
  }
  return undefined
}

function offsetsOf(candidates: readonly Candidate[]): number[] {
  return candidates.flatMap(candidate => {
    const stated = statedStart(candidate)
    return candidate.start === undefined || stated === undefined ? [] : [candidate.start - stated]
  })
}

function byNumber(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort((a, b) => (a.hunk.range?.oldStart ?? 0) - (b.hunk.range?.oldStart ?? 0))
}

/** Sound: each new start is its old start plus what the hunks before it added. Copied: both starts are the same throughout. */
function chainOf(candidates: readonly Candidate[]): 'sound' | 'copied' | 'broken' {
  let sound = true
  let copied = true
  let delta = 0
  let end = 0
  for (const { hunk, before } of byNumber(candidates)) {
    const { range } = hunk
    if (!range) return 'broken'
    const after = hunk.lines.filter(line => line.kind !== 'remove').length
    const old = before.length === 0 ? range.oldStart + 1 : range.oldStart
    const fresh = after === 0 ? range.newStart + 1 : range.newStart
    if (fresh !== old + delta) sound = false
    if (range.oldStart !== range.newStart) copied = false
    if (old < end) return 'broken'
    end = old + before.length
    delta += after - before.length
  }
  if (sound) return 'sound'
  return copied ? 'copied' : 'broken'
}

/** Old starts that are really new starts: right once what earlier hunks added is taken off, and only then. */
function copiedReading(candidates: readonly Candidate[]): ((candidate: Candidate) => number | undefined) | undefined {
  const corrected = new Map<Candidate, number>()
  let delta = 0
  for (const candidate of byNumber(candidates)) {
    const { hunk, before } = candidate
    if (before.length === 0) return undefined
    corrected.set(candidate, (hunk.range?.oldStart ?? 0) - 1 - delta)
    delta += hunk.lines.filter(line => line.kind !== 'remove').length - before.length
  }
  const fits = (candidate: Candidate, start: number | undefined) =>
    candidate.start === undefined ? candidate.windows.some(w => w.start === start) : candidate.start === start
  const asNew = candidates.every(candidate => fits(candidate, corrected.get(candidate)))
  const asOld = candidates.every(candidate => fits(candidate, statedStart(candidate)))
  if (asNew === asOld) return undefined
  return asNew ? candidate => corrected.get(candidate) : statedStart
}
