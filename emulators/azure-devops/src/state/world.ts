import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { createPolicies, type Policies } from '../policy/policies.ts'
import type { PullRequest } from '../pull-request/pull-request.ts'
import { type Background, background } from './background.ts'
import { guidOf } from './guid.ts'
import { createHappenings, type Happenings } from './happening.ts'
import { createIdentities, type Identities, type Identity } from './identity.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { byNameOrId, isUsableName, type Project, type RepositoryStore, repositoryStore } from './repository.ts'

export interface WorldSettings {
  organisation: string
  reposDir: string
  clock: Clock
  /** how long a merge stays queued */
  mergeDelayMs: number
  log: (message: string, fields: Record<string, unknown>) => void
}

/** The whole emulated organisation. Times are milliseconds since 1970. */
export interface World extends WorldSettings, RepositoryStore, Background {
  collectionId: string
  accountId: string
  identities: Identities
  happenings: Happenings
  ledger: Ledger
  projects: Project[]
  pullRequests: Map<number, PullRequest>
  policies: Policies
  /** 1, 2, 3 … per kind of thing */
  nextId(kind: string): number
  /** the one of this name, made if need be */
  createProject(name: string): Project
  /** by name or GUID, any case */
  findProject(nameOrId: string): Project | undefined
  close(): Promise<void>
}

export function createWorld(settings: WorldSettings): World {
  const { organisation, reposDir, clock, log } = settings
  const happenings = createHappenings()
  const projects: Project[] = []
  const counters = new Map<string, number>()
  const work = background(clock, log)
  function nextId(kind: string): number {
    const id = (counters.get(kind) ?? 0) + 1
    counters.set(kind, id)
    return id
  }
  const store = repositoryStore(organisation, reposDir, happenings)

  return {
    ...settings,
    ...store,
    ...work,
    collectionId: guidOf('collection', organisation),
    accountId: guidOf('account', organisation),
    identities: createIdentities(organisation),
    happenings,
    ledger: createLedger(clock, happenings),
    projects,
    pullRequests: new Map(),
    policies: createPolicies(clock, nextId),
    nextId,
    createProject(name) {
      const found = byNameOrId(projects, name)
      if (found) return found
      if (!isUsableName(name)) throw new Error(`not a usable project name: ${name}`)
      const project = { id: guidOf('project', organisation, name), name, revision: 11, updatedAt: clock.now() }
      projects.push(project)
      return project
    },
    findProject: nameOrId => byNameOrId(projects, nameOrId),
    async close() {
      await work.close()
      for (const repository of store.repositories) repository.git.close()
    },
  }
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
