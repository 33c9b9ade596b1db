import { afterAll, beforeAll, expect, test } from 'vitest'
import { crashPlaces } from './fault.ts'
import { type Installation, startInstallation } from './installation.ts'
import { paces } from './pace.ts'
import type { Schedule } from './schedule.ts'
import { storyOf } from './story.ts'
import { trial } from './trial.ts'

/** Every place of a run at which a process can die, some of them in one schedule, each reached once. */

const rounds = 10
const pace = paces.hasty
let installation: Installation

beforeAll(async () => {
  installation = await startInstallation(pace)
}, 120_000)

afterAll(async () => {
  await installation?.stop()
}, 60_000)

const schedules = Array.from({ length: rounds }, (_, round) => {
  const places = crashPlaces.filter((_place, index) => index % rounds === round)
  const schedule: Schedule = {
    seed: round + 1,
    requests: [3, 2, 1].map(variants => ({
      atMs: 100,
      pullRequest: variants % 2,
      variants,
      intent: `make the buttons green for ticket t${round + 1}n${variants}`,
    })),
    faults: places.map(place => ({ atMs: 0, fault: { kind: 'crash', place } })),
  }
  return [places.join(', '), schedule] as const
})

test.for(schedules)(
  'a process that dies at %s loses nothing and doubles nothing',
  { timeout: pace.patienceMs + 60_000 },
  async ([, schedule]) => {
    const result = await trial(installation, schedule, pace)
    const story = storyOf(result)
    expect(result.violations, story).toEqual([])
    const spared = result.played.struck.filter(({ struckAt }) => struckAt === undefined)
    expect(spared, 'every place was reached').toEqual([])
    const outcomes = result.evidence.flatMap(({ runs }) => runs.flatMap(run => run.variants))
    expect(
      outcomes.map(({ outcome }) => outcome),
      story,
    ).toEqual(outcomes.map(() => 'done'))
  },
)
