/** A line of a diff; numbers of the old and the new file. */
export type DiffLine = { kind: 'same' | 'added' | 'removed' | 'gap'; before?: number; after?: number; text: string }
export type DiffFile = {
  path: string
  change: 'added' | 'deleted' | 'edited'
  additions: number
  deletions: number
  lines: DiffLine[]
}

/**
 * The files of a diff in the canonical form of libs/patch, in which every line within a hunk bears its mark: nothing that
 * stands in a file can end its hunk.
 */
export function diffFiles(diff: string): DiffFile[] {
  const files: DiffFile[] = []
  let left = { old: 0, fresh: 0 }
  let at = { old: 0, fresh: 0 }
  for (const line of diff.split('\n')) {
    const file = files.at(-1)
    if (file && (left.old > 0 || left.fresh > 0 || line.startsWith('\\'))) take(file, line, left, at)
    else if (line.startsWith('diff --git '))
      files.push({ path: '', change: 'edited', additions: 0, deletions: 0, lines: [] })
    else if (file && line.startsWith('@@ ')) {
      const [old = 1, olds = 1, fresh = 1, freshes = 1] = hunkNumbers(line)
      if (file.lines.length > 0 || old > 1) file.lines.push({ kind: 'gap', text: '' })
      at = { old, fresh }
      left = { old: olds, fresh: freshes }
    } else if (file) readHead(file, line, diff)
  }
  return files.map(file => (file.path === '' ? { ...file, path: '(a file without a name)' } : file))
}

function hunkNumbers(line: string): number[] {
  const [, old, olds = '1', fresh, freshes = '1'] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
  return [old, olds, fresh, freshes].map(Number)
}

type Numbers = { old: number; fresh: number }

function take(file: DiffFile, line: string, left: Numbers, at: Numbers): void {
  const [mark, text] = [line.charAt(0), line.slice(1)]
  const last = file.lines.at(-1)
  if (mark === '\\') {
    if (last) last.text += ' ⊘'
    return
  }
  if (mark === '+') {
    file.lines.push({ kind: 'added', after: at.fresh++, text })
    file.additions++
    left.fresh--
  } else if (mark === '-') {
    file.lines.push({ kind: 'removed', before: at.old++, text })
    file.deletions++
    left.old--
  } else {
    file.lines.push({ kind: 'same', before: at.old++, after: at.fresh++, text })
    left.old--
    left.fresh--
  }
}

/** Of an empty file there are no names with --- and +++; the first line has two, that are the same but for their beginning. */
function readHead(file: DiffFile, line: string, diff: string): void {
  if (line.startsWith('new file')) file.change = 'added'
  if (line.startsWith('deleted file')) file.change = 'deleted'
  const [, name] = /^(?:---|\+\+\+) (.*)$/.exec(line) ?? []
  if (name !== undefined && name !== '/dev/null') file.path = plainName(name)
  if (line.startsWith('index ') && file.path === '') {
    const head =
      diff
        .slice(0, diff.indexOf(line))
        .split('\n')
        .findLast(one => one.startsWith('diff --git ')) ?? ''
    const names = head.slice('diff --git '.length)
    file.path = plainName(names.slice(0, Math.floor(names.length / 2)))
  }
}

const named: Record<string, string> = { t: '\t', n: '\n', r: '\r', '"': '"', '\\': '\\' }

/** Without `a/` or `b/`, the quotes of unusual names, and the tab after names with spaces. */
function plainName(name: string): string {
  const quoted = /^"(.*)"$/.exec(name)?.[1]
  const plain =
    quoted === undefined
      ? name.replace(/\t$/, '')
      : quoted.replace(
          /\\([0-7]{3}|.)/g,
          (_, code: string) => named[code] ?? String.fromCharCode(Number.parseInt(code, 8)),
        )
  return plain.replace(/^[ab]\//, '')
}
