import { expect, test } from 'vitest'
import { wakeableSleep } from './wakeable-sleep.ts'

const long = 60_000

test('a call ends the sleep', async () => {
  const sleep = wakeableSleep()
  const slept = sleep.until(long)
  sleep.wake()
  await expect(slept).resolves.toBeUndefined()
})

test('a call before the sleep ends it at once, and only that one', async () => {
  const sleep = wakeableSleep()
  sleep.wake()
  await sleep.until(long)
  const started = performance.now()
  await sleep.until(20)
  expect(performance.now() - started).toBeGreaterThanOrEqual(19)
})
