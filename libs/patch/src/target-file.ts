import type { FileEdit, Hunk } from './edit-form.ts'
import type { Problem } from './problem.ts'
import { resolvePath, rootOf } from './resolve-path.ts'
import type { SourceTree } from './source-tree.ts'

export type Target = { path: string; edit: FileEdit }

/** Which file each part of the answer means; several parts for one file become one. */
export function targetsOf(edits: readonly FileEdit[], tree: SourceTree): { targets: Target[]; problems: Problem[] } {
  const problems: Problem[] = []
  const byPath = new Map<string, FileEdit>()
  const roots = new Set(edits.map(edit => rootOf(edit, tree)).filter(root => root !== undefined))
  for (const written of edits) {
    const edit = asCreation(written, tree)
    const resolved = resolvePath(edit, tree, roots)
    if ('problem' in resolved) {
      problems.push(resolved.problem)
      continue
    }
    const { path } = resolved
    if (edit.refused) problems.push({ code: edit.refused.code, path, detail: edit.refused.detail })
    const blocked = blockedParent(path, tree)
    if (blocked) problems.push(blocked)
    const known = byPath.get(path)
    const merged = known ? mergeEdits(known, edit) : edit
    if (merged) byPath.set(path, merged)
    else
      problems.push({
        code: 'conflicting-edits',
        path,
        detail: `${path} is created, deleted or given whole more than once.`,
      })
  }
  return { targets: [...byPath].map(([path, edit]) => ({ path, edit })), problems }
}

/** "@@ -0,0 +1,n @@" with nothing but added lines creates the file, if its name is free, even without "/dev/null". */
function asCreation(edit: FileEdit, tree: SourceTree): FileEdit {
  const [hunk, ...others] = edit.hunks
  if (edit.action !== 'edit' || !hunk || others.length > 0 || !isCreation(hunk)) return edit
  const resolved = resolvePath(edit, tree, new Set())
  if ('problem' in resolved || tree.get(resolved.path)) return edit
  return { ...edit, action: 'add', oldPath: undefined }
}

function isCreation({ range, lines }: Hunk): boolean {
  return range?.oldStart === 0 && range.oldCount === 0 && lines.every(line => line.kind === 'add' || line.bare)
}

function mergeEdits(known: FileEdit, next: FileEdit): FileEdit | undefined {
  if (known.action !== 'edit' || next.action !== 'edit' || known.whole !== undefined || next.whole !== undefined)
    return undefined
  const hunks = [...known.hunks, ...next.hunks].map((hunk, i) => ({ ...hunk, number: i + 1 }))
  return { ...known, hunks, ...(next.refused ? { refused: next.refused } : {}) }
}

/** A file cannot lie below another file, and what lies below a link lies elsewhere. */
function blockedParent(path: string, tree: SourceTree): Problem | undefined {
  const parts = path.split('/')
  for (let i = 1; i < parts.length; i++) {
    const parent = parts.slice(0, i).join('/')
    const kind = tree.get(parent)?.kind
    if (kind === 'symlink' || kind === 'submodule')
      return { code: kind, path, detail: `${path} lies below the ${kind} ${parent}.` }
    if (kind) return { code: 'file-exists', path, detail: `${path} cannot be created: ${parent} is a file.` }
  }
  return parts.at(-1) === '' || path === ''
    ? { code: 'missing-path', path, detail: 'The edit names a folder.' }
    : undefined
}
