import { type Change, changesBetween } from './myers.ts'

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

/** A unified diff, as git writes it and `git apply` takes it. Files whose text is equal are left out. */
export function renderDiff(changes: readonly FileChange[]): string {
  return changes.map(renderFile).join('')
}

/** Lines added and removed by the minimal diff, over all files. */
export function diffStats(changes: readonly FileChange[]): DiffStats {
  const stats = { files: 0, additions: 0, deletions: 0 }
  for (const { kind, before = '', after = '' } of changes) {
    if (kind === 'edit' && before === after) continue
    stats.files++
    for (const change of changesBetween(linesOf(before), linesOf(after))) {
      stats.additions += change.newTo - change.newFrom
      stats.deletions += change.oldTo - change.oldFrom
    }
  }
  return stats
}

function renderFile({ path, kind, before = '', after = '', executable }: FileChange): string {
  if (kind === 'edit' && before === after) return ''
  const oldName = quoted(`a/${path}`)
  const newName = quoted(`b/${path}`)
  const mode = executable ? '100755' : '100644'
  const head = [`diff --git ${oldName} ${newName}`]
  if (kind === 'add') head.push(`new file mode ${mode}`)
  if (kind === 'delete') head.push(`deleted file mode ${mode}`)
  const old = linesOf(before)
  const fresh = linesOf(after)
  // Without hunks git wants the blob ids to believe in an empty file.
  if (old.length === 0 && fresh.length === 0) return `${head.join('\n')}\n${emptyIndex(kind)}\n`
  head.push(`--- ${kind === 'add' ? '/dev/null' : terminated(oldName)}`)
  head.push(`+++ ${kind === 'delete' ? '/dev/null' : terminated(newName)}`)
  const hunks = clusters(changesBetween(old, fresh)).map(cluster => renderHunk(old, fresh, cluster))
  return `${head.join('\n')}\n${hunks.join('')}`
}

function emptyIndex(kind: FileChange['kind']): string {
  return kind === 'add' ? 'index 0000000..e69de29' : 'index e69de29..0000000'
}

/** Lines with their line end, so that a missing final newline makes a different line. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const ended = lines.map(line => `${line}\n`)
  return last === '' ? ended : [...ended, last]
}

function clusters(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = []
  for (const change of changes) {
    const open = groups.at(-1)
    const previous = open?.at(-1)
    if (open && previous && change.oldFrom - previous.oldTo <= 2 * CONTEXT) open.push(change)
    else groups.push([change])
  }
  return groups
}

function renderHunk(old: readonly string[], fresh: readonly string[], cluster: readonly Change[]): string {
  const first = cluster[0]
  const last = cluster.at(-1)
  if (!first || !last) return ''
  const from = Math.max(0, first.oldFrom - CONTEXT)
  const to = Math.min(old.length, last.oldTo + CONTEXT)
  const newFrom = first.newFrom - (first.oldFrom - from)
  const newTo = last.newTo + (to - last.oldTo)
  const body: string[] = []
  let at = from
  for (const change of cluster) {
    for (; at < change.oldFrom; at++) body.push(marked(' ', old[at]))
    for (; at < change.oldTo; at++) body.push(marked('-', old[at]))
    for (let i = change.newFrom; i < change.newTo; i++) body.push(marked('+', fresh[i]))
  }
  for (; at < to; at++) body.push(marked(' ', old[at]))
  return `@@ -${range(from, to)} +${range(newFrom, newTo)} @@\n${body.join('')}`
}

function range(from: number, to: number): string {
  const count = to - from
  return count === 1 ? `${from + 1}` : `${count === 0 ? from : from + 1},${count}`
}

function marked(mark: string, line = ''): string {
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
