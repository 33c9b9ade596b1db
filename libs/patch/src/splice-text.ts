import type { FileIndex } from './file-index.ts'
import type { Splice } from './splice.ts'
import { BOM, type LineEnd } from './text-lines.ts'

/** Lines [from, to) of the original became `added`, each with its line end. In order, none touching another. */
export type Replacement = { from: number; to: number; added: string[] }

/**
 * The whole new text; everything outside the splices stays byte for byte. `replaced` says how it differs, unless it is the
 * byte order mark that came or went.
 */
export function spliceText(
  index: FileIndex,
  splices: readonly Splice[],
): { after: string; replaced: Replacement[] | undefined } {
  const ordered = [...splices].sort((a, b) => a.from - b.from || a.to - b.to)
  const replaced = replacements(index, ordered)
  const parts: string[] = []
  let line = 0
  for (const { from, to, added } of replaced) {
    parts.push(index.content.slice(index.startOf(line), index.startOf(from)), ...added)
    line = to
  }
  parts.push(index.content.slice(index.startOf(line)))
  const body = parts.join('')
  const opening = ordered[0]
  if (opening?.from !== 0) return { after: index.content.slice(0, index.startOf(0)) + body, replaced }
  const fresh = body.startsWith(BOM) ? body.slice(1) : body
  const mark = fresh !== '' && (fresh !== body || keepsMark(index, opening)) ? BOM : ''
  return { after: mark + fresh, replaced: mark || index.bom ? undefined : replaced }
}

function keepsMark({ bom }: FileIndex, { lines, removed }: Splice): boolean {
  const isQuoted = removed[0]?.text.startsWith(BOM) ?? false
  return bom && !(isQuoted && lines.length > 0)
}

function replacements(index: FileIndex, ordered: readonly Splice[]): Replacement[] {
  const replaced: Replacement[] = []
  ordered.forEach((splice, i) => {
    let { from, to } = splice
    const added = splice.lines.map(({ text, end }) => text + end)
    const last = splice.lines.at(-1)
    if (last && i === ordered.length - 1 && to === index.count)
      added[added.length - 1] = last.text + lastEnd(index, splice)
    const open = replaced.at(-1)
    if (open?.to === from) {
      open.to = to
      open.added.push(...added)
      return
    }
    if (from === index.count && index.endOf(from - 1) === '') {
      // What is added after an open last line closes it.
      from--
      added.unshift((index.textOf(from) ?? '') + index.usualEnd)
    }
    replaced.push({ from, to, added })
  })
  return replaced
}

/** How the file ends when its last line changes: as the diff says, if what it says of the old end is true; else as before. */
function lastEnd(index: FileIndex, { lines, removed, hunk }: Splice): LineEnd {
  const closed = index.endOf(index.count - 1) !== ''
  const last = lines.at(-1)
  const written = last?.end === '' ? index.usualEnd : (last?.end ?? index.usualEnd)
  const oldSide = hunk.lines.filter(line => line.kind !== 'add').at(-1) ?? removed.at(-1)
  const saidOpen = oldSide?.noNewline === true
  const saysOpen = last?.line.noNewline === true
  if (saidOpen === !closed) return saysOpen ? '' : written
  // The old end is misstated. Without any mark the end stays as it is; so it does when the mark is wrong.
  return closed ? written : ''
}
