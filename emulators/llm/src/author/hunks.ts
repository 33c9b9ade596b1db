import type { SeenFile } from './seen-files.ts'

/** A line of a whole-file comparison; `old` is its index in the old file, or that of the line it stands for. */
export interface Row {
  sign: ' ' | '-' | '+'
  text: string
  old: number
}

interface Range {
  from: number
  to: number
}

/** A range of rows, and by how many lines the rows before it have grown. */
export interface Hunk extends Range {
  shift: number
}

const contextLines = 3

/** The changes among the rows, each hunk with as much context as makes its place unique in the file. */
export function hunksOf(file: SeenFile, rows: Row[]): Hunk[] {
  const places = placesOf(file)
  const ranges: Range[] = []
  for (const group of groupsOf(rows)) {
    const range = untilUnique(file, rows, places, group)
    ranges.push(range)
    // In a file of endless repetition only the whole is unique, and then it holds every other change as well.
    if (range.from === 0 && range.to === rows.length - 1) return withShifts(rows, [range])
  }
  return withShifts(rows, joined(ranges))
}

function groupsOf(rows: Row[]): Range[] {
  const groups: Range[] = []
  for (const [index, row] of rows.entries()) {
    if (row.sign === ' ') continue
    const group = groups.at(-1)
    if (group && index - group.to <= contextLines * 2 && unbroken(rows, group.to, index)) group.to = index
    else groups.push({ from: index, to: index })
  }
  return groups
}

function unbroken(rows: Row[], from: number, to: number): boolean {
  return rows.slice(from + 1, to + 1).every((row, index) => row.old - (rows[from + index]?.old ?? row.old) <= 1)
}

function untilUnique(file: SeenFile, rows: Row[], places: Map<string, number[]>, group: Range): Range {
  for (let context = contextLines, before: Range | undefined; ; context *= 2) {
    const range = { from: reach(rows, group.from, -1, context), to: reach(rows, group.to, 1, context) }
    const grown = range.from !== before?.from || range.to !== before.to
    if (!grown || isUnique(file, rows, range, places)) return range
    before = range
  }
}

/** Up to so many context lines from there, other changes included, as far as the lines are neighbours in the file. */
function reach(rows: Row[], from: number, step: 1 | -1, context: number): number {
  let at = from
  for (let count = 0; count < context; ) {
    const next = rows[at + step]
    // A step over more than one line is a gap: lines nobody has shown.
    if (!next || (next.old - (rows[at]?.old ?? next.old)) * step > 1) break
    at += step
    if (next.sign === ' ') count += 1
  }
  return at
}

/** Where each text stands, so that repetitive files are searched quickly. */
function placesOf(file: SeenFile): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of file.lines.entries()) {
    if (line === undefined) continue
    const same = places.get(line)
    if (same) same.push(index)
    else places.set(line, [index])
  }
  return places
}

function isUnique(file: SeenFile, rows: Row[], range: Range, places: Map<string, number[]>): boolean {
  const old: Row[] = []
  let rarest = 0
  const count = (row: Row | undefined) => places.get(row?.text ?? '')?.length ?? 0
  for (const row of rows.slice(range.from, range.to + 1)) {
    if (row.sign === '+') continue
    old.push(row)
    if (count(row) < count(old[rarest])) rarest = old.length - 1
  }
  const own = old[rarest]
  if (!own) return true
  const others = (places.get(own.text) ?? []).filter(at => at !== own.old)
  return !others.some(at => old.every((row, index) => file.lines[at - rarest + index] === row.text))
}

/** Hunks whose contexts meet become one. */
function joined(ranges: Range[]): Range[] {
  const result: Range[] = []
  for (const range of ranges.toSorted((one, other) => one.from - other.from)) {
    const last = result.at(-1)
    if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else result.push({ ...range })
  }
  return result
}

function withShifts(rows: Row[], ranges: Range[]): Hunk[] {
  let shift = 0
  let counted = 0
  return ranges.map(range => {
    for (; counted < range.from; counted += 1) {
      const sign = rows[counted]?.sign
      shift += sign === '+' ? 1 : sign === '-' ? -1 : 0
    }
    return { ...range, shift }
  })
}
