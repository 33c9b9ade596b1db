import type { FileIndex } from './file-index.ts'
import { weightOf } from './line-key.ts'
import type { Region } from './problem.ts'
import type { KeyedLine } from './rung.ts'

const MOST_LINES = 30
const MOST_POSITIONS = 50

/** The stretch of the file in which most of the before lines stand at their distance from one another. */
export function nearestRegion(index: FileIndex, before: readonly KeyedLine[]): Region | undefined {
  const votes = new Map<number, number>()
  before.forEach((line, offset) => {
    const weight = weightOf(line.key)
    const positions = index.positions.get(line.key) ?? []
    if (weight < 0.5 || positions.length > MOST_POSITIONS) return
    // Buckets of two lines let a lost or gained line still count for the same place.
    for (const at of positions) {
      const bucket = Math.floor((at - offset) / 2)
      for (const near of [bucket - 1, bucket]) votes.set(near, (votes.get(near) ?? 0) + weight / positions.length)
    }
  })
  let best: number | undefined
  for (const [bucket, vote] of votes) if (best === undefined || vote > (votes.get(best) ?? 0)) best = bucket
  if (best === undefined) return undefined
  const from = Math.max(0, best * 2 - 1)
  const to = Math.min(index.count, from + Math.min(MOST_LINES, before.length + 5))
  return { start: from + 1, lines: index.texts.slice(from, to) }
}
