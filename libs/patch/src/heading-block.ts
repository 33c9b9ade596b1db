import type { FileIndex } from './file-index.ts'
import { indentOf, trimmedKey } from './line-key.ts'

/** The lines [from, to) of the block a heading names, if the heading is there exactly once. */
export function headingBlock(index: FileIndex, headings: readonly string[]): { from: number; to: number } | undefined {
  let block = { from: 0, to: index.count }
  if (headings.length === 0) return undefined
  for (const heading of headings) {
    const inner = blockWithin(index, trimmedKey(heading), block)
    if (!inner) return undefined
    block = inner
  }
  return block
}

function blockWithin(index: FileIndex, heading: string, { from, to }: { from: number; to: number }) {
  if (heading.length < 3) return undefined
  let found: number | undefined
  for (let i = from; i < to; i++) {
    // git cuts headings at 80 bytes, so a heading may be the start of its line.
    if (!index.keys[i]?.startsWith(heading)) continue
    if (found !== undefined) return undefined
    found = i
  }
  if (found === undefined) return undefined
  return { from: found, to: blockEnd(index, found, to) }
}

function blockEnd(index: FileIndex, start: number, limit: number): number {
  const depth = indentOf(index.texts[start] ?? '').length
  for (let i = start + 1; i < limit; i++) {
    const text = index.texts[i] ?? ''
    if (text.trim() === '' || indentOf(text).length > depth) continue
    // A closing bracket, or an opening one on a line of its own, still belongs to the block.
    if (/^[\])}]|^\{\s*$|^end\b/.test(text.trim())) continue
    return i
  }
  return limit
}
