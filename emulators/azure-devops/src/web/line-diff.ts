/** Lines of two texts side by side. Pure. */
export type DiffLine = {
  kind: 'same' | 'added' | 'removed'
  text: string
  /** line numbers from 1 */
  before?: number
  after?: number
  /** the file ends here without a line end */
  endsOpen: boolean
}

/** A run of lines with some context; `skipped` unchanged lines lie before it. */
export type Hunk = { skipped: number; lines: DiffLine[] }

/** More changed lines than this are shown as all removed, all added: nobody reads them as a diff, and the search is quadratic. */
const maxEdits = 1_000

export function diffLines(before: string | null, after: string | null): DiffLine[] {
  const a = linesOf(before ?? '')
  const b = linesOf(after ?? '')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const steps = [
    ...Array<Step>(head).fill('same'),
    ...editScript(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...Array<Step>(tail).fill('same'),
  ]
  let left = 0
  let right = 0
  return steps.map(kind => {
    const text = (kind === 'added' ? b[right] : a[left]) ?? ''
    const place = { ...(kind === 'added' ? {} : { before: ++left }), ...(kind === 'removed' ? {} : { after: ++right }) }
    return { kind, text: text.replace(/\n$/, ''), ...place, endsOpen: !text.endsWith('\n') }
  })
}

export function hunksOf(lines: DiffLine[], context = 3): Hunk[] {
  const shown = new Set<number>()
  lines.forEach((line, at) => {
    if (line.kind !== 'same') for (let near = at - context; near <= at + context; near++) shown.add(near)
  })
  const hunks: Hunk[] = []
  let skipped = 0
  lines.forEach((line, at) => {
    if (!shown.has(at)) skipped++
    else if (at > 0 && shown.has(at - 1)) hunks.at(-1)?.lines.push(line)
    else {
      hunks.push({ skipped, lines: [line] })
      skipped = 0
    }
  })
  return hunks
}

/** Each removed line beside the added line that took its place. */
export function pairedRows(lines: DiffLine[]): { left?: DiffLine; right?: DiffLine }[] {
  const rows: { left?: DiffLine; right?: DiffLine }[] = []
  let open = 0
  for (const line of lines) {
    const waiting = rows[open]
    if (line.kind === 'same') {
      rows.push({ left: line, right: line })
      open = rows.length
    } else if (line.kind === 'removed') rows.push({ left: line })
    else if (waiting) {
      waiting.right = line
      open++
    } else {
      rows.push({ right: line })
      open = rows.length
    }
  }
  return rows
}

/** What differs within two lines, as offsets from the start and the end; undefined when little is shared. */
export function changedWithin(before: string, after: string): { start: number; end: number } | undefined {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++
  // Whole words: a shared first letter says nothing.
  while (start > 0 && (splitsWord(before, start) || splitsWord(after, start))) start--
  while (end > 0 && (splitsWord(before, before.length - end) || splitsWord(after, after.length - end))) end--
  return start + end >= Math.max(before.length, after.length) * 0.3 ? { start, end } : undefined
}

function splitsWord(text: string, at: number): boolean {
  return /\w/.test(text.charAt(at - 1)) && /\w/.test(text.charAt(at))
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

type Step = DiffLine['kind']

/** Myers' shortest edit script. */
function editScript(a: string[], b: string[]): Step[] {
  const whole = [...a.map((): Step => 'removed'), ...b.map((): Step => 'added')]
  if (a.length === 0 || b.length === 0) return whole
  const trace: Int32Array[] = []
  const limit = Math.min(maxEdits, a.length + b.length)
  let furthest = new Int32Array(2 * limit + 3)
  for (let edits = 0; edits <= limit; edits++) {
    trace.push(furthest.slice())
    for (let k = -edits; k <= edits; k += 2) {
      let x = goesDown(furthest, k, edits, limit) ? at(furthest, k + 1 + limit) : at(furthest, k - 1 + limit) + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest[k + limit] = x
      if (x >= a.length && x - k >= b.length) return walkBack(trace, { x: a.length, y: b.length, limit })
    }
    furthest = furthest.slice()
  }
  return whole
}

function walkBack(trace: Int32Array[], end: { x: number; y: number; limit: number }): Step[] {
  const steps: Step[] = []
  let { x, y } = end
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const furthest = trace[edits] ?? new Int32Array()
    const down = goesDown(furthest, x - y, edits, end.limit)
    const k = down ? x - y + 1 : x - y - 1
    const fromX = at(furthest, k + end.limit)
    while (x > Math.max(0, down ? fromX : fromX + 1) && y > Math.max(0, down ? fromX - k + 1 : fromX - k)) {
      steps.push('same')
      x--
      y--
    }
    if (edits === 0) break
    steps.push(down ? 'added' : 'removed')
    x = fromX
    y = fromX - k
  }
  return steps.reverse()
}

function goesDown(furthest: Int32Array, k: number, edits: number, limit: number): boolean {
  return k === -edits || (k !== edits && at(furthest, k - 1 + limit) < at(furthest, k + 1 + limit))
}

function at(furthest: Int32Array, index: number): number {
  return furthest[index] ?? 0
}
