import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedLines, compareVariants, type Evidence } from './compare-variants.ts'

function evidence(over: Partial<Evidence> & { variant: number }): Evidence {
  return { isDone: true, files: 1, changedLines: new Set([`+line of ${over.variant}`]), marks: [], ...over }
}

test('drafts come first, then fewer risks, then fewer files, then fewer lines, then the variant’s own number', () => {
  const { order } = compareVariants([
    evidence({ variant: 1, isDone: false }),
    evidence({ variant: 2, files: 3 }),
    evidence({ variant: 3, changedLines: new Set(['+a', '+b']) }),
    evidence({ variant: 4 }),
    evidence({ variant: 5 }),
    evidence({ variant: 6, marks: ['deletes a test'] }),
  ])
  expect(order.map(({ variant }) => variant)).toEqual([4, 5, 3, 2, 6, 1])
  expect(order.find(({ variant }) => variant === 6)?.marks).toEqual(['deletes a test'])
})

test('a result nearly the same as a better one is named so; one that never became a draft is not', () => {
  const lines = new Set(Array.from({ length: 20 }, (_, n) => `+${n}`))
  const { order } = compareVariants([
    evidence({ variant: 1, changedLines: lines }),
    evidence({ variant: 2, changedLines: new Set([...lines, '+one more']) }),
    evidence({ variant: 3, changedLines: lines, isDone: false }),
  ])
  expect(order).toEqual([{ variant: 1 }, { variant: 2, similarTo: 1 }, { variant: 3 }])
})

test('every variant is in the order once, and only earlier ones are pointed to', () => {
  const variants = fc.uniqueArray(
    fc.record({
      variant: fc.integer({ min: 1, max: 20 }),
      isDone: fc.boolean(),
      files: fc.nat(3),
      lines: fc.array(fc.constantFrom('+a', '+b', '-a')),
    }),
    {
      selector: entry => entry.variant,
    },
  )
  fc.assert(
    fc.property(variants, entries => {
      const { order } = compareVariants(
        entries.map(({ lines, ...entry }) => ({ ...entry, changedLines: new Set(lines), marks: [] })),
      )
      const seen: number[] = []
      for (const { variant, similarTo } of order) {
        expect(similarTo === undefined || seen.includes(similarTo)).toBe(true)
        seen.push(variant)
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual(entries.map(entry => entry.variant).toSorted((a, b) => a - b))
    }),
  )
})

test('headers and context of a diff are no changed lines, and spacing does not tell lines apart', () => {
  expect([...changedLines('--- a/x\n+++ b/x\n@@ -1 +1 @@\n same\n-old  line\n+new\tline\n')]).toEqual([
    '-old line',
    '+new line',
  ])
})
