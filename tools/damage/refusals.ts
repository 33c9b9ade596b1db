import type { Random } from '../chaos/random.ts'
import type { Case, Damage } from './case.ts'
import {
  type Edit,
  mapHunks,
  placesOf,
  renderWritten,
  type WrittenDiff,
  type WrittenFile,
  writtenDiff,
} from './written-diff.ts'

function refused(edit: Edit, diff: WrittenDiff, side: 'before' | 'after' = 'before'): Case {
  return {
    kind: '',
    files: Object.fromEntries(edit.files.map(file => [file.path, file[side]])),
    diff: renderWritten(diff),
  }
}

const bare = (diff: WrittenDiff) => mapHunks(diff, hunk => ({ ...hunk, header: '@@' }))

/** One hunk of the edit that by its lines alone fits several places. */
function ambiguous(edit: Edit, context: number): Case | undefined {
  const diff = writtenDiff(edit, context)
  for (const file of diff.files) {
    const hunk = file.hunks.find(
      ({ lines }) => placesOf(file.before, lines) > 1 && lines.some(l => l.kind === 'remove'),
    )
    if (hunk) return refused(edit, bare({ files: [{ ...file, hunks: [hunk] }] }))
  }
  return undefined
}

function elsewhere(edit: Edit, pathOf: (path: string) => string): Case {
  const diff = writtenDiff(edit, 3)
  const move = (file: WrittenFile): WrittenFile => {
    const path = pathOf(file.path)
    return { ...file, path, header: [`--- a/${path}`, `+++ b/${path}`] }
  }
  return refused(edit, { files: diff.files.map((file, i) => (i === 0 ? move(file) : file)) })
}

function withHeader(edit: Edit, header: (path: string) => string[]): Case {
  const { files } = writtenDiff(edit, 3)
  return refused(edit, { files: files.map((file, i) => (i === 0 ? { ...file, header: header(file.path) } : file)) })
}

/** The hunks of one file written for another, which lacks some of their removed lines. */
function foreign(edit: Edit): Case | undefined {
  const [one, other] = writtenDiff(edit, 3).files
  if (!one || !other) return undefined
  const removed = one.hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind === 'remove'))
  const isStrange = removed.some(({ text }) => text.trim().length > 3 && !other.before.includes(text.trim()))
  return isStrange ? refused(edit, { files: [{ ...other, hunks: one.hunks }] }) : undefined
}

/** A removed line that is no longer the file's, though nearly. */
function stale(edit: Edit, random: Random): Case | undefined {
  const diff = writtenDiff(edit, 3)
  const lines = diff.files.flatMap(({ hunks }) => hunks.flatMap(hunk => hunk.lines))
  const fit = lines.filter(({ kind, text }) => kind === 'remove' && /[A-Za-z]{4}/.test(text))
  if (fit.length === 0) return undefined
  const line = random.pick(fit)
  line.text = line.text.replace(/[A-Za-z]{4}/, word => [...word].toReversed().join('') + word.charAt(0))
  return refused(edit, diff)
}

/** What must be refused, whoever asks for it. */
export const refusals: Record<string, Damage> = {
  'refused: ambiguous, one line of context': edit => ambiguous(edit, 1),
  'refused: ambiguous, no context': edit => ambiguous(edit, 0),
  'refused: already applied': edit => {
    const isAdding = edit.files.every(({ before, after }) => after.length > before.length + 20)
    return isAdding ? refused(edit, bare(writtenDiff(edit, 3)), 'after') : undefined
  },
  'refused: another file': foreign,
  'refused: a removed line that is not there': stale,
  'refused: no such file': edit => elsewhere(edit, path => path.replace(/([^/]*)$/, 'missing-$1')),
  'refused: above the repository': edit => elsewhere(edit, path => `../${path}`),
  'refused: above it in the middle': edit => elsewhere(edit, path => `src/../../${path}`),
  'refused: absolute': edit => elsewhere(edit, () => '/etc/passwd'),
  'refused: in .git': (edit, random) =>
    elsewhere(edit, () => random.pick(['.git/config', '.GIT/hooks/pre-commit', 'a/.git/x'])),
  'refused: creates what exists': edit => withHeader(edit, path => ['--- /dev/null', `+++ b/${path}`]),
  'refused: deletes what it does not quote': edit => withHeader(edit, path => [`--- a/${path}`, '+++ /dev/null']),
  'refused: renames': edit =>
    withHeader(edit, path => [
      `diff --git a/${path} b/${path}x`,
      `rename from ${path}`,
      `rename to ${path}x`,
      `--- a/${path}`,
      `+++ b/${path}x`,
    ]),
  'refused: an insertion without context or number': edit => {
    const { files } = writtenDiff(edit, 0)
    for (const file of files) {
      const hunk = file.hunks.find(({ lines }) => lines.every(({ kind }) => kind === 'add'))
      if (hunk && file.before !== '') return refused(edit, bare({ files: [{ ...file, hunks: [hunk] }] }))
    }
    return undefined
  },
}
