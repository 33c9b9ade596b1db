import type { FileChange } from '@code-agent/patch/apply'
import { changesBetween } from '@code-agent/patch/myers'
import type { FinePart } from './fine-parts.ts'

/** What an answer does, and how it was written. A file given whole is the last word on it. */
export type Fresh = {
  changes: readonly FileChange[]
  form: ReadonlyMap<string, { hunks: number; whole: boolean }>
}

export type Joined = { ok: true; changes: FileChange[] } | { ok: false; path: string; line: number }

/**
 * An answer's changes together with those kept from refused answers before it. What was sent again counts as it was sent
 * last; where both change the same lines and neither is plainly the other anew, nothing is guessed: `line` says where.
 */
export function joinKept(kept: readonly FinePart[], fresh: Fresh): Joined {
  const changes = new Map(fresh.changes.map(change => [change.path, change]))
  for (const part of kept) {
    const { path } = part.change
    const sent = changes.get(path)
    if (!sent) changes.set(path, part.change)
    const form = fresh.form.get(path)
    if (sent?.kind === 'edit' && part.change.kind === 'edit' && !form?.whole) {
      const joined = joinTexts(part.change, sent, (form?.hunks ?? 0) >= part.hunks)
      if (typeof joined === 'number') return { ok: false, path, line: joined }
      changes.set(path, { ...sent, after: joined })
    }
  }
  return { ok: true, changes: [...changes.values()] }
}

type Splice = { from: number; to: number; lines: string[] }

/** @returns the text with both changes, or the line at which they contradict one another */
function joinTexts(kept: FileChange, sent: FileChange, isAllAgain: boolean): string | number {
  const old = linesOf(kept.before)
  const [ours, theirs] = [splicesOf(old, kept.after), splicesOf(old, sent.after)]
  const staying: Splice[] = []
  for (const splice of ours) {
    const near = theirs.filter(other => other.from <= splice.to && splice.from <= other.to)
    if (near.some(other => isSentAgain(splice, other)) || theirs.some(other => isSame(splice, other))) continue
    const clash = near.some(other => meets(splice, other))
    if (clash && !isAllAgain) return splice.from + 1
    if (!clash) staying.push(splice)
  }
  const all = [...staying, ...theirs].toSorted((a, b) => a.from - b.from || a.to - b.to)
  let at = 0
  const text: string[] = []
  for (const { from, to, lines } of all) {
    text.push(...old.slice(at, from), ...lines)
    at = to
  }
  return [...text, ...old.slice(at)].join('')
}

function splicesOf(old: readonly string[], after: string | undefined): Splice[] {
  const fresh = linesOf(after)
  return changesBetween(old, fresh).map(({ oldFrom, oldTo, newFrom, newTo }) => ({
    from: oldFrom,
    to: oldTo,
    lines: fresh.slice(newFrom, newTo),
  }))
}

function isSentAgain(kept: Splice, sent: Splice): boolean {
  const covers = sent.from <= kept.from && kept.to <= sent.to
  return covers && (kept.to > kept.from || sent.lines.join('').includes(kept.lines.join('')))
}

/** Moved by a few lines, as a repair may: an import that was added above now comes below. */
function isSame(kept: Splice, sent: Splice): boolean {
  return kept.from === kept.to && sent.from === sent.to && kept.lines.join('') === sent.lines.join('')
}

/** Both touch one line, or add at one place. */
function meets(a: Splice, b: Splice): boolean {
  const isOnePlace = a.from === a.to && b.from === b.to && a.from === b.from
  return isOnePlace || (a.from < b.to && b.from < a.to)
}

/** Each with its line end, so that a missing last one counts. */
function linesOf(text = ''): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
