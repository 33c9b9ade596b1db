import type { Hunk } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { type KeyedLine, LEVEL, levelOf } from './rung.ts'
import { BOM } from './text-lines.ts'
import type { WorkBudget } from './work-budget.ts'

const ANCHORS = 3

/** A stretch of consecutive file lines equal to a hunk's before lines at `level`. */
export type Window = { start: number; level: number }

/** All stretches that equal the before lines at the lowest level at which any does. */
export function findWindows(index: FileIndex, before: readonly KeyedLine[], budget: WorkBudget): Window[] {
  const literal = literalWindows(index, before, budget)
  return literal.length > 0 ? literal : laxWindows(index, before, budget)
}

/** The lines by which a hunk, or what it may be cut to, is looked for: the longest ones are seldom repeated. */
export function anchorsOf(hunk: Hunk): string[] {
  const shortest = Math.min(hunk.lines.length, ...(hunk.cuts ?? []))
  const quoted = hunk.lines.slice(0, shortest).filter(line => line.kind !== 'add')
  return quoted
    .map(line => line.text)
    .sort((a, b) => b.length - a.length)
    .slice(0, ANCHORS)
}

/** The strictest rung: places where the before lines stand to the letter, found without looking at the rest of the file. */
function literalWindows(index: FileIndex, before: readonly KeyedLine[], budget: WorkBudget): Window[] {
  let rarest: { offset: number; lines: readonly number[] } | undefined
  for (let offset = 0; offset < before.length; offset++) {
    const text = before[offset]?.text ?? ''
    // With a byte order mark a line also equals one without it.
    if (text.startsWith(BOM)) return []
    const lines = index.linesEqualTo(text)
    if (lines?.length === 0) return []
    if (lines && (!rarest || lines.length < rarest.lines.length)) rarest = { offset, lines }
  }
  if (!rarest) return []
  const { offset, lines } = rarest
  const found: Window[] = []
  for (const line of lines) {
    const start = line - offset
    const differs = before.findIndex(({ text }, i) => !index.isLine(start + i, text))
    budget.spend(differs < 0 ? before.length : differs + 1)
    if (differs < 0) found.push({ start, level: LEVEL.literal })
  }
  return found
}

/** The rungs above it: every line may fit at another level, the highest of them counts. */
export function laxWindows(index: FileIndex, before: readonly KeyedLine[], budget: WorkBudget): Window[] {
  const probe = rarestLine(index, before)
  if (!probe) return []
  let best = Number.POSITIVE_INFINITY
  let found: Window[] = []
  for (const position of probe.positions) {
    const start = position - probe.offset
    const level = windowLevel(index, before, start, best, budget)
    if (level === undefined) continue
    if (level < best) found = []
    best = level
    found.push({ start, level })
  }
  return found
}

function rarestLine(index: FileIndex, before: readonly KeyedLine[]) {
  let rarest: { offset: number; positions: readonly number[] } | undefined
  for (let offset = 0; offset < before.length; offset++) {
    const positions = index.positions.get(before[offset]?.key ?? '')
    if (!positions) return undefined
    if (!rarest || positions.length < rarest.positions.length) rarest = { offset, positions }
  }
  return rarest
}

function windowLevel(index: FileIndex, before: readonly KeyedLine[], start: number, limit: number, budget: WorkBudget) {
  if (start < 0 || start + before.length > index.count) return undefined
  let level = 0
  for (let i = 0; i < before.length; i++) {
    const line = before[i]
    budget.spend(1)
    const at = line && levelOf(line, index.texts[start + i] ?? '', index.keys[start + i] ?? '')
    if (at === undefined || at > limit) return undefined
    level = Math.max(level, at)
  }
  return level
}
