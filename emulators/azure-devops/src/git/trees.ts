import type { GitDir } from './git-dir.ts'

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

/** The entry of this name in a tree object's own bytes: mode, space, name, NUL, twenty bytes of id, over and over. */
function findInTree(tree: Buffer, name: string): Pick<TreeEntry, 'mode' | 'type' | 'objectId'> | undefined {
  const wanted = Buffer.from(name)
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(0x20, at)
    const end = tree.indexOf(0, space)
    if (tree.subarray(space + 1, end).equals(wanted)) {
      const mode = tree.toString('latin1', at, space).padStart(6, '0')
      const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'
      return { mode, type, objectId: tree.toString('hex', end + 1, end + 21) }
    }
    at = end + 21
  }
  return undefined
}

/** One entry by its path (no leading slash; '' is the root tree), or undefined. Starts no process of its own. */
export async function entryAt(git: GitDir, commitId: string, path: string): Promise<TreeEntry | undefined> {
  let found: Omit<TreeEntry, 'size' | 'path'> = { mode: '040000', type: 'tree', objectId: `${commitId}^{tree}` }
  for (const name of path.split('/').filter(Boolean)) {
    const tree = found.type === 'tree' ? await git.read(found.objectId) : undefined
    const next = tree && findInTree(tree.content, name)
    if (!next) return undefined
    found = next
  }
  if (path !== '') return { ...found, size: null, path }
  const root = await git.read(found.objectId)
  return root && { ...found, objectId: root.id, size: null, path }
}
