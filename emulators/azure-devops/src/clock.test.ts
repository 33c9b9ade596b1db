import { expect, test } from 'vitest'
import { movableClock, sleep } from './clock.ts'

const nextTurn = () => new Promise(resolve => setTimeout(resolve, 5))

test('a frozen clock stands still until it is moved, and then runs what is due, in order', async () => {
  const clock = movableClock({ frozen: true, start: 1000 })
  const ran: string[] = []
  clock.setTimer(200, () => ran.push('second'))
  clock.setTimer(100, () => ran.push('first'))
  clock.setTimer(300, () => ran.push('third'))
  const cancel = clock.setTimer(150, () => ran.push('cancelled'))
  cancel()
  await nextTurn()
  expect([clock.now(), ran]).toEqual([1000, []])
  clock.advance(250)
  await nextTurn()
  expect([clock.now(), ran]).toEqual([1250, ['first', 'second']])
  clock.advance(50)
  await nextTurn()
  expect(ran).toEqual(['first', 'second', 'third'])
  clock.close()
})

test('the system’s clock runs by itself and can be moved besides', async () => {
  const clock = movableClock()
  const before = clock.now()
  await sleep(clock, 5)
  expect(clock.now()).toBeGreaterThanOrEqual(before + 4)
  const slept = sleep(clock, 36 * 3_600_000)
  clock.advance(36 * 3_600_000)
  await slept
  clock.close()
})

test('nothing runs after the clock was closed', async () => {
  const clock = movableClock({ frozen: true })
  let ran = false
  clock.setTimer(1, () => {
    ran = true
  })
  clock.close()
  clock.advance(10)
  await nextTurn()
  expect(ran).toBe(false)
})
