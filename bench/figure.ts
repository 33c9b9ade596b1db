/**
 * One measured figure. Absolute times mean little on a shared machine: what counts is `ratio`, this against a baseline
 * run in turn in the same minute.
 */
export type Figure = {
  name: string
  value: number
  unit: string
  /** The baseline's value in the same unit; null when the figure stands for itself. */
  baseline: number | null
  /** value / baseline */
  ratio: number | null
  /** What is to be reached, as the reader should take it: `≥ 0.5`, `≤ 3`, `stated`. */
  target: string
}

export type Effort = 'quick' | 'full'

/** A group of figures measured together; `say` tells what is being measured. */
export type Measure = (how: { effort: Effort; say: (message: string) => void }) => Promise<Figure[]>

export function figure(of: { name: string; value: number; unit: string; baseline?: number; target: string }): Figure {
  const baseline = of.baseline ?? null
  return {
    name: of.name,
    value: round(of.value),
    unit: of.unit,
    baseline: baseline === null ? null : round(baseline),
    ratio: baseline ? round(of.value / baseline) : null,
    target: of.target,
  }
}

/** The middle one of an odd number of rounds. */
function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) throw new Error('there is nothing to take the median of')
  return middle
}

/** @param share 0.99 for p99 */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Subject and baseline by turns, so that both meet the same weather. */
export async function byTurns(
  rounds: number,
  subject: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<{ subject: number; baseline: number }> {
  const subjects: number[] = []
  const baselines: number[] = []
  for (let round = 0; round < rounds; round++) {
    baselines.push(await baseline())
    subjects.push(await subject())
  }
  return { subject: median(subjects), baseline: median(baselines) }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
