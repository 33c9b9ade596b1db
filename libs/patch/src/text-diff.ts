import type { FileIndex } from './file-index.ts'
import { changesBetween } from './myers.ts'
import type { Replacement } from './splice-text.ts'

/** Lines [oldFrom, oldTo) of the old text became `added`, which starts at line `newFrom` of the new one. */
export type LineChange = { oldFrom: number; oldTo: number; newFrom: number; added: readonly string[] }

/** How two texts differ, with what it takes to show it. Lines include their line end, so a missing one makes another line. */
export type TextDiff = { count: number; lineOf(line: number): string; changes: readonly LineChange[] }

/** Compares the whole texts; either is empty for a file that is not there. */
export function diffTexts(before: string, after: string): TextDiff {
  const old = linesOf(before)
  const fresh = linesOf(after)
  const changes = changesBetween(old, fresh).map(({ oldFrom, oldTo, newFrom, newTo }) => ({
    oldFrom,
    oldTo,
    newFrom,
    added: fresh.slice(newFrom, newTo),
  }))
  return settled({ count: old.length, lineOf: line => old[line] ?? '', changes })
}

/** Compares only what was replaced. As the rest is equal, the changes found in each replacement are those of the texts. */
export function diffReplaced(index: FileIndex, replaced: readonly Replacement[]): TextDiff {
  const lineOf = (line: number) => index.content.slice(line === 0 ? 0 : index.startOf(line), index.startOf(line + 1))
  const changes: LineChange[] = []
  let shift = 0
  for (const { from, to, added } of replaced) {
    const old = Array.from({ length: to - from }, (_, i) => lineOf(from + i))
    for (const { oldFrom, oldTo, newFrom, newTo } of changesBetween(old, added)) {
      const fresh = added.slice(newFrom, newTo)
      changes.push({ oldFrom: from + oldFrom, oldTo: from + oldTo, newFrom: from + shift + newFrom, added: fresh })
    }
    shift += added.length - (to - from)
  }
  return settled({ count: index.count, lineOf, changes })
}

/** Lines added or removed among their like are shown as the last of them: one result has one diff, however it came about. */
function settled({ count, lineOf, changes }: TextDiff): TextDiff {
  return {
    count,
    lineOf,
    changes: changes.map((change, i) => slidDown(change, lineOf, (changes[i + 1]?.oldFrom ?? count + 1) - 1)),
  }
}

function slidDown(change: LineChange, lineOf: TextDiff['lineOf'], limit: number): LineChange {
  let { oldFrom, oldTo, newFrom } = change
  let added = [...change.added]
  const isInsertion = oldFrom === oldTo
  if (!isInsertion && added.length > 0) return change
  while (oldTo < limit && lineOf(oldTo) === (isInsertion ? added[0] : lineOf(oldFrom))) {
    added = [...added.slice(1), ...added.slice(0, 1)]
    oldFrom++
    oldTo++
    newFrom++
  }
  return { oldFrom, oldTo, newFrom, added }
}

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const ended = lines.map(line => `${line}\n`)
  return last === '' ? ended : [...ended, last]
}
