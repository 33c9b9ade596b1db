import type { FileIndex } from './file-index.ts'
import { type KeyedLine, levelOf } from './rung.ts'
import type { WorkBudget } from './work-budget.ts'

/** A stretch of consecutive file lines equal to a hunk's before lines at `level`. */
export type Window = { start: number; level: number }

/** All stretches that equal the before lines at the lowest level at which any does. */
export function findWindows(index: FileIndex, before: readonly KeyedLine[], budget: WorkBudget): Window[] {
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
  if (start < 0 || start + before.length > index.texts.length) return undefined
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
