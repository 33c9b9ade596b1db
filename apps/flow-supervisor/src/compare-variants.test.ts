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

const diffOf = (path: string, body: string) =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,9 +1,9 @@\n${body}`

test('headers and context of a diff are no changed lines, and spacing does not tell lines apart', () => {
  const one = changedLines(diffOf('x', ' same\n-old  line\n+new\tline\n'))
  expect(one.size).toBe(2)
  expect(changedLines(diffOf('x', '-old line\n same\n+new line\n'))).toEqual(one)
})

test('a line counts as often as it is changed, in each file, whatever it looks like', () => {
  expect(changedLines(diffOf('x', '--- a comment of SQL\n+++ b\n+a\n+a\n') + diffOf('y', '+a\n')).size).toBe(5)
  const deleted = 'diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n'
  expect(changedLines(deleted).size).toBe(1)
})

const numbered = (from: number, to: number) => new Set(Array.from({ length: to - from }, (_, n) => `+${from + n}`))

test('what two variants have in common is told when it is much but not nearly all', () => {
  const { order } = compareVariants([
    evidence({ variant: 1, changedLines: numbered(0, 10) }),
    evidence({ variant: 2, changedLines: numbered(5, 16) }),
    evidence({ variant: 3, changedLines: numbered(5, 18) }),
    evidence({ variant: 4, changedLines: numbered(50, 70) }),
  ])
  expect(order).toEqual([
    { variant: 1 },
    { variant: 2, shares: { with: 1, percent: 31 } },
    { variant: 3, shares: { with: 2, percent: 85 } },
    { variant: 4 },
  ])
})

test.each([
  ['marks', { marks: ['changes pipelines'] }, 'it has the least that must be looked at twice'],
  ['files', { files: 2 }, 'it touches the fewest files'],
  ['lines', { changedLines: new Set(['+a', '+b']) }, 'it changes the fewest lines'],
])('the first is recommended by what sets it apart from the next: %s', (_, worse, because) => {
  const both = [evidence({ variant: 1, ...worse }), evidence({ variant: 2 })]
  expect(compareVariants(both).recommended).toEqual({ variant: 2, because })
})

test('nothing is recommended where only the numbers differ, where all is nearly the same, or where there is but one', () => {
  expect(compareVariants([evidence({ variant: 1 }), evidence({ variant: 2 })]).recommended).toBeUndefined()
  const same = [evidence({ variant: 1 }), evidence({ variant: 2, files: 2, changedLines: new Set(['+line of 1']) })]
  expect(compareVariants(same).recommended).toBeUndefined()
  expect(
    compareVariants([evidence({ variant: 1 }), evidence({ variant: 2, files: 2, isDone: false })]).recommended,
  ).toBeUndefined()
})
