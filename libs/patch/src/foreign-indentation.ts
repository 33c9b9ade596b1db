import type { FileIndex } from './file-index.ts'
import type { Placement } from './placement.ts'

/** So many indented lines make a habit. */
const habit = 3

/**
 * Whether all indented lines that a hunk adds have tabs where the file has only spaces, or the reverse, and none of its
 * lines from the file is indented: then nothing tells whether the model meant it or only writes that way.
 */
export function foreignIndentation(index: FileIndex, { hunk, before }: Placement): boolean {
  if (before.some(line => /^[ \t]/.test(line.text) && line.text.trim() !== '')) return false
  const indented = hunk.lines.filter(line => line.kind === 'add' && /^(?:\t| {2})\s*\S/.test(line.text))
  if (indented.length === 0) return false
  const tabs = indented.every(line => line.text.startsWith('\t'))
  const spaces = indented.every(line => line.text.startsWith('  '))
  return (tabs && indentedOnlyBy(index, '  ', '\t')) || (spaces && indentedOnlyBy(index, '\t', '  '))
}

function indentedOnlyBy(index: FileIndex, unit: string, other: string): boolean {
  let found = 0
  for (const text of index.texts) {
    if (text.startsWith(other)) return false
    if (text.startsWith(unit) && text.trim() !== '') found += 1
  }
  return found >= habit
}
