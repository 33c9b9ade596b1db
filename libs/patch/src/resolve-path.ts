import type { FileEdit } from './edit-form.ts'
import type { Problem } from './problem.ts'
import { similarPaths } from './similar-path.ts'
import type { SourceTree } from './source-tree.ts'

export type ResolvedPath = { path: string } | { problem: Problem }

// Absolute paths below these never mean a checkout of the repository.
const SYSTEM = /^\/(?:etc|usr|bin|sbin|lib|lib64|var|dev|proc|sys|boot|run|System|Library|Windows)(?:\/|$)/

/**
 * The path in the tree that a file's header means. `roots` are folders in which the answer's other files were found
 * under absolute paths. Refuses whatever leaves the repository or enters .git, however it is spelled.
 */
export function resolvePath(edit: FileEdit, tree: SourceTree, roots: ReadonlySet<string>): ResolvedPath {
  const named = [edit.oldPath, edit.newPath].filter(path => path !== undefined)
  for (const raw of named) {
    const danger = dangerOf(raw) ?? dangerOf(raw.replace(/^[ab][/\\]/, ''))
    if (danger) return { problem: { code: 'path-escapes', path: raw, detail: danger } }
  }
  const [first, second] = named
  if (!first) return { problem: { code: 'missing-path', detail: 'The edit names no file.' } }
  const target = locate(first, edit, tree, roots)
  if (second === undefined || 'problem' in target) return target
  const other = locate(second, edit, tree, roots)
  if (!('problem' in other) && other.path === target.path) return target
  const detail = `The header names two files, ${first} and ${second}; renaming is not supported.`
  return { problem: { code: 'rename-unsupported', path: first, detail } }
}

/** The folder that an absolute path of an existing file shows to be the repository's root. */
export function rootOf(edit: FileEdit, tree: SourceTree): string | undefined {
  const raw = edit.oldPath
  if (!raw?.startsWith('/') || edit.action === 'add' || dangerOf(raw)) return undefined
  const path = bySuffix(raw, tree)
  return path === undefined ? undefined : raw.slice(0, raw.length - path.length)
}

function dangerOf(raw: string): string | undefined {
  const path = raw.replaceAll('\\', '/')
  if (/[\0-\x1f\x7f]/.test(raw)) return 'The path contains control characters.'
  if (/^[A-Za-z]:/.test(path) || path.startsWith('//') || path.startsWith('~'))
    return `${raw} is not a path in the repository.`
  if (SYSTEM.test(path)) return `${raw} is outside the repository.`
  const parts = path.replace(/^\//, '').split('/')
  if (parts.includes('..')) return `${raw} leaves its folder by "..".`
  if (parts.some((part, i) => part === '' && i < parts.length - 1)) return `${raw} is not a path in the repository.`
  if (
    parts.some(part =>
      /^(?:\.git|git~\d+)[ .]*(?::.*)?$/i.test(part.replace(/[\u200b-\u200f\u2060-\u206f\ufeff]/g, '')),
    )
  )
    return `${raw} is inside .git.`
  return undefined
}

function locate(raw: string, edit: FileEdit, tree: SourceTree, roots: ReadonlySet<string>): ResolvedPath {
  if (raw.startsWith('/')) return locateAbsolute(raw, edit, tree, roots)
  const readings = readingsOf(raw)
  if (edit.action === 'add') return { path: readings[0] ?? raw }
  const found = readings.filter(path => tree.get(path) !== undefined)
  if (found[0] !== undefined) return { path: found[0] }
  return { path: readings[0] ?? raw }
}

/** How a relative path may be read, likeliest first. */
function readingsOf(raw: string): string[] {
  const spellings = [raw.replaceAll('\\', '/'), raw].map(tidy)
  const readings = spellings.flatMap(path => (/^[ab]\//.test(path) ? [tidy(path.slice(2)), path] : [path]))
  return [...new Set(readings)].filter(path => path !== '')
}

function tidy(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '.')
    .join('/')
}

function locateAbsolute(raw: string, edit: FileEdit, tree: SourceTree, roots: ReadonlySet<string>): ResolvedPath {
  const root = [...roots].find(folder => raw.startsWith(folder))
  if (root && roots.size === 1) return { path: raw.slice(root.length) }
  const path = edit.action === 'add' || roots.size > 1 ? undefined : bySuffix(raw, tree)
  if (path !== undefined) return { path }
  return { problem: { code: 'path-escapes', path: raw, detail: `${raw} is not a path in the repository.` } }
}

function bySuffix(raw: string, tree: SourceTree): string | undefined {
  const parts = raw.slice(1).split('/')
  // At least one folder must go: "/x" never means "x".
  for (let i = 1; i < parts.length; i++) {
    const path = parts.slice(i).join('/')
    if (tree.get(path) !== undefined) return path
  }
  return undefined
}

/** The problem of a path that is not in the tree, with what may have been meant. */
export function missingFile(path: string, tree: SourceTree): Problem {
  const similar = similarPaths(path, tree.paths())
  const hint = similar.length > 0 ? ` Did you mean ${similar.join(' or ')}?` : ''
  return { code: 'missing-file', path, detail: `There is no file ${path}.${hint}` }
}
