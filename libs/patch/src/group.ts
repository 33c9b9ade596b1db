import type { EditLine, Hunk } from './edit-form.ts'

/** A run of changed lines of a hunk. `first` and `end` index the hunk's before lines: [first, end) are removed. */
export type Group = { first: number; end: number; lines: EditLine[] }

export function groupsOf(hunk: Hunk): Group[] {
  const groups: Group[] = []
  let open: Group | undefined
  let before = 0
  for (const line of hunk.lines) {
    if (line.kind === 'context') {
      open = undefined
      before++
      continue
    }
    if (!open) {
      open = { first: before, end: before, lines: [] }
      groups.push(open)
    }
    open.lines.push(line)
    if (line.kind === 'remove') open.end = ++before
  }
  return groups
}
