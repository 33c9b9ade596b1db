import type { Random } from '../chaos/random.ts'
import type { Case, Damage } from './case.ts'
import { refusals } from './refusals.ts'
import {
  elision,
  faithful,
  headerDamage,
  indentDamage,
  orderDamage,
  pathDamage,
  type Rewriting,
  spaceDamage,
  wordDamage,
  wrapDamage,
} from './writing-damage.ts'
import { type Edit, renderWritten, type WrittenDiff, writtenDiff } from './written-diff.ts'

const USUAL_CONTEXT = 3

function filesOf({ files }: Edit, side: 'before' | 'after'): Record<string, string> {
  return Object.fromEntries(files.map(file => [file.path, file[side]]))
}

function applying(kind: string, edit: Edit, diff: WrittenDiff | undefined): Case | undefined {
  if (!diff) return undefined
  return { kind, files: filesOf(edit, 'before'), diff: renderWritten(diff), expected: filesOf(edit, 'after') }
}

function rewriting(kind: string, rewrite: Rewriting): Damage {
  return (edit, random) => {
    const clean = writtenDiff(edit, USUAL_CONTEXT)
    const diff = rewrite(clean, random)
    const isPlain = rewrite === faithful.control
    return diff && (isPlain || renderWritten(diff) !== renderWritten(clean)) ? applying(kind, edit, diff) : undefined
  }
}

function chained(diff: WrittenDiff, steps: readonly Rewriting[], random: Random): WrittenDiff | undefined {
  let chain: WrittenDiff | undefined = diff
  for (const step of steps) chain = chain && step(chain, random)
  return chain
}

function oneOf(group: Record<string, Rewriting>, random: Random): Rewriting {
  return random.pick(Object.values(group))
}

/** Several kinds at once, in an order in which each still finds what it damages. */
function combined(edit: Edit, random: Random): Case | undefined {
  const quiet = spaceDamage['context space: not on blank lines']
  const inBody = random.pick([
    [oneOf(indentDamage, random)],
    [oneOf(elision, random), quiet],
    [spaceDamage['line space: added'], quiet],
    [],
  ])
  const steps = [oneOf(headerDamage, random), ...inBody, oneOf(pathDamage, random), oneOf(wrapDamage, random)]
  const fit = steps.filter((step): step is Rewriting => step !== undefined && random.next() < 0.8)
  return applying('combination', edit, chained(writtenDiff(edit, USUAL_CONTEXT), fit, random))
}

function lessContext(lines: number): Damage {
  return edit => applying(`context: ${lines} lines, true numbers`, edit, writtenDiff(edit, lines))
}

function converted(edit: Edit, convert: (text: string) => string): Edit {
  return {
    ...edit,
    files: edit.files.map(({ path, before, after }) => ({ path, before: convert(before), after: convert(after) })),
  }
}

const asCrLf = (text: string) => text.replace(/\r?\n/g, '\r\n')

/** The file has other line ends, or another end, than the diff says. */
const misread: Record<string, Damage> = {
  'line ends: a CR LF file': edit =>
    applying(
      '',
      converted(edit, asCrLf),
      writtenDiff(
        converted(edit, text => text.replaceAll('\r', '')),
        USUAL_CONTEXT,
      ),
    ),
  'end of file: its mark left out': edit => {
    const open = converted(edit, text => text.replace(/\n+$/, ''))
    const diff = writtenDiff(open, USUAL_CONTEXT)
    for (const { hunks } of diff.files) for (const { lines } of hunks) for (const line of lines) line.noNewline = false
    return applying('', open, diff)
  },
  'end of file: a mark too many': edit => {
    const diff = writtenDiff(edit, USUAL_CONTEXT)
    const last = diff.files.at(-1)?.hunks.at(-1)?.lines.at(-1)
    if (last?.kind !== 'context') return undefined
    last.noNewline = true
    return applying('', edit, diff)
  },
  'byte order mark': edit =>
    applying(
      '',
      converted(edit, text => `\uFEFF${text}`),
      writtenDiff(edit, USUAL_CONTEXT),
    ),
}

/** The file moved on since the model read it. */
const drift: Record<string, Damage> = {
  'drift: lines added above': (edit, random) => {
    const added = Array.from({ length: random.whole(1, 12) }, (_, i) => `added meanwhile ${i}\n`).join('')
    const diff = writtenDiff(edit, USUAL_CONTEXT)
    const isInside = diff.files.some(({ hunks }) => (hunks[0]?.oldStart ?? 0) <= 1)
    return isInside
      ? undefined
      : applying(
          '',
          converted(edit, text => added + text),
          diff,
        )
  },
  'drift: a line of context changed': (edit, random) => {
    const diff = writtenDiff(edit, USUAL_CONTEXT)
    const [file] = diff.files
    const lines = random.pick(file?.hunks ?? [])?.lines ?? []
    const far = lines.filter(
      ({ kind, text }, i) =>
        kind === 'context' &&
        text.length > 8 &&
        [lines[i - 1], lines[i + 1]].every(next => next?.kind !== 'remove' && next?.kind !== 'add'),
    )
    const touched = far[0]
    if (!file || !touched || file.before.split(touched.text).length !== 2) return undefined
    const change = (text: string) => text.replace(touched.text, () => `${touched.text} // meanwhile`)
    const files = edit.files.map(one =>
      one.path === file.path ? { ...one, before: change(one.before), after: change(one.after) } : one,
    )
    return applying('', { ...edit, files }, diff)
  },
}

function named(kinds: Record<string, Damage>): Record<string, Damage> {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, damage]) => [
      kind,
      (edit: Edit, random: Random) => {
        const one = damage(edit, random)
        return one && { ...one, kind }
      },
    ]),
  )
}

const rewritings = {
  ...faithful,
  ...headerDamage,
  ...spaceDamage,
  ...indentDamage,
  ...wordDamage,
  ...elision,
  ...pathDamage,
  ...wrapDamage,
  ...orderDamage,
}

/** Every kind of damage, by its name. */
export const damages: Readonly<Record<string, Damage>> = named({
  ...Object.fromEntries(Object.entries(rewritings).map(([kind, rewrite]) => [kind, rewriting(kind, rewrite)])),
  'context: one line': lessContext(1),
  'context: none': lessContext(0),
  ...misread,
  ...drift,
  combination: combined,
  ...refusals,
})
