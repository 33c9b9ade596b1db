import { expect, test } from 'vitest'
import { firstWords, summaryOf } from './summary.ts'

const changes = [{ path: 'a.css' }, { path: 'b.css' }]

test('the first sentence outside any code says what a change does', () => {
  expect(summaryOf('```diff\n+x\n```\n\nMakes the buttons red. And more.\n', changes)).toBe('Makes the buttons red.')
  expect(summaryOf('Uses `--red` v1.2 everywhere', changes)).toBe('Uses `--red` v1.2 everywhere')
})

test('an answer without a word of prose is summed up by its files', () => {
  expect(summaryOf('```diff\n+x\n```', changes)).toBe('Changes a.css, b.css.')
  expect(summaryOf('', [...changes, { path: 'c' }, { path: 'd' }])).toBe('Changes a.css, b.css, c and 1 more.')
})

test('long text is cut between characters, not inside one', () => {
  expect([...firstWords('😀'.repeat(400))]).toHaveLength(300)
  expect(summaryOf('Wörter '.repeat(100), changes).endsWith('…')).toBe(true)
})
