import { posix } from 'node:path'
import { z } from 'zod'
import type { FileChange } from '../git/fast-import.ts'
import type { TreeEntry } from '../git/trees.ts'
import { looseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'

const changeTypes = ['none', 'add', 'edit', 'delete', 'rename', 'edit, rename'] as const
const changeNumbers = { 1: 'add', 2: 'edit', 8: 'rename', 10: 'edit, rename', 16: 'delete' } as const
const itemPath = z.string().min(1, 'Invalid argument value.')
export const pushChange = z.object({
  changeType: looseEnum(changeTypes, changeNumbers),
  item: z.object({ path: itemPath }),
  sourceServerItem: itemPath.nullish(),
  newContent: z
    .object({ content: z.string(), contentType: looseEnum(['rawtext', 'base64encoded']).default('rawtext') })
    .nullish(),
})
type PushChange = z.infer<typeof pushChange>

/** '/a/b' → 'a/b'; refuses what no tree could hold. */
function treePath(path: string): string {
  const relative = path.replace(/\\/g, '/').replace(/^\/+/, '')
  const usable =
    relative !== '' && posix.normalize(relative) === relative && !/(^|\/)(\.\.?|\.git)(\/|$)|\0|\n/i.test(relative)
  if (!usable) throw new ServiceError('badArgument', 'Invalid argument value.', 'path')
  return relative
}

function contentOf({ newContent }: PushChange): Buffer {
  if (!newContent) throw new ServiceError('argumentNull', 'newContent')
  if (newContent.contentType === 'base64encoded') {
    if (!/^[\sA-Za-z0-9+/]*={0,2}\s*$/.test(newContent.content)) {
      throw new ServiceError('badArgument', 'The content is not valid base64.', 'newContent.content')
    }
    return Buffer.from(newContent.content, 'base64')
  }
  return Buffer.from(newContent.content)
}

function* parents(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at)
}

/** The files of a tree while changes are planned, with how many each folder holds. */
function planned(entries: readonly TreeEntry[]) {
  const modes = new Map<string, string>()
  const held = new Map<string, number>()
  const count = (path: string, by: number) => {
    for (const folder of parents(path)) held.set(folder, (held.get(folder) ?? 0) + by)
  }
  const set = (path: string, mode: string) => {
    if (!modes.has(path)) count(path, 1)
    modes.set(path, mode)
  }
  const remove = (path: string) => {
    if (modes.delete(path)) count(path, -1)
  }
  const isFolder = (path: string) => (held.get(path) ?? 0) > 0
  for (const entry of entries) if (entry.type !== 'tree') set(entry.path, entry.mode)
  return {
    mode: (path: string) => modes.get(path),
    set,
    remove,
    isFolder,
    removeFolder(path: string) {
      for (const file of [...modes.keys()]) if (file.startsWith(`${path}/`)) remove(file)
    },
    /** a file or folder stands there, or a file where a folder would have to be */
    isTaken: (path: string) => modes.has(path) || isFolder(path) || [...parents(path)].some(one => modes.has(one)),
  }
}

/** Turns a push's changes into git's, one after the other, and refuses what contradicts the tree or an earlier one. */
export function planChanges(entries: readonly TreeEntry[]): (change: PushChange) => FileChange[] {
  const files = planned(entries)

  function need(path: string): string {
    const mode = files.mode(path)
    if (mode === undefined) throw new ServiceError('pathMissing', `/${path}`)
    return mode
  }

  function remove(path: string): FileChange {
    if (files.isFolder(path)) files.removeFolder(path)
    else {
      need(path)
      files.remove(path)
    }
    return { kind: 'delete', path }
  }

  function move(change: PushChange, path: string): FileChange[] {
    if (!change.sourceServerItem) throw new ServiceError('argumentNull', 'sourceServerItem')
    const from = treePath(change.sourceServerItem)
    const mode = need(from)
    files.remove(from)
    if (files.isTaken(path)) throw new ServiceError('pathExists', `/${path}`)
    files.set(path, mode)
    const moved: FileChange = { kind: 'move', from, to: path }
    return change.newContent ? [moved, { kind: 'write', path, mode, content: contentOf(change) }] : [moved]
  }

  return function plan(change) {
    const path = treePath(change.item.path)
    switch (change.changeType) {
      case 'delete':
        return [remove(path)]
      case 'edit':
        return [{ kind: 'write', path, mode: need(path), content: contentOf(change) }]
      case 'add':
        if (files.isTaken(path)) throw new ServiceError('pathExists', `/${path}`)
        files.set(path, '100644')
        return [{ kind: 'write', path, mode: '100644', content: contentOf(change) }]
      case 'rename':
      case 'edit, rename':
        return move(change, path)
      case 'none':
        throw new ServiceError('badArgument', 'Invalid argument value.', 'changeType')
    }
  }
}
