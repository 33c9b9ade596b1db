import type { Hunk } from './edit-form.ts'
import type { Window } from './find-windows.ts'
import type { KeyedLine } from './rung.ts'

/** A hunk together with what is known about where it belongs. */
export type Candidate = {
  hunk: Hunk
  before: KeyedLine[]
  /** Places that fit at the lowest level at which any does. */
  windows: Window[]
  /** Index of the first before line, once proven. For a hunk without before lines: of the line it goes before. */
  start: number | undefined
}

/** Where a hunk goes: the file line of each before line, -1 for context that is not there. */
export type Placement = { hunk: Hunk; before: KeyedLine[]; at: number[]; level: number }

export function placementAt({ hunk, before }: Candidate, start: number, level: number): Placement {
  return { hunk, before, at: before.map((_, i) => start + i), level }
}
