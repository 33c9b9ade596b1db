import { z } from 'zod'
import type { Connection } from './connection.ts'
import { Refused } from './errors-of-azure-devops.ts'
import type { AzureDevOps, RepositoryRef } from './port.ts'

type Verdict = Awaited<ReturnType<AzureDevOps['mayContribute']>>

/** The security namespace of git repositories, and the bit for "Contribute" in it. */
const gitNamespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
const genericContribute = 4

const Identities = z.object({
  value: z.array(z.object({ id: z.string(), descriptor: z.string(), isActive: z.boolean().optional() }).nullable()),
})

const Rights = z.object({ effectiveAllow: z.number().optional(), effectiveDeny: z.number().optional() })
const AccessControlLists = z.object({
  value: z.array(z.object({ acesDictionary: z.record(z.string(), z.object({ extendedInfo: Rights.nullish() })) })),
})

export function permissionVerbs(connection: Connection): Pick<AzureDevOps, 'mayContribute'> {
  return {
    async mayContribute(of) {
      try {
        return await decide(connection, of)
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        return no(
          'This service may not look up rights. Its operator must give its credential the scopes "Identity (read)" and "Security (manage)", or the right to view permissions.',
        )
      }
    },
  }
}

/** Whoever cannot be looked up, and whatever Azure DevOps leaves open, is a no. */
async function decide(connection: Connection, of: RepositoryRef & { identityId: string }): Promise<Verdict> {
  const identities = await connection.readIdentities({
    path: 'identities',
    query: { identityIds: of.identityId },
    schema: Identities,
  })
  const identity = identities?.value.find(one => one?.id.toLowerCase() === of.identityId.toLowerCase())
  if (!identity) return no('Azure DevOps does not know who wrote this comment.')
  if (identity.isActive === false) return no('The account that wrote this comment is not active any more.')

  const lists = await connection.read({
    path: `accesscontrollists/${gitNamespace}`,
    query: {
      token: `repoV2/${of.projectId}/${of.repositoryId}`,
      descriptors: identity.descriptor,
      includeExtendedInfo: 'true',
      recurse: 'false',
    },
    schema: AccessControlLists,
  })
  return verdictOf(lists?.value[0]?.acesDictionary ?? {}, identity.descriptor)
}

function verdictOf(
  entries: Record<string, { extendedInfo?: z.infer<typeof Rights> | null | undefined }>,
  descriptor: string,
): Verdict {
  const entry = Object.entries(entries).find(([key]) => key.toLowerCase() === descriptor.toLowerCase())?.[1]
  const rights = entry?.extendedInfo
  if (((rights?.effectiveDeny ?? 0) & genericContribute) !== 0) {
    return no('You are denied the right "Contribute" on this repository. Ask someone who administers the repository.')
  }
  if (((rights?.effectiveAllow ?? 0) & genericContribute) !== 0)
    return { allowed: true, because: 'Azure DevOps grants "Contribute" on the repository.' }
  return no(
    'Azure DevOps shows no right "Contribute" for you on this repository. Ask someone who administers the repository to grant it under Project settings, Repositories, Security.',
  )
}

function no(because: string): Verdict {
  return { allowed: false, because }
}
