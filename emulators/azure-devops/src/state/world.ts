import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { type GitDir, openGitDir, runGit } from '../git/git-dir.ts'
import { headRef } from '../git/refs.ts'
import { slots } from '../git/slots.ts'
import type { PullRequest } from '../pull-request/pull-request.ts'
import { guidOf, isGuid } from './guid.ts'
import { createHappenings, type Happenings } from './happening.ts'
import { createIdentities, type Identities, type Identity } from './identity.ts'
import { createLedger, type Ledger } from './ledger.ts'

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
}

export interface WorldSettings {
  organisation: string
  reposDir: string
  clock: Clock
  /** how long a merge stays queued */
  mergeDelayMs: number
  log: (message: string, fields: Record<string, unknown>) => void
}

/** The whole emulated organisation. Times are milliseconds since 1970. */
export interface World extends WorldSettings {
  collectionId: string
  accountId: string
  identities: Identities
  happenings: Happenings
  ledger: Ledger
  projects: Project[]
  repositories: Repository[]
  pullRequests: Map<number, PullRequest>
  /** 1, 2, 3 … per kind of thing */
  nextId(kind: string): number
  createProject(name: string): Project
  /** by name or GUID, any case */
  findProject(nameOrId: string): Project | undefined
  findRepository(project: Project | undefined, nameOrId: string): Repository | undefined
  /** `from`: a git folder or URL to clone; the source is never written. Throws when the name is taken */
  createRepository(repository: { project: Project; name: string; from?: string; by: Identity }): Promise<Repository>
  renameRepository(repository: Repository, name: string): Promise<void>
  deleteRepository(repository: Repository, by: Identity): Promise<void>
  /** work that no request waits for, begun after `delayMs`; close waits for what has begun */
  later(delayMs: number, work: () => Promise<void>): void
  /** aborts when the emulator closes */
  closing: AbortSignal
  close(): Promise<void>
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

function byNameOrId<T extends { id: string; name: string }>(all: readonly T[], nameOrId: string): T | undefined {
  const wanted = nameOrId.toLowerCase()
  const byId = isGuid(wanted) ? all.find(one => one.id === wanted) : undefined
  return byId ?? all.find(one => one.name.toLowerCase() === wanted)
}

/** Starts work on the clock, remembers what runs, and logs what fails. */
function background({ clock, log }: WorldSettings) {
  const running = new Set<Promise<void>>()
  const closing = new AbortController()
  return {
    closing: closing.signal,
    later(delayMs: number, work: () => Promise<void>) {
      clock.setTimer(delayMs, () => {
        if (closing.signal.aborted) return
        const done = work()
          .catch(error => log('background work failed', { error }))
          .finally(() => running.delete(done))
        running.add(done)
      })
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}

export function createWorld(settings: WorldSettings): World {
  const { organisation, reposDir, clock } = settings
  const happenings = createHappenings()
  const projects: Project[] = []
  const repositories: Repository[] = []
  const counters = new Map<string, number>()
  // more git processes than this only take each other's time
  const processes = slots(8)
  const work = background(settings)

  function createProject(name: string): Project {
    const found = byNameOrId(projects, name)
    if (found) return found
    if (!isUsableName(name)) throw new Error(`not a usable project name: ${name}`)
    const project = { id: guidOf('project', organisation, name), name, revision: 11, updatedAt: clock.now() }
    projects.push(project)
    return project
  }

  async function createRepository({ project, name, from, by }: Parameters<World['createRepository']>[0]) {
    const inProject = repositories.filter(one => one.project === project)
    if (!isUsableName(name)) throw new Error(`not a usable repository name: ${name}`)
    if (byNameOrId(inProject, name)) throw new Error(`there is a repository ${name} in ${project.name} already`)
    const dir = join(reposDir, project.name, `${name}.git`)
    const id = guidOf('repository', organisation, project.name, name)
    const git = openGitDir(dir, processes)
    const repository: Repository = {
      id,
      name,
      project,
      git,
      isDisabled: false,
      size: 0,
      pushes: [],
      commitStatuses: [],
      refCreators: new Map(),
      locks: new Map(),
    }
    // taken before the first wait, so that two callers can't both have the name
    repositories.push(repository)
    try {
      await mkdir(join(reposDir, project.name), { recursive: true })
      await rm(dir, { recursive: true, force: true })
      await fill(dir, from)
      await configure(git)
    } catch (cause) {
      repositories.splice(repositories.indexOf(repository), 1)
      throw new Error(`repository ${project.name}/${name} could not be made`, { cause })
    }
    happenings.emit({ kind: 'repository-created', repository, by })
    return repository
  }

  return {
    ...settings,
    collectionId: guidOf('collection', organisation),
    accountId: guidOf('account', organisation),
    identities: createIdentities(organisation),
    happenings,
    ledger: createLedger(clock, happenings),
    projects,
    repositories,
    pullRequests: new Map(),
    nextId(kind) {
      const id = (counters.get(kind) ?? 0) + 1
      counters.set(kind, id)
      return id
    },
    createProject,
    findProject: nameOrId => byNameOrId(projects, nameOrId),
    findRepository(project, nameOrId) {
      const candidates = project ? repositories.filter(one => one.project === project) : repositories
      // without a project only the GUID is unambiguous
      if (!project && !isGuid(nameOrId)) return undefined
      return byNameOrId(candidates, nameOrId)
    },
    createRepository,
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
    later: work.later,
    closing: work.closing,
    async close() {
      await work.close()
      for (const repository of repositories) repository.git.close()
    },
  }
}

/** refs/heads/… or undefined for a repository without commits on its default branch. */
export async function defaultBranch(repository: Repository): Promise<string | undefined> {
  const head = await headRef(repository.git)
  return (await repository.git.read(head)) ? head : undefined
}

/** Clones `dir/<project>/<repository>.git` into the project of the same name. */
export async function importRepositories(world: World, dir: string, by: Identity): Promise<void> {
  for (const projectFolder of await readdir(dir, { withFileTypes: true })) {
    if (!projectFolder.isDirectory()) continue
    const project = world.createProject(projectFolder.name)
    for (const folder of await readdir(join(dir, projectFolder.name), { withFileTypes: true })) {
      if (!folder.isDirectory() || !folder.name.endsWith('.git')) continue
      const name = folder.name.replace(/\.git$/, '')
      await world.createRepository({ project, name, from: join(dir, projectFolder.name, folder.name), by })
    }
  }
}
