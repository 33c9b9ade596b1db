import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitDir, openGitDir, runGit } from '../git/git-dir.ts'
import { headRef } from '../git/refs.ts'
import { slots } from '../git/slots.ts'
import { guidOf, isGuid } from './guid.ts'
import type { Happenings } from './happening.ts'
import type { Identity } from './identity.ts'

export interface Project {
  id: string
  name: string
  revision: number
  updatedAt: number
}

export interface Push {
  id: number
  at: number
  by: Identity
  refUpdates: { name: string; oldObjectId: string; newObjectId: string }[]
  /** ids of new commits, newest first */
  commits: string[]
}

export interface CommitStatus {
  id: number
  commitId: string
  state: string
  description: string | null
  targetUrl: string | null
  context: { genre: string | null; name: string }
  createdAt: number
  by: Identity
}

export interface Repository {
  id: string
  name: string
  project: Project
  git: GitDir
  isDisabled: boolean
  /** bytes on disk, as last looked */
  size: number
  pushes: Push[]
  commitStatuses: CommitStatus[]
  /** who made a branch may also delete it */
  refCreators: Map<string, Identity>
  locks: Map<string, Identity>
  /** branches that only pull requests may change */
  protectedRefs: Set<string>
}

// a name is a folder name as well, so nothing that could lead out of reposDir
export function isUsableName(name: string): boolean {
  return name !== '' && name.length <= 64 && !/[\\/:*?"<>|;#${},+=[\]\0-\x1f]|^[._]|\.$|\.git$/.test(name)
}

async function configure(git: GitDir) {
  const settings: Record<string, string> = {
    'uploadpack.allowFilter': 'true',
    'uploadpack.allowAnySHA1InWant': 'true',
    'receive.autogc': 'false',
    'gc.auto': '0',
    'transfer.hideRefs': 'refs/emulator',
    'core.logAllRefUpdates': 'false',
  }
  for (const [key, value] of Object.entries(settings)) await git.run(['config', key, value])
}

async function fill(dir: string, from: string | undefined) {
  if (from === undefined) {
    await runGit(['init', '--quiet', '--bare', dir])
    await runGit([`--git-dir=${dir}`, 'symbolic-ref', 'HEAD', 'refs/heads/main'])
    return
  }
  // not a mirror clone: it would carry the source's remote settings and its pull request refs along
  await runGit(['clone', '--quiet', '--bare', '--no-hardlinks', from, dir])
  await runGit([`--git-dir=${dir}`, 'remote', 'remove', 'origin'])
}

export function byNameOrId<T extends { id: string; name: string }>(all: readonly T[], nameOrId: string): T | undefined {
  const wanted = nameOrId.toLowerCase()
  const byId = isGuid(wanted) ? all.find(one => one.id === wanted) : undefined
  return byId ?? all.find(one => one.name.toLowerCase() === wanted)
}

/** refs/heads/… or undefined for a repository without commits on its default branch. */
export async function defaultBranch(repository: Repository): Promise<string | undefined> {
  const head = await headRef(repository.git)
  return (await repository.git.read(head)) ? head : undefined
}

function newRepository(given: Pick<Repository, 'id' | 'name' | 'project' | 'git'>): Repository {
  return {
    ...given,
    isDisabled: false,
    size: 0,
    pushes: [],
    commitStatuses: [],
    refCreators: new Map(),
    locks: new Map(),
    protectedRefs: new Set(),
  }
}

/** Kibibytes in packs and loose objects, as bytes. */
export async function measure(repository: Repository): Promise<void> {
  const counted = (await repository.git.run(['count-objects', '-v'])).toString()
  const kibibytes = [...counted.matchAll(/^size(?:-pack)?: (\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0)
  repository.size = kibibytes * 1024
}

export interface RepositoryStore {
  repositories: Repository[]
  /** without a project only the GUID finds it */
  findRepository(project: Project | undefined, nameOrId: string): Repository | undefined
  /** `from`: a git folder or URL to clone; the source is never written. Throws when the name is taken */
  createRepository(repository: { project: Project; name: string; from?: string; by: Identity }): Promise<Repository>
  renameRepository(repository: Repository, name: string): Promise<void>
  deleteRepository(repository: Repository, by: Identity): Promise<void>
}

/** Bare repositories at `reposDir/<project>/<repository>.git`. */
export function repositoryStore(organisation: string, reposDir: string, happenings: Happenings): RepositoryStore {
  const repositories: Repository[] = []
  // more git processes than this only take each other's time
  const processes = slots(8)

  async function make(repository: Repository, from: string | undefined) {
    // taken before the first wait, so that two callers can't both have the name
    repositories.push(repository)
    try {
      await mkdir(join(reposDir, repository.project.name), { recursive: true })
      await rm(repository.git.dir, { recursive: true, force: true })
      await fill(repository.git.dir, from)
      await configure(repository.git)
      await measure(repository)
    } catch (cause) {
      repositories.splice(repositories.indexOf(repository), 1)
      throw new Error(`repository ${repository.project.name}/${repository.name} could not be made`, { cause })
    }
  }

  return {
    repositories,
    findRepository(project, nameOrId) {
      if (!project && !isGuid(nameOrId)) return undefined
      return byNameOrId(project ? repositories.filter(one => one.project === project) : repositories, nameOrId)
    },
    async createRepository({ project, name, from, by }) {
      if (!isUsableName(name)) throw new Error(`not a usable repository name: ${name}`)
      const taken = repositories.some(one => one.project === project && one.name.toLowerCase() === name.toLowerCase())
      if (taken) throw new Error(`there is a repository ${name} in ${project.name} already`)
      const git = openGitDir(join(reposDir, project.name, `${name}.git`), processes)
      const repository = newRepository({
        id: guidOf('repository', organisation, project.name, name),
        name,
        project,
        git,
      })
      await make(repository, from)
      happenings.emit({ kind: 'repository-created', repository, by })
      return repository
    },
    async renameRepository(repository, name) {
      const dir = join(reposDir, repository.project.name, `${name}.git`)
      repository.git.close()
      await rename(repository.git.dir, dir)
      repository.git = openGitDir(dir, processes)
      repository.name = name
    },
    async deleteRepository(repository, by) {
      repositories.splice(repositories.indexOf(repository), 1)
      repository.git.close()
      await rm(repository.git.dir, { recursive: true, force: true })
      happenings.emit({ kind: 'repository-deleted', repository, by })
    },
  }
}
