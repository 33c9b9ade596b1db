import type { Comparison } from '@code-agent/jobs/comparison'

/** What is known of a variant without asking anybody outside. */
export type Evidence = {
  variant: number
  isDone: boolean
  files: number
  changedLines: ReadonlySet<string>
  /** What a reviewer should look at twice. */
  marks: string[]
}

/** From which share of equal changed lines two variants are called nearly the same. */
const nearlySame = 0.9

/**
 * Orders variants by evidence: what became a draft first, then fewer risk marks, files and changed lines; ties keep variant
 * order. Names those that are nearly the same as one before them.
 */
export function compareVariants(variants: Evidence[]): Comparison {
  const ordered = variants.toSorted(
    (a, b) =>
      Number(b.isDone) - Number(a.isDone) ||
      a.marks.length - b.marks.length ||
      a.files - b.files ||
      a.changedLines.size - b.changedLines.size ||
      a.variant - b.variant,
  )
  return {
    order: ordered.map(({ variant, isDone, changedLines, marks }, place) => {
      const twin = isDone
        ? ordered.slice(0, place).find(earlier => overlap(changedLines, earlier.changedLines) >= nearlySame)
        : undefined
      return {
        variant,
        ...(twin ? { similarTo: twin.variant } : {}),
        ...(isDone && marks.length > 0 ? { marks } : {}),
      }
    }),
  }
}

/** Jaccard index of the changed lines. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const shared = [...a].filter(line => b.has(line)).length
  return shared / (a.size + b.size - shared)
}

/** Added and removed lines of a unified diff, each with its sign, without the white space that says nothing. */
export function changedLines(diff: string): ReadonlySet<string> {
  const changed = diff.split('\n').filter(line => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line))
  return new Set(changed.map(line => line.replace(/\s+/g, ' ').trim()))
}
