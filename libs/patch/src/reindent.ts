import type { FileIndex } from './file-index.ts'
import { type IndentModel, type IndentPair, indentModels } from './indent-model.ts'
import { indentOf } from './line-key.ts'
import type { Placement } from './placement.ts'

/** Gives an added line the file's indentation; undefined when the found lines do not show which. */
export type Reindent = (text: string) => string | undefined

const asWritten: Reindent = text => text

/**
 * How each hunk's added lines are to be indented. A hunk found at another indentation than it was written in shows the
 * rule by its own lines; one that shows nothing follows the rule the file's other hunks show.
 */
export function reindenters(index: FileIndex, placements: readonly Placement[]): Map<Placement, Reindent> {
  const unit = unitOf(index)
  const all = placements.map(placement => pairsOf(index, placement))
  const shifted = all.filter(pairs => pairs.some(isShifted)).flat()
  const shared = shifted.length > 0 ? indentModels(shifted).scales : []
  const result = new Map<Placement, Reindent>()
  placements.forEach((placement, i) => {
    const pairs = all[i] ?? []
    if (pairs.some(isShifted)) result.set(placement, byPairs(pairs, unit, shared))
    else if (shared.length > 0 && pairs.every(({ said }) => said === ''))
      result.set(placement, byPairs(pairs, unit, shared))
    else result.set(placement, asWritten)
  })
  return result
}

function isShifted({ said, real }: IndentPair): boolean {
  return said !== real
}

function pairsOf(index: FileIndex, { before, at }: Placement): IndentPair[] {
  return before.flatMap((line, i) => {
    const found = at[i] ?? -1
    const real = index.texts[found]
    if (line.key === '' || real === undefined || line.key !== index.keys[found]) return []
    const said = line.lost !== undefined && indentOf(line.lost) === indentOf(real) ? line.lost : line.text
    return [{ said: indentOf(said), real: indentOf(real), starred: line.key.startsWith('*') }]
  })
}

function byPairs(pairs: readonly IndentPair[], unit: string, shared: readonly IndentModel[]): Reindent {
  const table = tableOf(pairs)
  const { shifts, scales } = indentModels(pairs)
  const narrowed = shared.filter(model => pairs.every(({ said, real }) => model(said) === real))
  return text => {
    const said = indentOf(text)
    const body = text.slice(said.length)
    if (body === '') return text
    const seen = table.get(said)
    if (seen?.size === 1) return [...seen][0] + body
    const starred = table.get(starKey(said, body.startsWith('*')))
    if (seen && starred?.size === 1) return [...starred][0] + body
    if (seen) return undefined
    const real = agreed([...shifts, ...scales], said, unit) ?? agreed(narrowed, said, unit)
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

function agreed(models: readonly IndentModel[], said: string, unit: string): string | undefined {
  const answers = new Set(models.map(model => model(said)).filter(answer => answer !== undefined))
  if (answers.size === 1) return [...answers][0]
  const plausible = [...answers].filter(answer => fitsUnit(answer, unit))
  return plausible.length === 1 ? plausible[0] : undefined
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
