import { expect, test } from 'vitest'
import { wordsOf } from './gather-context.ts'

test.each([
  ['make buttons red', ['buttons', 'button', 'red']],
  ['rename oldName to newName', ['oldName', 'newName']],
  ['replace "hello world" with „x“ in src/a.ts', ['hello world']],
])('%s is about %j', (intent, words) => {
  expect(wordsOf(intent)).toEqual(expect.arrayContaining(words))
})

test('an intent of any length yields a dozen words at most', () => {
  expect(wordsOf(Array.from({ length: 500 }, (_, n) => `word${n}`).join(' ')).length).toBe(12)
})
