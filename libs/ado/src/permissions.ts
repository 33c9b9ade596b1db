import { z } from 'zod'
import type { Connection } from './connection.ts'
import { Refused } from './errors-of-azure-devops.ts'
import type { AzureDevOps, RepositoryRef } from './port.ts'

type Verdict = Awaited<ReturnType<AzureDevOps['mayContribute']>>

/** The security namespace of git repositories, and the bit for "Contribute" in it. */
const gitNamespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
const genericContribute = 4

/** Descriptors in one question, so that its address stays short, and of one person in all. */
const [perQuestion, mostHolders] = [12, 600]

const Identities = z.object({
  value: z.array(
    z
      .object({
        id: z.string(),
        descriptor: z.string(),
        isActive: z.boolean().optional(),
        memberOf: z.array(z.string()).nullish(),
      })
      .nullable(),
  ),
})

const Rights = z.object({ effectiveAllow: z.number().optional(), effectiveDeny: z.number().optional() })
type Entry = z.infer<typeof Rights>
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
    // Rights given to a group are not in its members' own entries.
    query: { identityIds: of.identityId, queryMembership: 'ExpandedUp' },
    schema: Identities,
  })
  const identity = identities?.value.find(one => one?.id.toLowerCase() === of.identityId.toLowerCase())
  if (!identity) return no('Azure DevOps does not know who wrote this comment.')
  if (identity.isActive === false) return no('The account that wrote this comment is not active any more.')

  const holders = [identity.descriptor, ...(identity.memberOf ?? [])]
  if (holders.length > mostHolders)
    return no('You are in too many groups for your rights to be looked up. Ask to be granted "Contribute" by name.')
  const entries: Entry[] = []
  for (let at = 0; at < holders.length; at += perQuestion)
    entries.push(...(await entriesOf(connection, of, holders.slice(at, at + perQuestion))))
  return verdictOf(entries)
}

async function entriesOf(connection: Connection, of: RepositoryRef, holders: readonly string[]): Promise<Entry[]> {
  const lists = await connection.read({
    path: `accesscontrollists/${gitNamespace}`,
    query: {
      token: `repoV2/${of.projectId}/${of.repositoryId}`,
      descriptors: holders.join(','),
      includeExtendedInfo: 'true',
      recurse: 'false',
    },
    schema: AccessControlLists,
  })
  const asked = new Set(holders.map(holder => holder.toLowerCase()))
  return Object.entries(lists?.value[0]?.acesDictionary ?? {}).flatMap(([holder, { extendedInfo }]) =>
    asked.has(holder.toLowerCase()) && extendedInfo ? [extendedInfo] : [],
  )
}

/** A denial counts more than any grant, through whichever group. */
function verdictOf(entries: readonly Entry[]): Verdict {
  if (entries.some(({ effectiveDeny = 0 }) => (effectiveDeny & genericContribute) !== 0)) {
    return no('You are denied the right "Contribute" on this repository. Ask someone who administers the repository.')
  }
  if (entries.some(({ effectiveAllow = 0 }) => (effectiveAllow & genericContribute) !== 0))
    return { allowed: true, because: 'Azure DevOps grants "Contribute" on the repository.' }
  return no(
    'Azure DevOps shows no right "Contribute" for you on this repository. Ask someone who administers the repository to grant it under Project settings, Repositories, Security.',
  )
}

function no(because: string): Verdict {
  return { allowed: false, because }
}
