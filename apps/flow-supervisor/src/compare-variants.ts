import type { Comparison } from '@code-agent/jobs/comparison'

/** What is known of a variant without asking anybody outside. */
export type Evidence = {
  variant: number
  isDone: boolean
  files: number
  /** As `changedLines` gives them. */
  changedLines: ReadonlySet<string>
  /** What a reviewer should look at twice. */
  marks: string[]
}

/** From which share of equal changed lines two variants are called nearly the same, and from which it is worth a word. */
const nearlySame = 0.9
const worthAWord = 0.3

/** In the order in which they count. Less is better: there is less to review, and less that can go wrong. */
const measures: { of: (evidence: Evidence) => number; less: string }[] = [
  { of: ({ marks }) => marks.length, less: 'it has the least that must be looked at twice' },
  { of: ({ files }) => files, less: 'it touches the fewest files' },
  { of: ({ changedLines }) => changedLines.size, less: 'it changes the fewest lines' },
]

/**
 * Orders variants by evidence: what became a draft first, then fewer risk marks, files and changed lines; ties keep variant
 * order. Names those that are nearly the same as one before them, and says why the first is first if evidence says so.
 */
export function compareVariants(variants: Evidence[]): Comparison {
  const ordered = variants.toSorted(
    (a, b) => Number(b.isDone) - Number(a.isDone) || byEvidence(a, b) || a.variant - b.variant,
  )
  const order = ordered.map((evidence, place) => {
    const { variant, isDone, marks } = evidence
    return {
      variant,
      ...(isDone ? likeness(evidence, ordered.slice(0, place)) : {}),
      ...(isDone && marks.length > 0 ? { marks } : {}),
    }
  })
  const recommended = recommend(ordered.filter(({ isDone }) => isDone))
  return { order, ...(recommended ? { recommended } : {}) }
}

function byEvidence(a: Evidence, b: Evidence): number {
  return measures.map(({ of }) => of(a) - of(b)).find(difference => difference !== 0) ?? 0
}

function likeness(one: Evidence, earlier: readonly Evidence[]) {
  const [closest] = earlier
    .map(other => ({ with: other.variant, share: overlap(one.changedLines, other.changedLines) }))
    .toSorted((a, b) => b.share - a.share)
  if (!closest || closest.share < worthAWord) return {}
  if (closest.share >= nearlySame) return { similarTo: closest.with }
  return { shares: { with: closest.with, percent: Math.round(closest.share * 100) } }
}

/** What sets the first apart from the next that is not nearly the same; nothing where only its number does. */
function recommend(done: readonly Evidence[]): Comparison['recommended'] {
  const [first, ...others] = done
  const next = first && others.find(other => overlap(first.changedLines, other.changedLines) < nearlySame)
  const decided = first && next && measures.find(({ of }) => of(first) < of(next))
  return decided ? { variant: first.variant, because: decided.less } : undefined
}

/** Jaccard index of the changed lines. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const shared = [...a].filter(line => b.has(line)).length
  return shared / (a.size + b.size - shared)
}

/**
 * Added and removed lines of a canonical diff, each with its file, its sign and how often it came before, without the white
 * space that says nothing: the same line in two files, or twice in one, is two lines.
 */
export function changedLines(diff: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const lines = new Set<string>()
  let file = ''
  let isHead = true
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) [file, isHead] = [line, true]
    else if (line.startsWith('@@ ')) isHead = false
    else if (!isHead && /^[+-]/.test(line)) {
      const key = `${file}\0${line.replace(/\s+/g, ' ').trim()}`
      const times = seen.get(key) ?? 0
      seen.set(key, times + 1)
      lines.add(`${key}\0${times}`)
    }
  }
  return lines
}
