import { z } from 'zod'
import type { Evidence } from './evidence.ts'
import { classOf } from './fault.ts'
import type { Violation } from './invariants.ts'
import type { Played } from './play.ts'

/** One schedule and what came of it. */
export type Trial = { played: Played; evidence: Evidence[]; violations: Violation[] }

/** What is kept of a schedule: a line of JSON in the record. */
export const TrialRecord = z.object({
  seed: z.number(),
  /** Commit of the project, and how it was tried. */
  revision: z.string(),
  pace: z.string(),
  redis: z.string(),
  acked: z.number(),
  variants: z.number(),
  draftless: z.number(),
  violations: z.array(z.object({ invariant: z.string(), intent: z.string(), says: z.string() })),
  /** That struck. `grossMs`: to the end of the last run under way then; absent if there was none. `netMs`: see delayOf. */
  faults: z.array(z.object({ name: z.string(), grossMs: z.number().optional(), netMs: z.number().optional() })),
  /** Of requests that were cancelled while they were worked on: from the comment to the last moment of work. */
  cancelsMs: z.array(z.number()),
  /** What a run took in the middle, undisturbed. */
  usualMs: z.number(),
})
export type TrialRecord = z.infer<typeof TrialRecord>

export type Summary = {
  acked: number
  lost: number
  duplicated: number
  stuck: number
  /** Violations of the other invariants. */
  other: number
  recovery: { p50Ms: number | null; p95Ms: number | null }
}

type Percentiles = { p50Ms: number | null; p95Ms: number | null }

/** `alone`: where nothing else went wrong in the same schedule. */
export type ClassRecord = { name: string; struck: number; held: number; gross: Percentiles; net: Percentiles }

export type Circumstances = Pick<TrialRecord, 'revision' | 'pace' | 'redis' | 'usualMs'>

/** @param undisturbed the same requests without any fault, if they were tried */
export function recordOf(trial: Trial, circumstances: Circumstances, undisturbed?: Trial): TrialRecord {
  const { played, evidence, violations } = trial
  const variants = evidence.flatMap(({ runs }) => runs.flatMap(run => run.variants))
  return {
    seed: played.seed,
    ...circumstances,
    acked: evidence.filter(({ acked }) => acked).length,
    variants: variants.length,
    draftless: variants.filter(({ outcome }) => outcome === 'failed').length,
    violations,
    faults: played.struck.flatMap(({ fault, struckAt }) =>
      struckAt === undefined ? [] : [{ name: classOf(fault), ...recovery(trial, struckAt, undisturbed) }],
    ),
    cancelsMs: evidence.flatMap(({ asked, runs: [run] }) =>
      asked.cancelledAt !== undefined && run?.worked_until && run.worked_until > asked.cancelledAt
        ? [Math.round(run.worked_until - asked.cancelledAt)]
        : [],
    ),
  }
}

export function summaryOf(records: readonly TrialRecord[]): Summary {
  const violations = records.flatMap(record => record.violations)
  const count = (is: (invariant: string) => boolean) => violations.filter(({ invariant }) => is(invariant)).length
  const named = ['I1 lost', 'I1 stuck', 'I8 duplicated']
  return {
    acked: records.reduce((sum, { acked }) => sum + acked, 0),
    lost: count(invariant => invariant === 'I1 lost'),
    duplicated: count(invariant => invariant === 'I8 duplicated'),
    stuck: count(invariant => invariant === 'I1 stuck'),
    other: count(invariant => !named.includes(invariant)),
    recovery: percentiles(records.flatMap(({ faults }) => faults.flatMap(({ grossMs }) => grossMs ?? []))),
  }
}

/** A class held in a schedule if nothing was violated there, whatever else went wrong meanwhile. */
export function classRecords(records: readonly TrialRecord[]): ClassRecord[] {
  const struck = records.flatMap(({ faults, violations }) =>
    faults.map(fault => ({ ...fault, held: violations.length === 0 })),
  )
  const names = [...new Set(struck.map(({ name }) => name))].toSorted()
  return names.map(name => {
    const own = struck.filter(one => one.name === name)
    return {
      name,
      struck: own.length,
      held: own.filter(({ held }) => held).length,
      gross: percentiles(own.flatMap(({ grossMs }) => grossMs ?? [])),
      net: percentiles(own.flatMap(({ netMs }) => netMs ?? [])),
    }
  })
}

/**
 * `grossMs`: from the fault to the end of the last run that was under way then. What those runs had still to do is part
 * of it, and with several faults in one schedule each is charged with the whole delay: this is never too small.
 * `netMs`: by how much the most delayed of those runs took longer than the same request did undisturbed.
 */
function recovery(trial: Trial, struckAt: number, undisturbed?: Trial): { grossMs?: number; netMs?: number } {
  const underWay = trial.evidence.flatMap(({ runs: [run] }, place) =>
    run && run.created_at <= struckAt && run.ended_at !== null && run.ended_at > struckAt
      ? [{ endedAt: run.ended_at, tookMs: run.ended_at - run.created_at, place }]
      : [],
  )
  if (underWay.length === 0) return {}
  const grossMs = Math.round(Math.max(...underWay.map(({ endedAt }) => endedAt)) - struckAt)
  if (!undisturbed) return { grossMs }
  const delays = underWay.map(({ tookMs, place }) => tookMs - durationOf(undisturbed, place))
  return { grossMs, netMs: Math.round(Math.max(0, ...delays)) }
}

function durationOf({ evidence }: Trial, place: number): number {
  const run = evidence[place]?.runs[0]
  return run?.ended_at ? run.ended_at - run.created_at : 0
}

function percentiles(values: number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
  return { p50Ms: at(0.5), p95Ms: at(0.95) }
}

/** How long the runs took, in the middle. */
export function usualMsOf({ evidence }: Trial): number {
  const took = evidence.flatMap(one => one.runs).map(run => (run.ended_at ?? 0) - run.created_at)
  return Math.round(percentiles(took).p50Ms ?? 0)
}

export function cancelPercentiles(records: readonly TrialRecord[], undisturbed: boolean): Percentiles {
  const fitting = undisturbed ? records.filter(({ faults }) => faults.length === 0) : records
  return percentiles(fitting.flatMap(({ cancelsMs }) => cancelsMs))
}
