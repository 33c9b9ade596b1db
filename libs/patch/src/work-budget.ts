/** Thrown when placing would take longer than any honest edit needs. */
export class TooMuchWork extends Error {}

export type WorkBudget = {
  /** Throws TooMuchWork once comparing lines has cost too much. */
  spend(units: number): void
  /** Spends on aligning, if as much is left for that; an edit that needs more is refused hunk by hunk. */
  affords(units: number): boolean
}

/** Bounds the work of one edit; a unit is roughly one comparison of two lines. */
export function workBudget(comparing: number, aligning: number): WorkBudget {
  let left = comparing
  let leftToAlign = aligning
  return {
    spend(units) {
      left -= units
      if (left < 0) throw new TooMuchWork('The edit takes too much work to place.')
    },
    affords(units) {
      leftToAlign -= units
      return leftToAlign >= 0
    },
  }
}
