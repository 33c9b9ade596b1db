import { evidenceOf } from './evidence.ts'
import type { Installation } from './installation.ts'
import { violationsOf } from './invariants.ts'
import type { Pace } from './pace.ts'
import { play } from './play.ts'
import type { Trial } from './record.ts'
import type { Schedule } from './schedule.ts'

/** Plays one schedule and judges what came of it. What `endsAt` (on performance.now()'s clock) cuts short is not called stuck. */
export async function trial(
  installation: Installation,
  schedule: Schedule,
  { patienceMs }: Pace,
  endsAt = Number.POSITIVE_INFINITY,
): Promise<Trial> {
  const played = await play(installation, schedule, { stillMs: patienceMs, endsAt })
  const evidence = await evidenceOf(installation, played)
  const violations = evidence.flatMap(violationsOf)
  const certain = violations.filter(({ invariant }) => !played.unfinished || invariant !== 'I1 stuck')
  return { played, evidence, violations: certain }
}

/** What the faults are compared with: a few requests at once, and nothing goes wrong. */
export function calm(turn: number): Schedule {
  return {
    seed: -turn,
    requests: [1, 2, 3].map(variants => ({
      atMs: 0,
      pullRequest: variants % 2,
      variants,
      intent: `make the buttons red for ticket t-${turn}n${variants}`,
    })),
    faults: [],
  }
}
