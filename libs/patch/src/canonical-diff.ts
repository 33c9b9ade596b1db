import { diffTexts, type LineChange, type TextDiff } from './text-diff.ts'

/** One file's change. `before` is absent for an added file, `after` for a deleted one. */
export type FileChange = {
  path: string
  kind: 'add' | 'edit' | 'delete'
  before?: string
  after?: string
  executable?: true
}

export type DiffStats = { files: number; additions: number; deletions: number }

const CONTEXT = 3

/** How a change's texts differ, where that is known without comparing them. */
export type KnownDiffs = ReadonlyMap<FileChange, TextDiff>

/** A unified diff, as git writes it and `git apply` takes it, and its size. Files whose text is equal are left out. */
export function renderDiff(
  changes: readonly FileChange[],
  known: KnownDiffs = new Map(),
): { diff: string; stats: DiffStats } {
  const stats = { files: 0, additions: 0, deletions: 0 }
  let diff = ''
  for (const change of changes) {
    const { kind, before = '', after = '' } = change
    if (kind === 'edit' && before === after) continue
    const between = known.get(change) ?? diffTexts(before, after)
    stats.files++
    for (const { oldFrom, oldTo, added } of between.changes) {
      stats.additions += added.length
      stats.deletions += oldTo - oldFrom
    }
    diff += renderFile(change, between)
  }
  return { diff, stats }
}

function renderFile({ path, kind, executable }: FileChange, between: TextDiff): string {
  const oldName = quoted(`a/${path}`)
  const newName = quoted(`b/${path}`)
  const mode = executable ? '100755' : '100644'
  const head = [`diff --git ${oldName} ${newName}`]
  if (kind === 'add') head.push(`new file mode ${mode}`)
  if (kind === 'delete') head.push(`deleted file mode ${mode}`)
  // Without hunks git wants the blob ids to believe in an empty file.
  if (between.changes.length === 0) return `${head.join('\n')}\n${emptyIndex(kind)}\n`
  head.push(`--- ${kind === 'add' ? '/dev/null' : terminated(oldName)}`)
  head.push(`+++ ${kind === 'delete' ? '/dev/null' : terminated(newName)}`)
  const hunks = clusters(between.changes).map(cluster => renderHunk(between, cluster))
  return `${head.join('\n')}\n${hunks.join('')}`
}

function emptyIndex(kind: FileChange['kind']): string {
  return kind === 'add' ? 'index 0000000..e69de29' : 'index e69de29..0000000'
}

function clusters(changes: readonly LineChange[]): LineChange[][] {
  const groups: LineChange[][] = []
  for (const change of changes) {
    const open = groups.at(-1)
    const previous = open?.at(-1)
    if (open && previous && change.oldFrom - previous.oldTo <= 2 * CONTEXT) open.push(change)
    else groups.push([change])
  }
  return groups
}

function renderHunk({ count, lineOf }: TextDiff, cluster: readonly LineChange[]): string {
  const first = cluster[0]
  const last = cluster.at(-1)
  if (!first || !last) return ''
  const from = Math.max(0, first.oldFrom - CONTEXT)
  const to = Math.min(count, last.oldTo + CONTEXT)
  const newFrom = first.newFrom - (first.oldFrom - from)
  const newTo = last.newFrom + last.added.length + (to - last.oldTo)
  const body: string[] = []
  let at = from
  for (const { oldFrom, oldTo, added } of cluster) {
    for (; at < oldFrom; at++) body.push(marked(' ', lineOf(at)))
    for (; at < oldTo; at++) body.push(marked('-', lineOf(at)))
    for (const line of added) body.push(marked('+', line))
  }
  for (; at < to; at++) body.push(marked(' ', lineOf(at)))
  return `@@ -${range(from, to)} +${range(newFrom, newTo)} @@\n${body.join('')}`
}

function range(from: number, to: number): string {
  const count = to - from
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`
}

function marked(mark: string, line: string): string {
  return line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`
}

const NAMED: Record<string, string> = { '\t': 't', '\n': 'n', '\r': 'r', '"': '"', '\\': '\\' }

function quoted(path: string): string {
  if (!/["\\\x00-\x1f\x7f]/.test(path)) return path
  const escaped = path.replace(/["\\\x00-\x1f\x7f]/g, char => {
    const name = NAMED[char]
    return `\\${name ?? char.charCodeAt(0).toString(8).padStart(3, '0')}`
  })
  return `"${escaped}"`
}

/** Names with spaces end in a tab, or what follows a space may be taken for a date. */
function terminated(name: string): string {
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name
}
