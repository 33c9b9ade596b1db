/** Numbers that a seed decides; the same seed gives the same ones everywhere. */
export type Random = {
  /** At least 0 and less than 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number
  pick<T>(from: readonly T[]): T
  /** By weight; the weights need not add up to anything. */
  pickWeighted<T>(from: readonly (readonly [weight: number, one: T])[]): T
}

/** mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  function pickWeighted<T>(from: readonly (readonly [number, T])[]): T {
    let left = next() * from.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, one] of from) {
      left -= weight
      if (left < 0) return one
    }
    throw new Error('nothing to pick from')
  }
  return {
    next,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: from => pickWeighted(from.map(one => [1, one] as const)),
    pickWeighted,
  }
}
