import type { GitDir } from './git-dir.ts'

export interface TreeChange {
  change: 'add' | 'edit' | 'delete' | 'rename'
  /** a rename whose content differs too */
  alsoEdited: boolean
  path: string
  oldPath: string | null
  /** null when absent on that side */
  oldObjectId: string | null
  newObjectId: string | null
  isSubmodule: boolean
}

// the hash of the empty tree is the same in every repository
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const kinds: Record<string, TreeChange['change']> = { A: 'add', D: 'delete', R: 'rename' }

/** Files that differ between two tree-ishes (null: nothing), renames found, sorted by path as git does. */
export async function diffTrees(git: GitDir, base: string | null, target: string): Promise<TreeChange[]> {
  const out = await git.run(['diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', base ?? emptyTree, target])
  const fields = out.toString().split('\0')
  const changes: TreeChange[] = []
  for (let at = 0; at < fields.length - 1; ) {
    const [oldMode = '', newMode, oldId, newId, status = ''] = (fields[at] ?? '').slice(1).split(' ')
    const letter = status.charAt(0)
    const first = fields[at + 1] ?? ''
    const second = letter === 'R' ? (fields[at + 2] ?? '') : null
    at += second === null ? 2 : 3
    changes.push({
      change: kinds[letter] ?? 'edit',
      alsoEdited: letter === 'R' && oldId !== newId,
      path: second ?? first,
      oldPath: second === null ? null : first,
      oldObjectId: letter === 'A' ? null : (oldId ?? null),
      newObjectId: letter === 'D' ? null : (newId ?? null),
      isSubmodule: newMode === '160000' || oldMode === '160000',
    })
  }
  return changes
}
