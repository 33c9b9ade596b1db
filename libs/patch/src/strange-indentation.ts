import type { FileIndex } from './file-index.ts'
import { indentOf } from './line-key.ts'
import type { Placement } from './placement.ts'
import { unitOf } from './reindent.ts'

/** So many indented lines make a habit. */
const habit = 3

/** A tab stands for so many columns at the most, so that what is indented less would not show tabs. */
const tabWidth = 4

/**
 * Whether a hunk's added lines are indented unlike the file while none of its lines from the file shows that this is meant:
 * with tabs in a file of spaces, with spaces in one of tabs, or in other steps than the file's. It may be only the way the
 * model writes.
 */
export function isStrangelyIndented(index: FileIndex, { hunk, at }: Placement): boolean {
  const added = hunk.lines.filter(line => line.kind === 'add' && line.text.trim() !== '').map(line => line.text)
  const indented = added.filter(text => /^(?:\t| )/.test(text))
  if (indented.length === 0) return false
  const shown = Math.max(0, ...at.map(line => depthOf(index.textOf(line) ?? '')))
  if (shown < tabWidth && isTabbed(indented) && indentsOnlyBy(index, ' ', '\t')) return true
  if (shown > 0) return false
  return (
    (indented.every(text => text.startsWith('  ')) && indentsOnlyBy(index, '\t', ' ')) || hasOtherSteps(index, added)
  )
}

/** Indented by tabs, with nothing left over but what is too shallow for one: otherwise the lines are mixed on purpose. */
function isTabbed(indented: readonly string[]): boolean {
  return indented.some(text => text.startsWith('\t')) && indented.every(text => /^(?:\t| {2}(?!\s)| \*)/.test(text))
}

function depthOf(text: string): number {
  return text.trim() === '' ? 0 : indentOf(text).length
}

function indentsOnlyBy(index: FileIndex, unit: ' ' | '\t', other: ' ' | '\t'): boolean {
  let found = 0
  for (const text of index.texts) {
    if (text.startsWith(other) && text.trim() !== '' && !/^ \*/.test(text)) return false
    if (text.startsWith(unit)) found++
  }
  return found >= habit
}

/** Half the file's step, or twice it throughout from column 0 on. */
function hasOtherSteps(index: FileIndex, added: readonly string[]): boolean {
  const unit = unitOf(index)
  if (unit === '\t' || unit.length < 2 || index.texts.filter(text => text.startsWith(unit)).length < habit) return false
  const code = added.filter(text => !/^\s*\*/.test(text)).map(text => indentOf(text).length)
  const depths = code.filter(depth => depth > 0)
  if (depths.length === 0) return false
  const least = Math.min(...depths)
  if (least * 2 === unit.length) return true
  const goesDown = code.some((depth, i) => depth === 0 && code[i + 1] === least)
  return least === unit.length * 2 && goesDown && depths.every(depth => depth % least === 0)
}
