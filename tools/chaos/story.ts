import { classOf } from './fault.ts'
import type { Trial } from './record.ts'

/** What happened around a violation, as short as it can be told: faults, changes outside, attempts; seconds since the beginning. */
export function storyOf({ played, evidence, violations }: Trial): string {
  const seconds = (at: number) => `${((at - played.beganAt) / 1_000).toFixed(2).padStart(7)} s`
  const lines: { at: number; says: string }[] = played.struck.map(({ fault, at, struckAt }) => ({
    at: struckAt ?? at,
    says: `!! ${classOf(fault)} ${JSON.stringify(fault)}${struckAt === undefined ? ' (nobody came by)' : ''}`,
  }))
  const named = violations.length === 0 ? evidence.map(({ asked }) => asked) : violations
  const guilty = new Set(named.map(({ intent }) => intent))
  for (const { asked, runs, effects } of evidence) {
    if (!guilty.has(asked.intent)) continue
    lines.push({ at: asked.at, says: `asked: ${asked.variants} × ${asked.intent}` })
    lines.push(...effects.map(({ at, kind, what }) => ({ at, says: `${kind} ${what}` })))
    for (const run of runs) if (run.ended_at !== null) lines.push({ at: run.ended_at, says: `ended: ${run.outcome}` })
  }
  const trails = evidence
    .filter(({ asked }) => guilty.has(asked.intent))
    .flatMap(({ asked, runs }) => [`attempts of “${asked.intent}”:`, ...runs.flatMap(run => run.trail)])
  return [
    `seed ${played.seed}:`,
    ...violations.map(({ invariant, intent, says }) => `  ${invariant}: ${says} (${intent})`),
    ...(played.unexplained.length > 0 ? [`  ended by themselves: ${played.unexplained.join(', ')}`] : []),
    `  began at ${new Date(played.beganAt).toISOString()}`,
    ...lines.toSorted((a, b) => a.at - b.at).map(({ at, says }) => `  ${seconds(at)}  ${says}`),
    ...trails.map(line => `  ${line}`),
  ].join('\n')
}
