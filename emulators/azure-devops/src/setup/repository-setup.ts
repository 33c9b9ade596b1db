import { importCommits } from '../git/fast-import.ts'
import { noObject, readRef, updateRef } from '../git/refs.ts'
import { listTree } from '../git/trees.ts'
import { signatureOf } from '../pull-request/merge-job.ts'
import { noteRefChanges } from '../pull-request/ref-changes.ts'
import { type PermissionName, permission } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { type At, finders, fullRef } from './finders.ts'

/** Names to bits; a number is taken as it is. */
export function permissionBits(names: readonly PermissionName[] | number): number {
  if (typeof names === 'number') return names
  return names.reduce((bits, name) => bits | permission[name], 0)
}

export interface FilesToCommit extends At {
  branch: string
  /** where a new branch begins; from nothing when absent */
  base?: string
  /** null deletes a file */
  files: Record<string, string | Buffer | null>
  message?: string
  user?: string
}

async function commitFiles(world: World, commit: FilesToCommit): Promise<string> {
  const { person, repositoryAt } = finders(world)
  const repository = repositoryAt(commit)
  const by = person(commit.user ?? 'alice')
  const name = fullRef(commit.branch)
  return repository.git.exclusive(async () => {
    const oldObjectId = (await readRef(repository.git, name)) ?? noObject
    const base = commit.base === undefined ? undefined : await readRef(repository.git, fullRef(commit.base))
    const parent = oldObjectId === noObject ? base : oldObjectId
    const entries = parent === undefined ? [] : await listTree(repository.git, parent, { recursive: true })
    const modes = new Map(entries.map(entry => [entry.path, entry.mode]))
    const author = signatureOf(by, world.clock.now())
    const changes = Object.entries(commit.files).map(([path, content]) =>
      content === null
        ? { kind: 'delete' as const, path }
        : { kind: 'write' as const, path, mode: modes.get(path) ?? '100644', content: Buffer.from(content) },
    )
    const message = `${commit.message ?? 'Change files'}\n`
    const written = { parent, author, committer: author, message, changes }
    const { commitIds, temporaryRef } = await importCommits(repository.git, [written])
    const change = { name, oldObjectId, newObjectId: commitIds[0] ?? noObject }
    const moved = await updateRef(repository.git, { ...change, alsoDelete: temporaryRef })
    if (!moved) throw new Error(`${name} has moved`)
    await noteRefChanges(world, repository, { by, changes: [change] })
    return change.newObjectId
  })
}

async function deleteBranch(world: World, { branch, user = 'alice', ...at }: At & { branch: string; user?: string }) {
  const { person, repositoryAt } = finders(world)
  const repository = repositoryAt(at)
  const name = fullRef(branch)
  const oldObjectId = await readRef(repository.git, name)
  if (oldObjectId === undefined) throw new Error(`there is no branch ${branch}`)
  const change = { name, oldObjectId, newObjectId: noObject }
  await updateRef(repository.git, change)
  await noteRefChanges(world, repository, { by: person(user), changes: [change] })
}

export interface RightsToSet {
  user: string
  allow?: readonly PermissionName[] | number
  deny?: readonly PermissionName[] | number
  /** with repository: there only */
  project?: string
  repository?: string
}

/** Projects, repositories, branches and commits, made without a request. Users are named alice, bot, reader … */
export function repositorySetup(world: World) {
  const { person, repositoryAt } = finders(world)
  return {
    createProject(name: string): { id: string; name: string } {
      const { id } = world.createProject(name)
      return { id, name }
    },
    /** `from`: a git folder to clone, never written. The project is made if need be */
    async createRepository({ project, name, from }: { project: string; name: string; from?: string }) {
      const repository = await world.createRepository({
        project: world.createProject(project),
        name,
        ...(from === undefined ? {} : { from }),
        by: person('alice'),
      })
      return { id: repository.id, project, name, gitDir: repository.git.dir }
    },
    /** one commit on a branch, which is made if need be; its id */
    commitFiles: (commit: FilesToCommit) => commitFiles(world, commit),
    deleteBranch: (branch: At & { branch: string; user?: string }) => deleteBranch(world, branch),
    /** names such as GenericContribute, or bits */
    setRights({ user, allow, deny, project, repository }: RightsToSet): void {
      const change = {
        ...(allow === undefined ? {} : { allow: permissionBits(allow) }),
        ...(deny === undefined ? {} : { deny: permissionBits(deny) }),
      }
      const there = project !== undefined && repository !== undefined ? { project, repository } : undefined
      world.identities.setRights(person(user), change, there && repositoryAt(there).id)
    },
    /** pushes are refused from now on: TF402455 */
    protectBranch({ branch, ...at }: At & { branch: string }): void {
      repositoryAt(at).protectedRefs.add(fullRef(branch))
    },
    setDisabled({ disabled, ...at }: At & { disabled: boolean }): void {
      repositoryAt(at).isDisabled = disabled
    },
  }
}
