import { createHash } from 'node:crypto'
import { commentLine, commentSyntax, topLine } from './comment-syntax.ts'
import { isComplete, type SeenFile, type View } from './seen-files.ts'
import { type Change, renderDiff } from './unified-diff.ts'

/** One way to do what was asked. */
export interface Way {
  name: string
  brief: string
  changes: Change[]
}

type Edit = Extract<Change, { file: SeenFile }>

/** At most this many are ever offered, as many as a request may ask for. */
const most = 8

/**
 * Widens a few ways to as many different ones as may be asked for: each does the whole edit, and differs by what
 * records it: a remark in the file, a changelog entry, a page. Only the first `count` are worked out.
 */
export function widen(
  ways: readonly Way[],
  remark: { text: string; banned: string | undefined },
  view: View,
  count: number,
): Way[] {
  const base = ways[0]
  if (!base) return []
  const notes = [...remarkNotes(base, remark), ...pageNotes(remark.text, view)]
  const alone = notes.map(note => noted(base, [note]))
  const pairs = notes.flatMap((one, index) =>
    notes.slice(index + 1).flatMap(other => (one.slot === other.slot ? [] : [noted(base, [one, other])])),
  )
  return distinct([...ways, ...alone, ...pairs], Math.min(count, most))
}

interface Note {
  name: string
  brief: string
  /** Two notes of one slot exclude each other. */
  slot: string
  add(changes: Change[]): Change[]
}

function noted(base: Way, notes: Note[]): Way {
  return {
    name: notes.map(note => note.name).join(', '),
    brief: `${base.brief} Besides, ${notes.map(note => note.brief).join(' and ')}.`,
    changes: notes.reduce((changes, note) => note.add(changes), base.changes),
  }
}

function remarkNotes(base: Way, remark: { text: string; banned: string | undefined }): Note[] {
  const edit = base.changes.find((change): change is Edit => 'file' in change)
  const syntax = edit && commentSyntax(edit.file.path)
  const line = syntax && commentLine(syntax, remark.text)
  if (!edit || !syntax || line === undefined) return []
  if (remark.banned && line.includes(remark.banned)) return []
  const { file } = edit
  const first = [...edit.lines.keys()].toSorted((a, b) => a - b)[0] ?? 0
  const indent = /^\s*/.exec(file.lines[first] ?? '')?.[0] ?? ''
  const top = topLine(file.lines)
  const at = (name: string, brief: string, index: number, text: string): Note => ({
    name,
    brief,
    slot: name,
    add: changes =>
      changes.map(change =>
        change === edit || ('file' in change && change.file === file) ? insertBefore(change, index, text) : change,
      ),
  })
  const end = isComplete(file)
    ? [at('With a closing remark', `a remark closes ${file.path}`, file.lines.length, line)]
    : []
  const above = syntax.anywhere
    ? [at('With a remark at the place', 'a remark stands above the first change', first, `${indent}${line}`)]
    : []
  const head =
    top === undefined || top === first ? [] : [at('With an opening remark', `a remark opens ${file.path}`, top, line)]
  return [...end, ...above, ...head]
}

function insertBefore(change: Change, index: number, text: string): Change {
  if (!('file' in change)) return change
  const { file } = change
  const lines = new Map(change.lines)
  const original = file.lines[index]
  const now = lines.get(index) ?? (original === undefined ? [] : [original])
  return { file, lines: lines.set(index, [text, ...now]) }
}

/** New pages under names that surely are free; well-known names only where the whole tree was seen. */
function pageNotes(text: string, view: View): Note[] {
  const slug = slugOf(text)
  const taken = new Set(view.paths.map(path => path.toLowerCase()))
  const known = view.treeComplete ? ['CHANGELOG.md'] : []
  const pages = [
    ...known,
    `docs/changes/${slug}.md`,
    `changes/${slug}.md`,
    `docs/notes/${slug}.md`,
    `docs/decisions/${slug}.md`,
    `docs/upgrading/${slug}.md`,
    `docs/history/${slug}.md`,
    `docs/releases/${slug}.md`,
  ]
  return pages
    .filter(path => !taken.has(path.toLowerCase()))
    .map(path => ({
      name: path === 'CHANGELOG.md' ? 'With a changelog' : `With a page in ${path.split('/').slice(0, -1).join('/')}`,
      brief: `${path} records it`,
      slot: 'page',
      add: changes => [
        ...changes,
        { newPath: path, content: [path === 'CHANGELOG.md' ? '# Changelog' : '# Change', '', `- ${text}`] },
      ],
    }))
}

function slugOf(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return `${words || 'edit'}-${createHash('sha256').update(text).digest('hex').slice(0, 6)}`
}

/** The first few ways whose diffs say something, each only once. */
function distinct(ways: readonly Way[], count: number): Way[] {
  const seen = new Set<string>()
  const result: Way[] = []
  for (const way of ways) {
    const diff = renderDiff(way.changes)
    if (diff === '' || seen.has(diff)) continue
    seen.add(diff)
    result.push(way)
    if (result.length === count) break
  }
  return result
}
