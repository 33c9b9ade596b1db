/** Thrown when placing would take longer than any honest edit needs. */
export class TooMuchWork extends Error {}

export type WorkBudget = { spend(units: number): void }

/** Bounds the work of one edit; a unit is roughly one comparison of two lines. */
export function workBudget(units: number): WorkBudget {
  let left = units
  return {
    spend(spent) {
      left -= spent
      if (left < 0) throw new TooMuchWork('The edit takes too much work to place.')
    },
  }
}
