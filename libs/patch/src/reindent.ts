import type { EditLine } from './edit-form.ts'
import type { FileIndex } from './file-index.ts'
import { type IndentModel, type IndentModels, type IndentPair, indentModels } from './indent-model.ts'
import { indentOf, unicodeKey } from './line-key.ts'
import type { Placement } from './placement.ts'
import { LEVEL } from './rung.ts'

/** Gives an added line the file's indentation; undefined when the found lines do not show which. */
export type Reindent = (text: string) => string | undefined

const asWritten: Reindent = text => text

/**
 * How each hunk's added lines are to be indented. A hunk found at another indentation than it was written in shows the
 * rule by its own lines; one that shows nothing follows the rule the file's other hunks show.
 */
export function reindenters(index: FileIndex, placements: readonly Placement[]): Map<Placement, Reindent> {
  const unit = unitOf(index)
  const all = placements.map(placement => pairsOf(index, placement, unit))
  const scaled = all.filter(pairs => pairs.some(isShifted) && indentModels(pairs).shifts.length === 0).flat()
  const shared = scaled.length > 0 ? indentModels(scaled).scales : []
  const result = new Map<Placement, Reindent>()
  placements.forEach((placement, i) => {
    const pairs = all[i] ?? []
    const blind = shared.length > 0 && pairs.every(({ said }) => said === '')
    result.set(placement, blind || pairs.some(isShifted) ? byPairs(pairs, unit, shared) : asWritten)
  })
  return result
}

function isShifted({ said, real }: IndentPair): boolean {
  return said !== real
}

function pairsOf(index: FileIndex, placement: Placement, unit: string): IndentPair[] {
  const halved = looksHalved(index, placement, unit)
  return placement.before.flatMap((line, i) => {
    const found = placement.at[i] ?? -1
    const text = index.texts[found]
    if (line.key === '' || text === undefined || line.key !== index.keys[found]) return []
    const real = indentOf(unicodeKey(text))
    const isLost = !halved && line.lost !== undefined && indentOf(unicodeKey(line.lost)) === real
    const said = isLost ? real : indentOf(unicodeKey(line.text))
    return [{ said, real, starred: line.key.startsWith('*') }]
  })
}

/**
 * Halved or one space too shallow, a file's indentation reads like context lines that lost their prefix. The added lines
 * tell: they stand where the file has nothing, but where the hunk's own lines stand when taken by the letter.
 */
function looksHalved(index: FileIndex, { hunk, before, at, level }: Placement, unit: string): boolean {
  if (level !== LEVEL.lostSpace || before.some(line => line.unprefixed && line.key !== '')) return false
  const lines = before.flatMap((line, i) => {
    const real = indentOf(index.texts[at[i] ?? -1] ?? '').length
    return line.key === '' ? [] : [{ said: indentOf(line.text).length, real, starred: line.key.startsWith('*') }]
  })
  const halves = lines.every(({ said, real }) => said === Math.floor(real / 2))
  const shallow = lines.every(({ said, real }) => said === real - 1)
  if (!halves && !shallow) return false
  const added = hunk.lines.filter(line => line.kind === 'add' && line.text.trim() !== '')
  const beside = (line: EditLine, side: 'said' | 'real') => {
    const starred = line.text.trim().startsWith('*')
    return lines.some(other => other.starred === starred && other[side] === indentOf(line.text).length)
  }
  if (added.some(line => beside(line, 'real'))) return false
  if (added.some(line => beside(line, 'said'))) return true
  const coded = lines.some(({ real, starred }) => !starred && real > 0)
  return halves && coded && unit.length % 2 === 0 && added.some(line => /^(?: {2})* [^\s*]/.test(line.text))
}

function byPairs(pairs: readonly IndentPair[], unit: string, shared: readonly IndentModel[]): Reindent {
  const table = tableOf(pairs)
  const { shifts, scales } = indentModels(pairs)
  const proven = shared.filter(model => pairs.every(({ said, real }) => model(said) === real))
  return text => {
    const said = indentOf(text)
    const body = text.slice(said.length)
    if (body === '') return text
    const seen = table.get(said)
    if (seen?.size === 1) return [...seen][0] + body
    const starred = table.get(starKey(said, body.startsWith('*')))
    if (seen && starred?.size === 1) return [...starred][0] + body
    if (seen) return undefined
    const real = agreed(proven.length > 0 ? { shifts: [], scales: proven } : { shifts, scales }, said, unit)
    return real === undefined ? undefined : real + body
  }
}

/** What each indentation was found to be; continuation lines of block comments apart, for they are off by one. */
function tableOf(pairs: readonly IndentPair[]): Map<string, Set<string>> {
  const table = new Map<string, Set<string>>()
  const note = (key: string, real: string) => table.set(key, (table.get(key) ?? new Set()).add(real))
  for (const { said, real, starred } of pairs) {
    note(said, real)
    note(starKey(said, starred), real)
  }
  return table
}

function starKey(said: string, starred: boolean): string {
  return `${starred ? 'star' : 'code'}${said}`
}

function agreed({ shifts, scales }: IndentModels, said: string, unit: string): string | undefined {
  const answersOf = (models: readonly IndentModel[]) =>
    models.map(model => model(said)).filter(answer => answer !== undefined)
  const answers = new Set(answersOf([...shifts, ...scales]))
  if (answers.size === 1) return [...answers][0]
  const plausible = [...answers].filter(answer => fitsUnit(answer, unit))
  if (plausible.length === 1) return plausible[0]
  // Written in the file's own step, a line one step deeper was shifted: doubled, it would have been half a step deeper.
  const [shift] = answersOf(shifts)
  const deepens = plausible.every(answer => answer.length >= said.length)
  return shift !== undefined && deepens && fitsUnit(said, unit) && fitsUnit(shift, unit) ? shift : undefined
}

function fitsUnit(indent: string, unit: string): boolean {
  if (unit === '\t') return !indent.includes(' ')
  return !indent.includes('\t') && indent.length % unit.length === 0
}

/** The file's step of indentation: a tab, or the widest step that nearly all indented lines are multiples of. */
function unitOf(index: FileIndex): string {
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
