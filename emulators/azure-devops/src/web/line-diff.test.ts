import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedWithin, diffLines, hunksOf, pairedRows } from './line-diff.ts'

const drawn = (before: string | null, after: string | null) =>
  diffLines(before, after).map(({ kind, text }) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${text}`)

test('a changed line is removed and added between its neighbours', () => {
  expect(drawn('a\nb\nc\n', 'a\nB\nc\n')).toEqual([' a', '-b', '+B', ' c'])
  expect(drawn(null, 'a\n')).toEqual(['+a'])
  expect(drawn('a\nb', null)).toEqual(['-a', '-b'])
  expect(drawn('a\n', 'a')).toEqual(['-a', '+a'])
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 30 }).map(lines => lines.join('\n'))

test('both texts can be read out of any diff, with the right line numbers', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      const side = (kind: 'added' | 'removed') =>
        lines
          .filter(line => line.kind === 'same' || line.kind === kind)
          .map(line => line.text + (line.endsOpen ? '' : '\n'))
          .join('')
      expect(side('removed')).toBe(before)
      expect(side('added')).toBe(after)
      const numbers = lines.flatMap(line => line.after ?? [])
      expect(numbers).toEqual(numbers.map((_, at) => at + 1))
    }),
  )
})

test('no diff is longer than needed', () => {
  expect(drawn('a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n').filter(line => !line.startsWith(' '))).toHaveLength(5)
})

test('two texts with nothing in common are shown in a blink, however long', () => {
  const long = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word} ${i}\n`).join('')
  const started = performance.now()
  expect(diffLines(long('a'), long('b'))).toHaveLength(40_000)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('unchanged stretches are left out and counted', () => {
  const before = Array.from({ length: 40 }, (_, i) => `${i}\n`)
  const after = before.with(10, 'ten\n').with(30, 'thirty\n')
  const hunks = hunksOf(diffLines(before.join(''), after.join('')))
  expect(hunks.map(({ skipped, lines }) => [skipped, lines.length])).toEqual([
    [7, 8],
    [13, 8],
  ])
})

test('side by side a line stands beside what took its place', () => {
  const rows = pairedRows(diffLines('a\nb\nc\nz\n', 'a\nB\nz\nnew\n'))
  expect(rows.map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ['a', 'a'],
    ['b', 'B'],
    ['c', undefined],
    ['z', 'z'],
    [undefined, 'new'],
  ])
})

test('within two like lines only the words that differ are marked', () => {
  expect(changedWithin('color: blue;', 'color: red;')).toEqual({ start: 7, end: 1 })
  expect(changedWithin('  background: royalblue;', '  background: red;')).toEqual({ start: 14, end: 1 })
  expect(changedWithin('abc', 'xyz')).toBeUndefined()
})
