import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunFacts } from './evidence.ts'
import { crashPlaces, endingPlaces, type Fault } from './fault.ts'
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
    const outcomes = (await everyPlaceReached(schedule)).flatMap(({ variants }) => variants)
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'done'))
  },
)

/** Plays it, and holds it against the invariants. */
async function everyPlaceReached(schedule: Schedule): Promise<RunFacts[]> {
  const result = await trial(installation, schedule, pace)
  const story = storyOf(result)
  expect(result.violations, story).toEqual([])
  const spared = result.played.struck.filter(({ fault, struckAt }) => fault.kind === 'crash' && struckAt === undefined)
  expect(spared, `every place was reached: ${story}`).toEqual([])
  return result.evidence.flatMap(({ runs }) => runs)
}

type Ending = Pick<Schedule, 'requests' | 'seed'> & { places: readonly string[]; model: Fault }

function ending({ seed, requests, places, model }: Ending): Schedule {
  const crashes = places.map(place => ({ atMs: 0, fault: { kind: 'crash', place } as const }))
  return { seed, requests, faults: [{ atMs: 0, fault: model }, ...crashes] }
}

const asked = (seed: number, n: number) => ({
  ...{ atMs: 100, pullRequest: n % 2, variants: 1 },
  intent: `make the buttons teal for ticket t${seed}n${n}`,
})

const endings = { timeout: 2 * pace.patienceMs + 60_000 }

test(
  'a process that dies while a run is cancelled, answered and closed: it is cancelled once, and said so',
  endings,
  async () => {
    const runs = await everyPlaceReached(
      ending({
        seed: 101,
        // Nobody could plan before the word of the author comes.
        model: { kind: 'model', trouble: 'stalled', variant: 0, times: 40 },
        requests: [1, 2, 3].map(n => ({ ...asked(101, n), cancelAfterMs: 1_500 })),
        places: endingPlaces.cancelled,
      }),
    )
    expect(runs.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  },
)

test(
  'a process that dies while a run is refused, or given up before it began: its author reads why',
  endings,
  async () => {
    const runs = await everyPlaceReached(
      ending({
        seed: 102,
        model: { kind: 'model', trouble: 'failed', variant: 0, times: 200 },
        requests: [asked(102, 1), { ...asked(102, 2), user: 'reader' }, { ...asked(102, 3), user: 'reader' }],
        places: endingPlaces.refused,
      }),
    )
    expect(runs.map(({ outcome }) => outcome)).toEqual(['failed', 'refused', 'refused'])
  },
)

test('a process that dies while a variant fails for good: the others become drafts', endings, async () => {
  const runs = await everyPlaceReached(
    ending({
      seed: 103,
      model: { kind: 'model', trouble: 'failed', variant: 1, times: 200 },
      requests: [1, 2, 3].map(n => ({ ...asked(103, n), variants: 2 })),
      places: endingPlaces.failed,
    }),
  )
  const outcomes = runs.flatMap(({ variants }) => variants.map(({ outcome }) => outcome))
  expect(outcomes).toEqual(['failed', 'done', 'failed', 'done', 'failed', 'done'])
})
