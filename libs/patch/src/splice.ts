import type { EditLine, Hunk } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { groupsOf } from './group.ts'
import type { Placement } from './placement.ts'
import type { Reindent } from './reindent.ts'
import { dominantEnd, joinText, type LineEnd } from './text-lines.ts'

/** Lines [from, to) of the original go, `lines` come in their place. Several hunks' splices never overlap. */
export type Splice = {
  from: number
  to: number
  lines: { text: string; end: LineEnd; line: EditLine }[]
  removed: EditLine[]
  hunk: Hunk
}

/** The splices of one placed hunk; undefined when the indentation of an added line is uncertain. */
export function splicesOf(index: FileIndex, placement: Placement, reindent: Reindent): Splice[] | undefined {
  const { hunk, before, at } = placement
  const endOf = lineEnds(index, placement)
  const splices: Splice[] = []
  for (const { first, end, lines } of groupsOf(hunk)) {
    const from = first < end ? (at[first] ?? -1) : insertPoint(before.length, at, first)
    if (from < 0) return undefined
    const added: Splice['lines'] = []
    for (const line of lines.filter(other => other.kind === 'add')) {
      const text = reindent(line.text)
      if (text === undefined) return undefined
      added.push({ text, end: endOf(line, from), line })
    }
    const removed = lines.filter(line => line.kind === 'remove')
    if (added.length > 0 || isContiguous(at, first, end)) {
      splices.push(keepEqual(index, { from, to: from + end - first, lines: added, removed, hunk }))
    } else
      for (let i = first; i < end; i++) splices.push(cut(at[i] ?? 0, hunk, removed.slice(i - first, i - first + 1)))
  }
  return splices
}

function cut(from: number, hunk: Hunk, removed: EditLine[]): Splice {
  return { from, to: from + 1, lines: [], removed, hunk }
}

function isContiguous(at: readonly number[], first: number, end: number): boolean {
  return (at[end - 1] ?? 0) - (at[first] ?? 0) === end - 1 - first
}

function insertPoint(count: number, at: readonly number[], next: number): number {
  if (count === 0) return at[0] ?? -1
  const previous = at[next - 1] ?? -1
  if (next > 0 && previous >= 0) return previous + 1
  return at[next] ?? -1
}

/** Lines that are removed and added alike stay as they are, line end included. */
function keepEqual(index: FileIndex, splice: Splice): Splice {
  let { from, to } = splice
  let first = 0
  let last = splice.lines.length
  const same = (at: number, i: number) =>
    // The last line says how the file ends, and must stay to say it.
    (splice.to < index.texts.length || i < splice.lines.length - 1) &&
    splice.lines[i]?.text === index.texts[at] &&
    splice.lines[i]?.end === index.ends[at] &&
    at < index.texts.length - 1
  while (from < to && first < last && same(from, first)) {
    from++
    first++
  }
  while (to > from && last > first && same(to - 1, last - 1)) {
    to--
    last--
  }
  const skipped = from - splice.from
  return {
    ...splice,
    from,
    to,
    lines: splice.lines.slice(first, last),
    removed: splice.removed.slice(skipped, skipped + to - from),
  }
}

/** A diff that shows the file's own CRs is taken by its letter; else added lines end like the file's. */
function lineEnds(index: FileIndex, { before, at }: Placement): (line: EditLine, near: number) => LineEnd {
  const faithful =
    before.length > 0 &&
    before.every((line, i) => line.cr === (index.ends[at[i] ?? -1] === '\r\n') || index.ends[at[i] ?? -1] === '')
  if (faithful) return line => (line.cr ? '\r\n' : '\n')
  const usual = dominantEnd(index.ends)
  return (_, near) => {
    const here = index.ends[Math.min(near, index.ends.length - 1)]
    return here === '\n' || here === '\r\n' ? here : usual
  }
}

/** The first two hunks of which one changes what the other changes or inserts into. */
export function findOverlap(splices: readonly Splice[]): [Splice, Splice] | undefined {
  const sorted = [...splices].sort((a, b) => a.from - b.from || a.to - b.to)
  for (let i = 1; i < sorted.length; i++) {
    const left = sorted[i - 1]
    const right = sorted[i]
    if (!left || !right) continue
    const touches = right.from < left.to || (left.from === left.to && right.from === left.from)
    if (touches && (left.hunk !== right.hunk || right.from < left.to)) return [left, right]
  }
  return undefined
}

/** The whole new text. Everything outside the splices stays byte for byte. */
export function spliceText(index: FileIndex, splices: readonly Splice[]): string {
  const texts = [...index.texts]
  const ends = [...index.ends]
  const total = texts.length
  const ordered = [...splices].sort((a, b) => b.from - a.from || b.to - a.to)
  let bom = index.bom
  const usual = dominantEnd(ends)
  for (const splice of ordered) {
    const tail = splice.to === total && splice.lines.length > 0 ? lastEnd(index, splice, usual) : undefined
    texts.splice(splice.from, splice.to - splice.from, ...splice.lines.map(({ text }) => text))
    ends.splice(splice.from, splice.to - splice.from, ...splice.lines.map(({ end }) => end))
    if (tail !== undefined) {
      const before = splice.from - 1
      if (before >= 0 && ends[before] === '') ends[before] = usual
      ends[splice.from + splice.lines.length - 1] = tail
    }
    if (splice.from === 0) bom = bomAfter(index, splice, texts)
  }
  if (texts[0]?.startsWith('\uFEFF')) texts[0] = texts[0].slice(1)
  return texts.length === 0 ? '' : joinText({ bom, texts, ends })
}

function bomAfter({ bom }: FileIndex, { lines, removed }: Splice, texts: readonly string[]): boolean {
  if (texts[0]?.startsWith('\uFEFF')) return true
  const said = removed[0]?.text.startsWith('\uFEFF') ?? false
  return said && lines.length > 0 ? false : bom
}

/** How the file ends when its last line changes: as the diff says, if what it says of the old end is true; else as before. */
function lastEnd(index: FileIndex, { lines, removed, hunk }: Splice, usual: '\n' | '\r\n'): LineEnd {
  const closed = index.ends.at(-1) !== ''
  const last = lines.at(-1)
  const written = last?.end === '' ? usual : (last?.end ?? usual)
  const oldSide = hunk.lines.filter(line => line.kind !== 'add').at(-1) ?? removed.at(-1)
  const saidOpen = oldSide?.noNewline === true
  const saysOpen = last?.line.noNewline === true
  if (saidOpen === !closed) return saysOpen ? '' : written
  // The old end is misstated. Without any mark the end stays as it is; so it does when the mark is wrong.
  return closed ? written : ''
}
