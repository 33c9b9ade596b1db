import type { EditLine, Hunk, HunkRange } from './edit-form.ts'

/** Where a hunk's tail may be cut: by its counts if they hold, else at chatter or separators as a second try. */
export function settleHunk(hunk: Hunk): Hunk {
  const { lines, range } = hunk
  const counted = range && lengthByCounts(lines, range)
  if (counted !== undefined && counted < lines.length && isIdle(lines, counted)) {
    return { ...hunk, lines: lines.slice(0, counted) }
  }
  const cuts: number[] = []
  const chatter = chatterStart(lines)
  if (chatter !== undefined) cuts.push(chatter)
  const solid = withoutBareTail(lines, chatter ?? lines.length)
  if (solid < (chatter ?? lines.length)) cuts.push(solid)
  return cuts.length > 0 ? { ...hunk, cuts } : hunk
}

/** Whether the lines so far are all that the header announced. */
export function countsReached(lines: readonly EditLine[], range: HunkRange): boolean {
  return lengthByCounts(lines, range) !== undefined
}

/** Whether body and header agree entirely. */
export function countsHold({ lines, range }: Hunk): boolean {
  if (!range) return false
  const added = lines.filter(line => line.kind === 'add').length
  const removed = lines.filter(line => line.kind === 'remove').length
  return range.oldCount === lines.length - added && range.newCount === lines.length - removed
}

function lengthByCounts(lines: readonly EditLine[], range: HunkRange): number | undefined {
  let old = 0
  let fresh = 0
  for (let i = 0; i < lines.length; i++) {
    if (old === range.oldCount && fresh === range.newCount) return i
    const kind = lines[i]?.kind
    if (kind !== 'add') old++
    if (kind !== 'remove') fresh++
  }
  return old === range.oldCount && fresh === range.newCount ? lines.length : undefined
}

function isIdle(lines: readonly EditLine[], from: number): boolean {
  const rest = lines.slice(from)
  if (rest.every(line => line.bare)) return true
  return chatterStart(rest) === 0
}

function withoutBareTail(lines: readonly EditLine[], length: number): number {
  let solid = length
  while (solid > 0 && lines[solid - 1]?.bare) solid--
  return solid
}

/** Prose after the last edit: a line without prefix that reads like a sentence, and nothing but lists after it. */
function chatterStart(lines: readonly EditLine[]): number | undefined {
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (!line || !(line.unprefixed ? isProse(line.text) : isRule(lines, i))) continue
    if (i > 0 && !lines[i - 1]?.bare) continue
    if (!lines.slice(i).every(isChatterLine)) continue
    return withoutBareTail(lines, i)
  }
  return undefined
}

/** "---" between blank lines with prose after it reads as the removed line "--". */
function isRule(lines: readonly EditLine[], at: number): boolean {
  const line = lines[at]
  if (line?.kind !== 'remove' || !/^-{2,}\s*$/.test(line.text) || !lines[at + 1]?.bare) return false
  const after = lines.slice(at + 1).find(other => !other.bare)
  return after?.unprefixed === true && isProse(after.text)
}

function isProse(text: string): boolean {
  if (/^(?:-{3,}|\*{3,}|_{3,})\s*$/.test(text)) return true
  if (/^(?:\*\*|#{1,6} |> |\d+[.)] )/.test(text)) return true
  return /^[A-Z][\w'’-]*(?:[:.!]\s*$|[:,]? [\w`'"*(]+)/.test(text) && !/[{;]\s*$/.test(text)
}

function isChatterLine(line: EditLine): boolean {
  if (line.bare || line.unprefixed) return true
  // A list item reads as a removed or added line that starts with a space and a capital, or as a rule.
  return line.kind === 'context' ? true : /^(?: +[A-Z`"'*[]|--+$|\*)/.test(line.text)
}
