import { expect, test } from 'vitest'
import { limitSentence, readLimits } from './limits.ts'

test('limits are read one by one, and a slip is named', () => {
  expect(readLimits('user:runs=50, repository:usd=2.5,')).toEqual([
    { scope: 'user', of: 'runs', most: 50 },
    { scope: 'repository', of: 'usd', most: 2.5 },
  ])
  expect(readLimits('')).toEqual([])
  for (const wrong of ['users:runs=5', 'user:runs', 'user:runs=-1', 'user:euros=5'])
    expect(() => readLimits(`user:usd=1, ${wrong}`)).toThrow(wrong)
})

test('the sentence names the limit and when it renews', () => {
  const [limit] = readLimits('repository:tokens=2000000')
  if (!limit) throw new Error('there is one')
  expect(limitSentence({ limit, renewsAt: new Date('2026-03-02T00:00:00Z') })).toMatch(
    /^This repository has .*2,000,000 tokens of today\. The limit renews at 2026-03-02 00:00 UTC\./,
  )
})
