import type { EditLine, Hunk } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { groupsOf } from './group.ts'
import type { Placement } from './placement.ts'
import type { Reindent } from './reindent.ts'
import type { LineEnd } from './text-lines.ts'

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
    (splice.to < index.count || i < splice.lines.length - 1) &&
    splice.lines[i]?.text === index.textOf(at) &&
    splice.lines[i]?.end === index.endOf(at) &&
    at < index.count - 1
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
    before.every((line, i) => {
      const end = index.endOf(at[i] ?? -1)
      return line.cr === (end === '\r\n') || end === ''
    })
  if (faithful) return line => (line.cr ? '\r\n' : '\n')
  return (_, near) => {
    const here = index.endOf(Math.min(near, index.count - 1))
    return here === '\n' || here === '\r\n' ? here : index.usualEnd
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
