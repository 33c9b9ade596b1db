import { parseTrailers } from '@code-agent/command/commit-message'
import type { GitRef } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { z } from 'zod'
import type { Connection } from './connection.ts'
import { missing, Refused } from './errors-of-azure-devops.ts'
import type { AzureDevOps, RepositoryRef } from './port.ts'

type Branch = RepositoryRef & { branch: string }
export type BranchState = Awaited<ReturnType<AzureDevOps['probeBranch']>>

const nothing = '0'.repeat(40)
const heads = 'refs/heads/'

export function refOf(branch: string): string {
  return `${heads}${branch}`
}

export function branchOf(ref: string | undefined): string {
  return ref?.startsWith(heads) ? ref.slice(heads.length) : (ref ?? '')
}

export function branchVerbs(connection: Connection): Pick<AzureDevOps, 'probeBranch' | 'ensureBranchDeleted'> {
  return {
    probeBranch: of => probeBranch(connection, of),

    async ensureBranchDeleted(of) {
      const git = await connection.git()
      const update = { name: refOf(of.branch), oldObjectId: of.commit, newObjectId: nothing }
      // The answer is 200 whatever happened; only `success` tells. The old object id makes it safe to ask at once.
      const results = await git.updateRefs([update], of.repositoryId, of.projectId)
      if (results === null) throw missing('the repository')
      if (results[0]?.success === true) return { deleted: true, because: 'its tip was the expected commit' }
      const tip = (await refsBelow(connection, of, of.branch)).find(ref => branchOf(ref.name) === of.branch)?.objectId
      if (tip === undefined) return { deleted: true, because: 'it is gone already' }
      if (tip !== of.commit) return { deleted: false, because: 'somebody has pushed to it since' }
      return {
        deleted: false,
        because: results[0]?.customMessage ?? 'Azure DevOps refused; it may be locked or protected',
      }
    },
  }
}

/**
 * One request for a free name beside others of ours, two for a taken one; more only for the first branch in a new folder,
 * where each level above might be a branch and so be in the way.
 */
export async function probeBranch(connection: Connection, of: Branch): Promise<BranchState> {
  const folder = folderOf(of.branch)
  const refs = await refsBelow(connection, of, folder === '' ? of.branch : folder)
  const exact = refs.find(ref => branchOf(ref.name) === of.branch)
  if (exact?.objectId !== undefined) {
    return { state: 'taken', commit: exact.objectId, trailers: await trailersOf(connection, of, exact.objectId) }
  }
  const names = refs.map(ref => branchOf(ref.name))
  const by = names.find(name => collide(name, of.branch)) ?? (await branchAbove(connection, of, { folder, names }))
  return by === undefined ? { state: 'free' } : { state: 'blocked', by }
}

/** Walks up until something else lies in the same folder: then neither that folder nor any above it can be a branch. */
async function branchAbove(
  connection: Connection,
  of: RepositoryRef,
  below: { folder: string; names: string[] },
): Promise<string | undefined> {
  const folder = folderOf(below.folder)
  if (folder === '' || below.names.some(name => name.startsWith(`${folder}/`))) return undefined
  const first = await firstRef(connection, of, folder)
  if (first === folder) return first
  return branchAbove(connection, of, { folder, names: first === undefined ? [] : [first] })
}

function folderOf(branch: string): string {
  return branch.slice(0, Math.max(branch.lastIndexOf('/'), 0))
}

const Refs = z.object({ value: z.array(z.object({ name: z.string() })) })

/** Sorted, a branch comes before those that only begin as it does; the git client cannot ask for just one. */
async function firstRef(connection: Connection, of: RepositoryRef, prefix: string): Promise<string | undefined> {
  const path = `git/repositories/${encodeURIComponent(of.repositoryId)}/refs`
  const found = await connection.read({ path, query: { filter: `heads/${prefix}`, $top: '1' }, schema: Refs })
  return found?.value[0] && branchOf(found.value[0].name)
}

/** A branch cannot lie in a folder that is a branch; and names that differ only in case break clones on Windows and macOS. */
function collide(name: string, wanted: string): boolean {
  const [one, other] = [name.toLowerCase(), wanted.toLowerCase()]
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

/** The filter is a prefix: `v1` also finds `v10` and `v1/x`. */
async function refsBelow(connection: Connection, of: RepositoryRef, prefix: string): Promise<GitRef[]> {
  const git = await connection.git()
  const refs = await git.getRefs(of.repositoryId, of.projectId, `heads/${prefix}`)
  if (refs === null) throw missing('the repository')
  return refs
}

async function trailersOf(
  connection: Connection,
  of: RepositoryRef,
  commitId: string,
): Promise<Record<string, string>> {
  const git = await connection.git()
  const commit = await git.getCommit(commitId, of.repositoryId, of.projectId)
  return parseTrailers(commit?.comment ?? '')
}

/** A push is refused in several ways when the branch is not as we think (409, but also 400 for a name in the way): worth a look. */
export function mayBeTaken(error: unknown): boolean {
  return error instanceof Refused && (error.status === 409 || error.status === 400)
}
