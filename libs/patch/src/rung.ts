import type { EditLine } from './edit-form.ts'
import { trimmedKey, unicodeKey } from './line-key.ts'
import { withoutBom } from './text-lines.ts'

/** How far text had to be relaxed until it fitted, strictest first. */
export const RUNGS = ['exact', 'trailing-space', 'unicode', 'indentation', 'alignment'] as const
export type Rung = (typeof RUNGS)[number]

/** Levels within the ladder: a context line whose space was forgotten is still exact, but only after the literal reading. */
export const LEVEL = { literal: 0, lostSpace: 1, trailing: 2, unicode: 3, indentation: 4, alignment: 5 } as const

export function rungOfLevel(level: number): Rung {
  return RUNGS[Math.max(0, level - 1)] ?? 'alignment'
}

/** A before line with its trimmed key, computed once. */
export type KeyedLine = EditLine & { key: string }

export function keyed(line: EditLine): KeyedLine {
  return { ...line, key: trimmedKey(line.text) }
}

/** The lowest level at which a hunk's line equals a file's line, if any. `key` is the file line's trimmed key. */
export function levelOf(line: KeyedLine, text: string, key: string): number | undefined {
  const { text: wanted, lost } = line
  if (wanted === text) return LEVEL.literal
  if (lost === text) return LEVEL.lostSpace
  const bare = withoutBom(wanted)
  if (bare === text) return LEVEL.literal
  if (line.key !== key) return undefined
  const end = text.trimEnd()
  if (bare.trimEnd() === end || lost?.trimEnd() === end) return LEVEL.trailing
  const plain = unicodeKey(text)
  if (unicodeKey(bare) === plain || (lost !== undefined && unicodeKey(lost) === plain)) return LEVEL.unicode
  return LEVEL.indentation
}
