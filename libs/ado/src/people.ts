import type { IdentityRef } from 'azure-devops-node-api/interfaces/common/VSSInterfaces.js'
import { z } from 'zod'
import type { Connection } from './connection.ts'
import { missing } from './errors-of-azure-devops.ts'
import type { Person } from './port.ts'

/** Kinds of subject descriptors that are no people: services, applications, the system itself. */
const serviceDescriptor = /^(svc|s2s|aadsp|sys|ucu|acs)\./

export function personOf(identity: IdentityRef | undefined): Person {
  return {
    id: identity?.id ?? '',
    displayName: identity?.displayName ?? '',
    uniqueName: identity?.uniqueName ?? '',
    isService: serviceDescriptor.test(identity?.descriptor ?? ''),
  }
}

const ConnectionData = z.object({
  authenticatedUser: z.object({
    id: z.string(),
    providerDisplayName: z.string().optional(),
    subjectDescriptor: z.string().optional(),
    properties: z.object({ Account: z.object({ $value: z.string() }).optional() }).optional(),
  }),
})

/** @throws Rejected when the credential is nobody's */
export async function whoAmI(connection: Connection): Promise<Person> {
  const data = await connection.read({ path: 'connectionData', schema: ConnectionData })
  if (data === undefined) throw missing(`an organisation at ${connection.url}`)
  const { authenticatedUser: user } = data
  const account = user.properties?.Account?.$value ?? ''
  return {
    id: user.id,
    displayName: user.providerDisplayName ?? account,
    uniqueName: account,
    isService: serviceDescriptor.test(user.subjectDescriptor ?? ''),
  }
}
