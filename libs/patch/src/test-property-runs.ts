import fc from 'fast-check'

/** How often a property is tried: `usual`, or fewer where fast-check is told so for all. */
export function runsOf(usual: number): number {
  return Math.min(usual, fc.readConfigureGlobal().numRuns ?? usual)
}
