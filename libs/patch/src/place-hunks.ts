import { alignHunk } from './align-hunk.ts'
import { beforeLines, type Hunk, hasChange } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { findWindows } from './find-windows.ts'
import { nearestRegion } from './nearest-region.ts'
import { type Candidate, type Placement, placementAt } from './placement.ts'
import type { Problem } from './problem.ts'
import { resolveTies } from './resolve-ties.ts'
import { keyed, LEVEL } from './rung.ts'
import { type NumberTrust, trustOf } from './stated-place.ts'
import type { WorkBudget } from './work-budget.ts'

/** The hunks of one file, looked up but not yet decided. */
export type Lookup = { path: string; index: FileIndex; candidates: Candidate[]; trust: NumberTrust }

export type Placed = { placements: Placement[]; problems: Problem[] }

/** First pass over a file: where each hunk fits at its lowest rung, and what that says about the headers' numbers. */
export function lookUpHunks(path: string, index: FileIndex, hunks: readonly Hunk[], budget: WorkBudget): Lookup {
  const candidates = hunks.filter(hasChange).map(hunk => lookUp(index, hunk, budget))
  return { path, index, candidates, trust: trustOf(candidates) }
}

function lookUp(index: FileIndex, hunk: Hunk, budget: WorkBudget): Candidate {
  const readings = [hunk, ...(hunk.cuts ?? []).map(length => ({ ...hunk, lines: hunk.lines.slice(0, length) }))]
  let last: Candidate | undefined
  for (const reading of readings.filter(hasChange)) {
    const before = beforeLines(reading).map(keyed)
    const windows = findWindows(index, before, budget)
    const fitting = reading.atEnd ? windows.filter(w => w.start + before.length === index.texts.length) : windows
    last = { hunk: reading, before, windows: fitting, start: fitting.length === 1 ? fitting[0]?.start : undefined }
    if (fitting.length > 0) return last
  }
  return last ?? { hunk, before: [], windows: [], start: undefined }
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
    return isApplied(index, placement, start) ? alreadyApplied(candidate, start) : placement
  }
  const quoted = before.map(line => line.text)
  if (windows.length > 1) {
    const places = windows.slice(0, 20).map(window => window.start + 1)
    const detail = `The before lines occur ${windows.length} times; nothing shows which is meant.`
    return { code: 'ambiguous', detail, quoted, places }
  }
  if (before.length === 0) {
    return {
      code: 'uncertain-insert-point',
      detail: 'The hunk only adds lines and quotes none, so nothing says where they go.',
    }
  }
  const outcome = alignHunk(index, hunk, before, budget)
  if ('at' in outcome) return { hunk, before, at: outcome.at, level: LEVEL.alignment }
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

/** Whether the hunk's after lines already stand where its before lines were found. */
function isApplied(index: FileIndex, { hunk, before, at }: Placement, start: number): boolean {
  const after = hunk.lines.filter(line => line.kind !== 'remove')
  const added = hunk.lines.filter(line => line.kind === 'add')
  if (after.length <= before.length || !added.some(line => /[\p{L}\p{N}]/u.test(line.text))) return false
  const end = before.length === 0 ? start : (at.at(-1) ?? start) + 1
  const stands = (from: number) => from >= 0 && after.every((line, i) => index.texts[from + i] === line.text)
  return stands(start) || stands(end - after.length)
}

function alreadyApplied({ before }: Candidate, start: number): Problem {
  const detail = 'The lines to be added are already there.'
  return { code: 'already-applied', detail, quoted: before.map(line => line.text), places: [start + 1] }
}
