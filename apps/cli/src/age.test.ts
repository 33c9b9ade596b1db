import { expect, test } from 'vitest'
import { ageMs, ago } from './age.ts'

test('ages are read in minutes, hours, days and weeks, and nothing else', () => {
  expect(['30m', '12h', '90d', '2w'].map(ageMs)).toEqual([1_800_000, 43_200_000, 7_776_000_000, 1_209_600_000])
  for (const wrong of ['', '90', 'd', '-1d', '1.5h', '1y', '90 d']) expect(() => ageMs(wrong), wrong).toThrow(/no age/)
})

test('how long ago is said in the largest unit that fits', () => {
  const now = new Date('2026-01-10T00:00:00Z')
  const at = (text: string) => ago(new Date(text), now)
  expect([
    at('2026-01-09T23:59:58Z'),
    at('2026-01-09T23:58:00Z'),
    at('2026-01-09T21:00:00Z'),
    at('2026-01-01'),
  ]).toEqual(['2s', '2m', '3h', '9d'])
  expect(at('2026-01-11')).toBe('0s')
})
