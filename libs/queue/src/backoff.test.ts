import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelay, delayUntil } from './backoff.ts'

const chance = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('backoff stays within half of and the whole doubled delay, and never above its cap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 5_000 }),
      chance(),
      (made, base, random) => {
        const full = Math.min(2 ** (made - 1), 60) * base
        const delay = backoffDelay(made, base, () => random)
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full / 2))
        expect(delay).toBeLessThanOrEqual(full)
        expect(delay).toBeLessThanOrEqual(60 * base)
      },
    ),
  )
})

test('nobody looks before the time asked for, nor at once when that time is past', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), chance(), (wait, random) => {
      const now = 1_800_000_000_000
      const delay = delayUntil(new Date(now + wait), now, () => random)
      expect(delay).toBeGreaterThanOrEqual(Math.max(wait, 200))
      expect(delay).toBeLessThanOrEqual(Math.max(wait, 200) + 30_000)
    }),
  )
})
