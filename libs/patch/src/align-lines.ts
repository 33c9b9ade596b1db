import type { FileIndex } from './file-index.ts'
import { looseKey, weightOf } from './line-key.ts'
import { isPlaceholder } from './placeholder.ts'
import type { KeyedLine } from './rung.ts'
import { similarity } from './similarity.ts'

/** How one before line was met in the file. `like` is a reworded line in the same position, `unlike` a different one. */
export type Met = 'equal' | 'like' | 'unlike' | 'absent' | 'gap'

export type Alignment = { at: number[]; met: Met[]; score: number; silent: number }

type Step = 'equal' | 'like' | 'unlike' | 'absent' | 'gap' | 'skip'

const COMMENT = /^(?:\/\/|\/\*|\*|#|--|;|<!--|"""|''')/
const SKIP_COST = 0.3
const ABSENT_COST = 0.15
const MAX_SILENT = 4

/** Which before lines are elision marks ("..."), unless the file itself has such a line. */
export function gapsOf(index: FileIndex, before: readonly KeyedLine[]): boolean[] {
  return before.map(line => line.kind === 'context' && isPlaceholder(line.key) && !index.positions.has(line.key))
}

/**
 * Best alignment of before lines with the file lines [from, to): removed lines must be equal, context may be reworded or
 * absent, the file may have lines in between. Score 1 is a full match; undefined when a removed line is not there.
 */
export function alignLines(
  index: FileIndex,
  before: readonly KeyedLine[],
  gaps: readonly boolean[],
  from: number,
  to: number,
): Alignment | undefined {
  const width = to - from + 1
  const scores: Float64Array[] = [new Float64Array(width)]
  const steps: Step[][] = [[]]
  for (let i = 1; i <= before.length; i++) {
    const row = new Float64Array(width).fill(Number.NEGATIVE_INFINITY)
    const trail: Step[] = new Array(width)
    fillRow({ index, before, gaps, from, width, i, previous: scores[i - 1] ?? row, row, trail })
    scores.push(row)
    steps.push(trail)
  }
  return trace(before, gaps, steps, scores, from)
}

type Row = {
  index: FileIndex
  before: readonly KeyedLine[]
  gaps: readonly boolean[]
  from: number
  width: number
  i: number
  previous: Float64Array
  row: Float64Array
  trail: Step[]
}

function fillRow({ index, before, gaps, from, width, i, previous, row, trail }: Row): void {
  const line = before[i - 1]
  if (!line) return
  const gap = gaps[i - 1] ?? false
  const weight = weightOf(line.key)
  const isLast = i === before.length
  const offer = (j: number, score: number, step: Step) => {
    if (score > (row[j] ?? 0)) {
      row[j] = score
      trail[j] = step
    }
  }
  for (let j = 0; j < width; j++) {
    const above = previous[j] ?? 0
    if (gap) offer(j, above, 'gap')
    else if (line.kind === 'context') offer(j, above - ABSENT_COST * weight, 'absent')
    if (j === 0) continue
    const diagonal = previous[j - 1] ?? 0
    if (!gap && diagonal > Number.NEGATIVE_INFINITY) {
      const key = index.keys[from + j - 1] ?? ''
      if (line.key === key) offer(j, diagonal + weight * exactness(line, index.texts[from + j - 1] ?? ''), 'equal')
      else if (line.kind === 'context') {
        const credit = likeness(line.key, key)
        if (credit > 0) offer(j, diagonal + credit * weight, 'like')
        else offer(j, diagonal - ABSENT_COST * weight, 'unlike')
      }
    }
    if (!isLast) offer(j, (row[j - 1] ?? 0) - (gap ? 0 : SKIP_COST), 'skip')
  }
}

/** A bracket at another indentation is another bracket, if there is one at its own. */
function exactness(line: KeyedLine, text: string): number {
  return line.text.trimEnd() === text.trimEnd() || line.lost === text ? 1 : 0.9
}

/** 0 unless the two lines are surely the same one: but for spacing and quotes, or a reworded comment. */
function likeness(key: string, other: string): number {
  if (weightOf(key) < 0.6 || weightOf(other) < 0.6) return 0
  if (looseKey(key) === looseKey(other)) return 0.95
  if (!COMMENT.test(key) || !COMMENT.test(other)) return 0
  // Numbers and bare names tell headings and list entries apart, however alike the rest.
  if (digitsOf(key) !== digitsOf(other) || (key.match(/\p{L}{2,}/gu)?.length ?? 0) < 3) return 0
  const similar = similarity(key, other)
  return similar >= 0.6 ? similar * 0.9 : 0
}

function digitsOf(text: string): string {
  return (text.match(/\d+/g) ?? []).join()
}

function trace(
  before: readonly KeyedLine[],
  gaps: readonly boolean[],
  steps: Step[][],
  scores: Float64Array[],
  from: number,
): Alignment | undefined {
  const last = scores[before.length] ?? new Float64Array(0)
  let j = 0
  for (let k = 1; k < last.length; k++) if ((last[k] ?? 0) > (last[j] ?? 0)) j = k
  const best = last[j] ?? Number.NEGATIVE_INFINITY
  if (best === Number.NEGATIVE_INFINITY) return undefined
  const at: number[] = new Array(before.length).fill(-1)
  const met: Met[] = new Array(before.length).fill('absent')
  let silent = 0
  let total = 0
  for (let i = before.length; i > 0; ) {
    const step = steps[i]?.[j]
    if (step === undefined) return undefined
    if (step === 'skip') {
      if (!gaps[i - 1]) silent++
      j--
      continue
    }
    met[i - 1] = step
    if (step !== 'gap') total += weightOf(before[i - 1]?.key ?? '')
    if (step !== 'gap' && step !== 'absent') {
      at[i - 1] = from + j - 1
      j--
    }
    i--
  }
  return silent > MAX_SILENT ? undefined : { at, met, score: total > 0 ? best / total : 0, silent }
}
