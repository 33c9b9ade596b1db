import type { Evidence } from './evidence.ts'
import { classOf } from './fault.ts'
import type { Violation } from './invariants.ts'
import type { Played } from './play.ts'

/** One schedule and what came of it. */
export type Trial = { played: Played; evidence: Evidence[]; violations: Violation[] }

export type Summary = {
  acked: number
  lost: number
  duplicated: number
  stuck: number
  /** Violations of the other invariants. */
  other: number
  recovery: { p50Ms: number | null; p95Ms: number | null }
}

/** Recovery as it was where nothing else went wrong in the same schedule. */
export type ClassRecord = { name: string; struck: number; held: number; p50Ms: number | null; p95Ms: number | null }

export function summaryOf(trials: readonly Trial[]): Summary {
  const violations = trials.flatMap(trial => trial.violations)
  const count = (is: (invariant: Violation['invariant']) => boolean) =>
    violations.filter(({ invariant }) => is(invariant)).length
  const named = ['I1 lost', 'I1 stuck', 'I8 duplicated']
  return {
    acked: trials.flatMap(trial => trial.evidence).filter(({ acked }) => acked).length,
    lost: count(invariant => invariant === 'I1 lost'),
    duplicated: count(invariant => invariant === 'I8 duplicated'),
    stuck: count(invariant => invariant === 'I1 stuck'),
    other: count(invariant => !named.includes(invariant)),
    recovery: percentiles(trials.flatMap(trial => recoveries(trial).map(({ ms }) => ms))),
  }
}

/** A class held in a schedule if nothing was violated there, whatever else went wrong meanwhile. */
export function classRecords(trials: readonly Trial[]): ClassRecord[] {
  const alone = trials
    .filter(({ played }) => played.struck.filter(({ struckAt }) => struckAt !== undefined).length === 1)
    .flatMap(trial => recoveries(trial))
  const struck = trials.flatMap(({ played, violations }) =>
    played.struck
      .filter(one => one.struckAt !== undefined)
      .map(({ fault }) => ({ name: classOf(fault), held: violations.length === 0 })),
  )
  const names = [...new Set(struck.map(({ name }) => name))].toSorted()
  return names.map(name => {
    const own = struck.filter(one => one.name === name)
    return {
      name,
      struck: own.length,
      held: own.filter(({ held }) => held).length,
      ...percentiles(alone.filter(one => one.name === name).map(({ ms }) => ms)),
    }
  })
}

/**
 * From each fault to the end of the last run that was under way then: what those runs had still to do is part of it, and
 * with several faults in one schedule each is charged with the whole delay. So this is never too small.
 */
export function recoveries({ played, evidence }: Trial): { name: string; ms: number }[] {
  const runs = evidence.flatMap(one => one.runs)
  return played.struck.flatMap(({ fault, struckAt }) => {
    if (struckAt === undefined) return []
    const ends = runs.flatMap(run => (run.created_at <= struckAt && run.ended_at !== null ? [run.ended_at] : []))
    const last = Math.max(0, ...ends)
    return last > struckAt ? [{ name: classOf(fault), ms: Math.round(last - struckAt) }] : []
  })
}

function percentiles(values: number[]): { p50Ms: number | null; p95Ms: number | null } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
  return { p50Ms: at(0.5), p95Ms: at(0.95) }
}

/** How long the runs took, in the middle. */
export function usualMsOf({ evidence }: Trial): number {
  const took = evidence.flatMap(one => one.runs).map(run => (run.ended_at ?? 0) - run.created_at)
  return percentiles(took).p50Ms ?? 0
}
