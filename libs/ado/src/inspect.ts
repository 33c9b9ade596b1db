import { z } from 'zod'
import type { Connection } from './connection.ts'
import { Refused } from './errors-of-azure-devops.ts'
import type { RepositoryRef } from './port.ts'

export type Project = { id: string; name: string }
export type Repository = RepositoryRef & { name: string; projectName: string; isDisabled: boolean }
/** `isActive` is false for accounts that were disabled. */
export type Account = { id: string; displayName: string; uniqueName: string; isActive: boolean; isGroup: boolean }

/** Rights on a git repository, as its security page calls them. */
export const gitRights = {
  Read: 2,
  Contribute: 4,
  'Create branch': 16,
  'Contribute to pull requests': 16_384,
  'Bypass policies when completing pull requests': 32_768,
  'Bypass policies when pushing': 128,
} as const
export type GitRight = keyof typeof gitRights

export type Inspect = {
  projects(): Promise<Project[]>
  repositories(): Promise<Repository[]>
  /** For each repository whether this credential's own identity holds a right there; scopes are not looked at. */
  holds(of: { right: GitRight; repositories: RepositoryRef[] }): Promise<boolean[]>
  /** Whether the credential's scopes let it change refs. Asks for no change at all, so nothing happens either way. */
  mayChangeRefs(of: RepositoryRef): Promise<boolean>
  /** Accounts and groups by account name, e-mail address or the beginning of a name. */
  accounts(of: { name: string }): Promise<Account[]>
}

const gitNamespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'

/** Tokens stand in the address, which may not grow beyond what proxies take. */
const repositoriesPerCall = 20

const Projects = z.object({ value: z.array(z.object({ id: z.string(), name: z.string() })) })
const Identities = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      providerDisplayName: z.string().nullish(),
      isActive: z.boolean().nullish(),
      isContainer: z.boolean().nullish(),
      properties: z.object({ Account: z.object({ $value: z.string() }).nullish() }).nullish(),
    }),
  ),
})

/** What an operator asks, and no step of a run. */
export function inspect(connection: Connection): Inspect {
  return {
    projects: async () => {
      const found = await connection.read({ path: 'projects', query: { $top: '1000' }, schema: Projects })
      return found?.value ?? []
    },
    repositories: async () => {
      const git = await connection.git()
      return ((await git.getRepositories()) ?? []).flatMap(({ id, name, project, isDisabled }) =>
        id === undefined || project?.id === undefined
          ? []
          : {
              repositoryId: id,
              projectId: project.id,
              name: name ?? id,
              projectName: project.name ?? project.id,
              isDisabled: isDisabled === true,
            },
      )
    },
    holds: async ({ right, repositories }) => {
      const answers: boolean[] = []
      for (let from = 0; from < repositories.length; from += repositoriesPerCall) {
        const some = repositories.slice(from, from + repositoriesPerCall)
        const found = await connection.read({
          path: `permissions/${gitNamespace}/${gitRights[right]}`,
          query: { tokens: some.map(tokenOf).join(',') },
          schema: z.object({ value: z.array(z.boolean()) }),
        })
        answers.push(...some.map((_, index) => found?.value[index] ?? false))
      }
      return answers
    },
    mayChangeRefs: of => mayChangeRefs(connection, of),
    accounts: async ({ name }) => {
      for (const searchFilter of ['AccountName', 'MailAddress', 'General']) {
        const query = { searchFilter, filterValue: name }
        const found = await connection.readIdentities({ path: 'identities', query, schema: Identities })
        if (found !== undefined && found.value.length > 0) return found.value.map(accountOf)
      }
      return []
    },
  }
}

async function mayChangeRefs(connection: Connection, of: RepositoryRef): Promise<boolean> {
  const { rest } = await connection.git()
  const address = `${connection.url}/${of.projectId}/_apis/git/repositories/${of.repositoryId}/refs`
  try {
    await rest.create(address, [], { acceptHeader: 'application/json;api-version=5.0' })
    return true
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    // Whatever is wrong with no change at all, who is told so was let in.
    return error.typeKey !== 'Credential' && error.status !== 403
  }
}

function tokenOf({ projectId, repositoryId }: RepositoryRef): string {
  return `repoV2/${projectId}/${repositoryId}`
}

function accountOf(found: z.infer<typeof Identities>['value'][number]): Account {
  return {
    id: found.id,
    displayName: found.providerDisplayName ?? '',
    uniqueName: found.properties?.Account?.$value ?? '',
    isActive: found.isActive !== false,
    isGroup: found.isContainer === true,
  }
}
