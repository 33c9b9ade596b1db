import type { Intent } from './intent.ts'
import { type SeenFile, samePath, type View } from './seen-files.ts'
import type { Change } from './unified-diff.ts'
import { type Way, widen } from './way.ts'

type TextIntent = Extract<Intent, { kind: 'rename' | 'replace' }>

/** Ways to replace or rename a text; none when it does not occur in what was shown. */
export function textWays(intent: TextIntent, view: View, count: number): Way[] {
  const { from, to, kind } = intent
  if (from === '' || from === to) return []
  const files = view.files.filter(file => intent.path === undefined || samePath(file.path, intent.path))
  const swap = kind === 'rename' ? wholeWords(from, to) : (line: string) => line.replaceAll(from, () => to)
  const plain = changesOf(files, swap)
  if (plain.length === 0) return []
  const where = plain.map(change => ('file' in change ? change.file.path : '')).join(', ')
  const verb = kind === 'rename' ? 'Renames' : 'Replaces'
  const ways: Way[] = [
    {
      name: 'Just the text',
      brief: `${verb} "${from}" by "${to}" wherever it stands in ${where}, and nothing else.`,
      changes: plain,
    },
  ]
  const cases = otherCases(from, to)
  const lower = from.toLowerCase()
  const cased = changesOf(files, line =>
    line.toLowerCase().includes(lower)
      ? cases.reduce((text, [one, other]) => text.replaceAll(one, () => other), swap(line))
      : line,
  )
  ways.push({
    name: 'Every letter case',
    brief: `${verb} "${from}" by "${to}" in ${where}, its other letter cases included.`,
    changes: cased,
  })
  return widen(ways, { text: remarkOf(from, to), banned: to.includes(from) ? undefined : from }, view, count)
}

function remarkOf(from: string, to: string): string {
  const candidates = [`"${to}" is the current wording.`, `Now: ${to}`, to]
  return candidates.find(text => !text.replaceAll(to, '').includes(from)) ?? to
}

function changesOf(files: readonly SeenFile[], swap: (line: string) => string): Change[] {
  return files.flatMap(file => {
    const lines = new Map<number, string[]>()
    for (const [index, line] of file.lines.entries()) {
      const next = line === undefined ? undefined : swap(line)
      if (next !== undefined && next !== line) lines.set(index, [next])
    }
    return lines.size === 0 ? [] : [{ file, lines }]
  })
}

/** A name is renamed where it stands alone, not inside another name. */
function wholeWords(from: string, to: string): (line: string) => string {
  const before = /^[\p{L}\p{N}_$]/u.test(from) ? '(?<![\\p{L}\\p{N}_$])' : ''
  const after = /[\p{L}\p{N}_$]$/u.test(from) ? '(?![\\p{L}\\p{N}_$])' : ''
  const pattern = new RegExp(`${before}${escapePattern(from)}${after}`, 'gu')
  return line => line.replace(pattern, () => to)
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function otherCases(from: string, to: string): [string, string][] {
  const capital = (text: string) => text.replace(/^./u, first => first.toUpperCase())
  const small = (text: string) => text.replace(/^./u, first => first.toLowerCase())
  const forms: ((text: string) => string)[] = [capital, small, text => text.toUpperCase(), text => text.toLowerCase()]
  return forms.map((form): [string, string] => [form(from), form(to)]).filter(([one]) => one !== from && one !== '')
}
