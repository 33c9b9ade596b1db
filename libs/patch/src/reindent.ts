import type { EditLine } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { type IndentModel, type IndentModels, type IndentPair, indentModels } from './indent-model.ts'
import { indentOf, unicodeKey } from './line-key.ts'
import type { Placement } from './placement.ts'
import { LEVEL } from './rung.ts'

/** Gives an added line the file's indentation; undefined when the found lines do not show which. */
export type Reindent = (text: string) => string | undefined

// Added lines deeper than this below the hunk's deepest are aligned with something, which no rule of indentation foresees.
const FARTHEST = 16

/**
 * How each hunk's added lines are to be indented, unless as they are written. A hunk found at another indentation than it
 * was written in shows the rule by its own lines; one that shows nothing, or nothing against it, follows the rule that the
 * file's other hunks show.
 */
export function reindenters(index: FileIndex, placements: readonly Placement[]): Map<Placement, Reindent> {
  // Found as it was written, a hunk shows no other rule.
  if (placements.every(({ level }) => level === LEVEL.literal)) return new Map()
  const unit = unitOf(index)
  const literal = placements.map(placement => pairsOf(index, placement, false))
  const scaled = placements.flatMap((placement, i) => {
    const pairs = literal[i] ?? []
    const code = pairs.filter(({ starred }) => !starred)
    const { shifts, scales } = indentModels(code)
    return placement.level >= LEVEL.indentation && shifts.length === 0 && scales.length > 0 ? code : []
  })
  const shared = scaled.length > 0 ? indentModels(scaled).scales : []
  const result = new Map<Placement, Reindent>()
  placements.forEach((placement, i) => {
    const byLetter = literal[i] ?? []
    const pairs = isByLetter(index, placement, byLetter, shared, unit) ? byLetter : pairsOf(index, placement, true)
    const follows = shared.some(model => pairs.every(({ said, real }) => model(said) === real))
    if (follows || pairs.some(isShifted)) result.set(placement, byPairs(pairs, unit, shared))
  })
  return result
}

/** Whether a hunk's context stands as written, and is not missing its prefix. */
function isByLetter(
  index: FileIndex,
  placement: Placement,
  pairs: readonly IndentPair[],
  shared: readonly IndentModel[],
  unit: string,
): boolean {
  if (placement.level === LEVEL.literal) return true
  if (placement.before.some(line => line.unprefixed && line.key !== '')) return false
  if (placement.level >= LEVEL.indentation) {
    const { shifts, scales } = indentModels(pairs.filter(({ starred }) => !starred))
    return shifts.length > 0 || scales.length > 0
  }
  const isShared = shared.some(model => pairs.every(({ said, real, starred }) => starred || model(said) === real))
  return (isShared && pairs.some(isShifted)) || looksHalved(index, placement, unit)
}

function isShifted({ said, real }: IndentPair): boolean {
  return said !== real
}

function pairsOf(index: FileIndex, { before, at }: Placement, maybeLost: boolean): IndentPair[] {
  return before.flatMap((line, i) => {
    const found = at[i] ?? -1
    const text = index.textOf(found)
    if (line.key === '' || text === undefined || line.key !== index.keyOf(found)) return []
    const real = indentOf(unicodeKey(text))
    const isLost = maybeLost && line.lost !== undefined && indentOf(unicodeKey(line.lost)) === real
    const said = isLost ? real : indentOf(unicodeKey(line.text))
    return [{ said, real, starred: line.key.startsWith('*') }]
  })
}

/**
 * Halved or one space too shallow, a file's indentation reads like context lines that lost their prefix. The added lines
 * tell: they stand where the file has nothing, but where the hunk's own lines stand when taken by the letter.
 */
function looksHalved(index: FileIndex, { hunk, before, at, level }: Placement, unit: string): boolean {
  if (level !== LEVEL.lostSpace) return false
  const lines = before.flatMap((line, i) => {
    const real = indentOf(index.textOf(at[i] ?? -1) ?? '').length
    return line.key === '' ? [] : [{ said: indentOf(line.text).length, real, starred: line.key.startsWith('*') }]
  })
  const halves = lines.every(({ said, real }) => said === Math.floor(real / 2))
  const shallow = lines.every(({ said, real }) => said === real - 1)
  if (!halves && !shallow) return false
  const added = hunk.lines.filter(line => line.kind === 'add' && line.text.trim() !== '')
  const beside = (line: EditLine, side: 'said' | 'real') => {
    const starred = line.text.trim().startsWith('*')
    return lines.some(
      other => other.real > 0 && other.starred === starred && other[side] === indentOf(line.text).length,
    )
  }
  const coded = lines.some(({ real, starred }) => !starred && real > 0)
  if (halves && coded && leastDepth(added) * 2 === unit.length) return true
  if (added.some(line => beside(line, 'real'))) return false
  if (added.some(line => beside(line, 'said'))) return true
  return halves && coded && unit.length % 2 === 0 && added.some(line => /^(?: {2})* [^\s*]/.test(line.text))
}

/** How deep the shallowest of the indented lines stands. */
function leastDepth(lines: readonly EditLine[]): number {
  const depths = lines.filter(({ text }) => !text.trim().startsWith('*')).map(({ text }) => indentOf(text).length)
  return Math.min(...depths.filter(depth => depth > 0))
}

function byPairs(pairs: readonly IndentPair[], unit: string, shared: readonly IndentModel[]): Reindent {
  const kindOf = (kind: boolean) => pairs.filter(({ starred }) => starred === kind)
  const code = byKind(kindOf(false), pairs, shared, indent => fitsUnit(indent, unit))
  // A block comment's lines stand one space further in than the code.
  const stars = byKind(kindOf(true), pairs, [], indent => indent.endsWith(' ') && fitsUnit(indent.slice(1), unit))
  return text => {
    const said = indentOf(text)
    const body = text.slice(said.length)
    if (body === '') return text
    const real = body.startsWith('*') ? stars(said) : code(said)
    return real === undefined ? undefined : real + body
  }
}

/**
 * What lines of one kind are indented to: code, or the continued lines of a block comment. Lines of the other kind show it
 * only if the outcome is an indentation that fits this kind.
 */
function byKind(
  own: readonly IndentPair[],
  all: readonly IndentPair[],
  shared: readonly IndentModel[],
  fits: (indent: string) => boolean,
): IndentModel {
  const table = new Map<string, Set<string>>()
  for (const { said, real } of own) table.set(said, (table.get(said) ?? new Set()).add(real))
  const models = indentModels(own.length > 0 ? own : all)
  const deepest = Math.max(0, ...all.map(({ real }) => real.length))
  const proven = shared.filter(model => own.every(({ said, real }) => model(said) === real))
  return said => {
    const seen = table.get(said)
    if (seen) return seen.size === 1 ? [...seen][0] : undefined
    const real = agreed(proven.length > 0 ? { shifts: [], scales: proven } : models, said, fits)
    if (real === undefined || real.length > deepest + FARTHEST) return undefined
    return own.length > 0 || fits(real) ? real : undefined
  }
}

function agreed({ shifts, scales }: IndentModels, said: string, fits: (indent: string) => boolean): string | undefined {
  const answersOf = (models: readonly IndentModel[]) =>
    models.map(model => model(said)).filter(answer => answer !== undefined)
  const answers = new Set(answersOf([...shifts, ...scales]))
  if (answers.size === 1) return [...answers][0]
  const plausible = [...answers].filter(fits)
  if (plausible.length === 1) return plausible[0]
  // Written in the file's own step, a line one step deeper was shifted: doubled, it would have been half a step deeper.
  const [shift] = answersOf(shifts)
  const deepens = plausible.every(answer => answer.length >= said.length)
  return shift !== undefined && deepens && fits(said) && fits(shift) ? shift : undefined
}

function fitsUnit(indent: string, unit: string): boolean {
  if (unit === '\t') return !indent.includes(' ')
  return !indent.includes('\t') && indent.length % unit.length === 0
}

/** The file's step of indentation: a tab, or the widest step that nearly all indented lines are multiples of. */
export function unitOf(index: FileIndex): string {
  const indents = index.texts.flatMap((text, i) =>
    index.keys[i] === '' || index.keys[i]?.startsWith('*') ? [] : [indentOf(text)],
  )
  const indented = indents.filter(indent => indent !== '')
  if (indented.filter(indent => indent.startsWith('\t')).length * 2 > indented.length) return '\t'
  for (const width of [8, 4, 3, 2]) {
    const fitting = indented.filter(indent => indent.length % width === 0).length
    if (indented.length > 0 && fitting >= indented.length * 0.85) return ' '.repeat(width)
  }
  return ' '
}
