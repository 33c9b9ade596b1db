import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classOf, crashPlaces } from './fault.ts'
import { randomOf } from './random.ts'
import { scheduleOf, undisturbed } from './schedule.ts'

test('the same seed is the same schedule, another seed another one', () => {
  expect(scheduleOf(17)).toEqual(scheduleOf(17))
  expect(scheduleOf(17)).not.toEqual(scheduleOf(18))
})

test('every schedule has at least three requests of one to three variants and one to six faults', () => {
  fc.assert(
    fc.property(fc.nat(), seed => {
      const { requests, faults } = scheduleOf(seed)
      expect(requests.length).toBeGreaterThanOrEqual(3)
      expect(faults.length).toBeGreaterThanOrEqual(1)
      expect(faults.length).toBeLessThanOrEqual(6)
      for (const { variants } of requests) expect([1, 2, 3]).toContain(variants)
    }),
  )
})

test('no two requests ask for the same', () => {
  const intents = Array.from({ length: 200 }, (_, seed) => scheduleOf(seed).requests.map(({ intent }) => intent)).flat()
  expect(new Set(intents).size).toBe(intents.length)
})

test('three hundred schedules meet every class of fault there is', () => {
  const classes = new Set(
    Array.from({ length: 300 }, (_, seed) => scheduleOf(seed).faults.map(({ fault }) => classOf(fault))).flat(),
  )
  expect(classes.size).toBeGreaterThan(35)
})

test('faults can be confined to a class', () => {
  const only = scheduleOf(3, ['kill -9 worker-ado']).faults.map(({ fault }) => classOf(fault))
  expect(new Set(only)).toEqual(new Set(['kill -9 worker-ado']))
  expect(() => scheduleOf(3, ['earthquake'])).toThrow('earthquake')
})

test('some requests are cancelled, and a schedule can be played without its faults', () => {
  const schedules = Array.from({ length: 100 }, (_, seed) => scheduleOf(seed))
  const cancelled = schedules
    .flatMap(({ requests }) => requests)
    .filter(({ cancelAfterMs }) => cancelAfterMs !== undefined)
  expect(cancelled.length).toBeGreaterThan(10)
  expect(cancelled.length).toBeLessThan(100)
  for (const schedule of schedules) {
    const calm = undisturbed(schedule)
    expect(calm.faults).toEqual([])
    expect(calm.requests.map(({ atMs, variants }) => [atMs, variants])).toEqual(
      schedule.requests.map(({ atMs, variants }) => [atMs, variants]),
    )
  }
})

test('a schedule can be held to one fault', () => {
  for (let seed = 0; seed < 20; seed++) expect(scheduleOf(seed, ['kill -9'], 1).faults).toHaveLength(1)
})

test('no crash place is named twice', () => {
  expect(new Set(crashPlaces).size).toBe(crashPlaces.length)
})

test('whole numbers reach both ends', () => {
  const random = randomOf(1)
  const drawn = new Set(Array.from({ length: 100 }, () => random.whole(2, 4)))
  expect(drawn).toEqual(new Set([2, 3, 4]))
})
