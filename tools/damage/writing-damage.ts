import type { Random } from '../chaos/random.ts'
import {
  countsOf,
  defaultHeader,
  isUnique,
  mapHunks,
  mapLines,
  type WrittenDiff,
  type WrittenFile,
  type WrittenLine,
} from './written-diff.ts'

/** Changes how a diff is written, not what it means; undefined when there is nothing to change. */
export type Rewriting = (diff: WrittenDiff, random: Random) => WrittenDiff | undefined

const same = (diff: WrittenDiff): WrittenDiff => diff

function ifUnique(rewrite: (diff: WrittenDiff, random: Random) => WrittenDiff): Rewriting {
  return (diff, random) => (isUnique(diff) ? rewrite(diff, random) : undefined)
}

function headings(diff: WrittenDiff): WrittenDiff {
  return mapHunks(diff, (hunk, { before }) => {
    const above = before.split('\n').slice(0, Math.max(0, hunk.oldStart - 1))
    return { ...hunk, header: `@@ ${above.findLast(row => /^[A-Za-z_]/.test(row)) ?? ''}`.trimEnd() }
  })
}

function renumbered(shift: (random: Random) => number, each: boolean): Rewriting {
  return ifUnique((diff, random) => {
    const once = shift(random)
    return mapHunks(diff, hunk => {
      const by = each ? shift(random) : once
      return { ...hunk, oldStart: Math.max(1, hunk.oldStart + by), newStart: Math.max(1, hunk.newStart + by) }
    })
  })
}

function recounted(count: (old: number, random: Random) => number): Rewriting {
  return ifUnique((diff, random) =>
    mapHunks(diff, hunk => {
      const { old, fresh } = countsOf(hunk.lines)
      const counts = [count(old, random), count(fresh, random)].map(number => Math.max(0, number))
      return { ...hunk, header: `@@ -${hunk.oldStart},${counts[0]} +${hunk.newStart},${counts[1]} @@` }
    }),
  )
}

const far = (random: Random) => random.whole(3, 40) * random.pick([-1, 1])

export const headerDamage: Record<string, Rewriting> = {
  'numbers: bare': ifUnique(diff => mapHunks(diff, hunk => ({ ...hunk, header: '@@' }))),
  'numbers: dots': ifUnique(diff => mapHunks(diff, hunk => ({ ...hunk, header: '@@ ... @@' }))),
  'numbers: heading': ifUnique(headings),
  'numbers: all one': ifUnique(diff => mapHunks(diff, hunk => ({ ...hunk, oldStart: 1, newStart: 1 }))),
  'numbers: those of the new file': diff => mapHunks(diff, hunk => ({ ...hunk, oldStart: hunk.newStart })),
  'numbers: off alike': renumbered(far, false),
  'numbers: off each': renumbered(far, true),
  'counts: off by one': recounted((count, random) => count + random.pick([-1, 1])),
  'counts: any': recounted((_, random) => random.whole(0, 30)),
  'counts: too large': recounted((count, random) => count + random.whole(5, 50)),
  'counts: too small': recounted(count => Math.floor(count / 2)),
  'counts: none': ifUnique(diff =>
    mapHunks(diff, hunk => ({ ...hunk, header: `@@ -${hunk.oldStart} +${hunk.newStart} @@` })),
  ),
}

function inContext(change: (text: string, random: Random) => string, share: number): Rewriting {
  return ifUnique((diff, random) =>
    mapLines(diff, line =>
      line.kind === 'context' && random.next() < share ? { ...line, text: change(line.text, random) } : line,
    ),
  )
}

function unmarked(lost: (text: string, random: Random) => boolean): Rewriting {
  return ifUnique((diff, random) =>
    mapLines(diff, line =>
      // What begins like another kind of line would be one.
      line.kind === 'context' && !/^[-+@\\]/.test(line.text) && lost(line.text, random)
        ? { ...line, raw: line.text }
        : line,
    ),
  )
}

export const spaceDamage: Record<string, Rewriting> = {
  'context space: none': unmarked(() => true),
  'context space: not on blank lines': unmarked(text => text === ''),
  'context space: not on outer lines': unmarked(text => /^\S/.test(text)),
  'context space: only on some': unmarked((_, random) => random.next() < 0.4),
  'line space: added': inContext((text, random) => text + ' '.repeat(random.whole(1, 3)), 0.4),
  'line space: lost': inContext(text => text.trimEnd(), 1),
  'line ends: CR LF': ifUnique(diff => ({
    ...diff,
    wrap: text => (diff.wrap ?? (x => x))(text).replaceAll('\n', '\r\n'),
  })),
}

function reindented(indent: (indent: string, all: readonly WrittenLine[]) => string | undefined): Rewriting {
  return ifUnique(diff =>
    mapHunks(diff, hunk => {
      const lines = hunk.lines.map(line => {
        const own = /^[ \t]*/.exec(line.text)?.[0] ?? ''
        const next = line.text.trim() === '' ? own : indent(own, hunk.lines)
        return next === undefined ? line : { ...line, text: next + line.text.slice(own.length) }
      })
      return { ...hunk, lines }
    }),
  )
}

function commonIndent(lines: readonly WrittenLine[]): string {
  const indents = lines.filter(({ text }) => text.trim() !== '').map(({ text }) => /^[ \t]*/.exec(text)?.[0] ?? '')
  return indents.reduce((least, indent) => (indent.length < least.length ? indent : least), indents[0] ?? '')
}

const onlySpaces = (indent: string) => /^ *$/.test(indent)

export const indentDamage: Record<string, Rewriting> = {
  'indentation: none in common': reindented((indent, all) => indent.slice(commonIndent(all).length)),
  'indentation: one step less': reindented((indent, all) => indent.slice(Math.min(2, commonIndent(all).length))),
  'indentation: one step more': reindented(indent => (onlySpaces(indent) ? `  ${indent}` : `\t${indent}`)),
  'indentation: halved': reindented(indent => (onlySpaces(indent) ? indent.slice(indent.length / 2) : undefined)),
  'indentation: doubled': reindented(indent => (onlySpaces(indent) ? indent + indent : undefined)),
  'indentation: tabs for spaces': reindented(indent =>
    onlySpaces(indent) ? indent.replaceAll('    ', '\t') : undefined,
  ),
  'indentation: spaces for tabs': reindented(indent => indent.replaceAll('\t', '    ')),
}

const looks: readonly [RegExp, string][] = [
  [/'/g, '’'],
  [/"/g, '”'],
  [/ - /g, ' – '],
  [/(?<=\S) (?=\S)/g, '\u00a0'],
  [/\.\.\./g, '…'],
]

function alike(kinds: readonly WrittenLine['kind'][]): Rewriting {
  return ifUnique((diff, random) => {
    const [from, to] = random.pick(looks)
    return mapLines(diff, line => (kinds.includes(line.kind) ? { ...line, text: line.text.replace(from, to) } : line))
  })
}

function reworded(change: (text: string) => string): Rewriting {
  return ifUnique((diff, random) =>
    mapHunks(diff, hunk => {
      const fit = hunk.lines.flatMap(({ kind, text }, i) => (kind === 'context' && change(text) !== text ? [i] : []))
      if (fit.length === 0) return hunk
      const at = random.pick(fit)
      return { ...hunk, lines: hunk.lines.map((line, i) => (i === at ? { ...line, text: change(line.text) } : line)) }
    }),
  )
}

export const wordDamage: Record<string, Rewriting> = {
  'unicode: in context': alike(['context']),
  'unicode: in removed lines too': alike(['context', 'remove']),
  'paraphrase: a comment': reworded(text => text.replace(/^(\s*(?:\/\/|#) \w+ \w+ \w+ )(\w+)/, '$1really $2')),
  'paraphrase: quotes': reworded(text => text.replace(/'([^'"]*)'/g, '"$1"')),
  'paraphrase: spacing': reworded(text => text.replace(/(\S) ?= ?(\S)/, '$1  =  $2')),
}

function without(pick: (lines: readonly WrittenLine[], random: Random) => readonly number[], mark?: string): Rewriting {
  return ifUnique((diff, random) => {
    return mapHunks(diff, (hunk, { before }) => {
      const gone = new Set(pick(hunk.lines, random))
      const lines = hunk.lines.flatMap((line, i): WrittenLine[] => {
        if (!gone.has(i)) return [line]
        return mark === undefined ? [] : [{ kind: 'context', text: '', raw: ` ${indentOf(line.text)}${mark}` }]
      })
      const left = { files: [{ path: '', before, after: '', hunks: [{ ...hunk, lines }] }] }
      // A hunk must still say where it belongs, and show a line on both sides of what it adds.
      return lines.some(({ kind }) => kind === 'context') && (mark !== undefined || isUnique(left) || gone.size === 1)
        ? { ...hunk, lines }
        : hunk
    })
  })
}

function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? ''
}

function contexts(lines: readonly WrittenLine[], isFit: (at: number) => boolean): number[] {
  return lines.flatMap(({ kind, noNewline }, i) => (kind === 'context' && !noNewline && isFit(i) ? [i] : []))
}

/** Lines not beside a change, with another line of context beyond them. */
function middle(lines: readonly WrittenLine[]): number[] {
  const isContext = (i: number) => lines[i]?.kind === 'context'
  return contexts(lines, i => isContext(i - 1) && isContext(i + 1))
}

export const elision: Record<string, Rewriting> = {
  'elided: a line in the middle': without((lines, random) => {
    const fit = middle(lines)
    return fit.length === 0 ? [] : [random.pick(fit)]
  }),
  'elided: marked': without((lines, random) => {
    const fit = middle(lines)
    return fit.length === 0 ? [] : [random.pick(fit)]
  }, '...'),
  'elided: the ends': without(lines => {
    const ends = contexts(lines, i => i === 0 || i === lines.length - 1)
    return ends.filter(i => lines[i === 0 ? 1 : i - 1]?.kind === 'context')
  }),
}

function withHeader(header: (file: WrittenFile) => string[]): Rewriting {
  return diff => ({ ...diff, files: diff.files.map(file => ({ ...file, header: header(file) })) })
}

const names = (old: string, fresh: string) => [`--- ${old}`, `+++ ${fresh}`]

export const pathDamage: Record<string, Rewriting> = {
  'path: no git line': withHeader(({ path }) => names(`a/${path}`, `b/${path}`)),
  'path: no prefix': withHeader(({ path }) => names(path, path)),
  'path: dotted': withHeader(({ path }) => names(`./${path}`, `./${path}`)),
  'path: absolute': withHeader(({ path }) => names(`/home/user/project/${path}`, `/home/user/project/${path}`)),
  'path: backslashes': withHeader(({ path }) =>
    names(`a\\${path.replaceAll('/', '\\')}`, `b\\${path.replaceAll('/', '\\')}`),
  ),
  'path: quoted': withHeader(({ path }) => names(`"a/${path}"`, `"b/${path}"`)),
  'path: only the new one': withHeader(({ path }) => [`+++ b/${path}`]),
  'path: only the git line': withHeader(({ path }) => [`diff --git a/${path} b/${path}`]),
  'path: with a time': withHeader(({ path }) =>
    names(`a/${path}\t2024-01-02 03:04:05.000000000 +0000`, `b/${path}\t2024-01-02 03:04:06.000000000 +0000`),
  ),
}

function wrapped(wrap: (text: string) => string): Rewriting {
  return diff => ({ ...diff, wrap })
}

export const wrapDamage: Record<string, Rewriting> = {
  'wrap: fence': wrapped(text => `\`\`\`diff\n${text}\`\`\`\n`),
  'wrap: fence and chatter': wrapped(
    text =>
      `Here is the change:\n\n\`\`\`diff\n${text}\`\`\`\n\nThis keeps the rest as it is. Tell me if it should not.\n`,
  ),
  'wrap: tildes': wrapped(text => `~~~diff\n${text}~~~\n`),
  'wrap: open fence': wrapped(text => `\`\`\`diff\n${text}`),
  'wrap: chatter': wrapped(text => `Here is the change:\n\n${text}\nThis should do it.\n`),
}

export const orderDamage: Record<string, Rewriting> = {
  'order: backwards': diff => ({
    ...diff,
    files: diff.files.map(file => ({ ...file, hunks: file.hunks.toReversed() })),
  }),
  'order: files backwards': diff => ({ ...diff, files: diff.files.toReversed() }),
  'order: a header for each hunk': diff => ({
    ...diff,
    files: diff.files.flatMap(file =>
      file.hunks.map(hunk => ({ ...file, hunks: [hunk], header: file.header ?? defaultHeader(file.path) })),
    ),
  }),
}

export const faithful: Record<string, Rewriting> = { control: same }
