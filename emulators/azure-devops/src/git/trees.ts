import { type GitDir, GitFailed } from './git-dir.ts'

export interface TreeEntry {
  /** six digits, e.g. 100644 */
  mode: string
  type: 'blob' | 'tree' | 'commit'
  objectId: string
  /** bytes; null for anything but a blob, or when not asked for */
  size: number | null
  /** relative to the listed tree, no leading slash */
  path: string
}

function asType(type: string | undefined): TreeEntry['type'] {
  return type === 'tree' || type === 'commit' ? type : 'blob'
}

/** Entries of any tree-ish; with `recursive` the folders are listed too, each before what it holds. */
export async function listTree(
  git: GitDir,
  treeish: string,
  { recursive = false, sizes = false } = {},
): Promise<TreeEntry[]> {
  const flags = [...(recursive ? ['-r', '-t'] : []), ...(sizes ? ['-l'] : [])]
  const out = await git.run(['ls-tree', '-z', '--full-tree', ...flags, treeish])
  return out
    .toString()
    .split('\0')
    .filter(line => line !== '')
    .map(line => {
      const tab = line.indexOf('\t')
      const [mode = '', type, objectId = '', size] = line.slice(0, tab).split(/ +/)
      return {
        mode,
        type: asType(type),
        objectId,
        size: size === undefined || size === '-' ? null : Number(size),
        path: line.slice(tab + 1),
      }
    })
}

/** One entry by its path (no leading slash; '' is the root tree), or undefined. */
export async function entryAt(git: GitDir, commitId: string, path: string): Promise<TreeEntry | undefined> {
  if (path === '') {
    const tree = await git.read(`${commitId}^{tree}`)
    return tree && { mode: '040000', type: 'tree', objectId: tree.id, size: null, path: '' }
  }
  try {
    const out = await git.run(['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', commitId, '--', path])
    const line = out.toString().split('\0')[0]
    if (!line) return undefined
    const [mode = '', type, objectId = ''] = line.slice(0, line.indexOf('\t')).split(' ')
    return { mode, type: asType(type), objectId, size: null, path }
  } catch (error) {
    if (error instanceof GitFailed) return undefined
    throw error
  }
}
