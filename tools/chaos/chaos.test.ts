import { expect, test } from 'vitest'
import { startInstallation } from './installation.ts'
import { paces } from './pace.ts'
import { scheduleOf } from './schedule.ts'
import { storyOf } from './story.ts'
import { trial } from './trial.ts'

const firstSeed = 5_000
/** No new schedule begins after this; on a fast machine there are a dozen by then. */
const enoughMs = 45_000
const longestMs = 240_000

test('a minute of seeded chaos loses nothing, doubles nothing and leaves nothing stuck', {
  timeout: longestMs,
}, async () => {
  const pace = paces.fast
  const installation = await startInstallation(pace)
  try {
    const began = performance.now()
    for (let seed = firstSeed; seed === firstSeed || performance.now() - began < enoughMs; seed++) {
      const result = await trial(installation, scheduleOf(seed), pace)
      expect(result.violations, storyOf(result)).toEqual([])
    }
  } finally {
    await installation.stop()
  }
})
