import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitDir, GitFailed } from './git-dir.ts'

export const noObject = '0'.repeat(40)

export interface Ref {
  name: string
  objectId: string
  /** what an annotated tag points to */
  peeledObjectId: string | null
}

/** All refs but the emulator's own temporary ones, sorted by name. */
export async function listRefs(git: GitDir): Promise<Ref[]> {
  const out = await git.run(['for-each-ref', '--format=%(refname)%00%(objectname)%00%(*objectname)'])
  return out
    .toString()
    .split('\n')
    .flatMap(line => {
      const [name, objectId, peeled] = line.split('\0')
      if (!name || !objectId || name.startsWith('refs/emulator/')) return []
      return [{ name, objectId, peeledObjectId: peeled || null }]
    })
}

/** What a full ref name points to. */
export async function readRef(git: GitDir, name: string): Promise<string | undefined> {
  return name.startsWith('refs/') ? (await git.read(name))?.id : undefined
}

/** refs/heads/… that HEAD names, whether it exists yet or not. */
export async function headRef(git: GitDir): Promise<string> {
  const head = await readFile(join(git.dir, 'HEAD'), 'utf8')
  return /^ref: (\S+)/.exec(head)?.[1] ?? 'refs/heads/main'
}

/**
 * Moves a ref if it still points to `oldObjectId` (forty zeros: if it does not exist yet). `alsoDelete` goes in the same
 * transaction. false when somebody else was faster.
 */
export async function updateRef(
  git: GitDir,
  change: { name: string; oldObjectId: string; newObjectId: string; alsoDelete?: string },
): Promise<boolean> {
  const { name, oldObjectId, newObjectId, alsoDelete } = change
  const deletion = newObjectId === noObject
  const lines = [
    'start',
    deletion ? `delete ${name} ${oldObjectId}` : `update ${name} ${newObjectId} ${oldObjectId}`,
    ...(alsoDelete ? [`delete ${alsoDelete}`] : []),
    'prepare',
    'commit',
    '',
  ]
  try {
    await git.run(['update-ref', '--stdin'], lines.join('\n'))
    return true
  } catch (error) {
    if (error instanceof GitFailed) return false
    throw error
  }
}

export async function isValidRefName(git: GitDir, name: string): Promise<boolean> {
  if (!/^refs\/[^/]+\/./.test(name)) return false
  try {
    await git.run(['check-ref-format', name])
    return true
  } catch (error) {
    if (error instanceof GitFailed) return false
    throw error
  }
}
