import { z } from 'zod'
import { actions, gitNamespace } from '../contract/git-namespace.ts'
import type { serviceEndpoints } from '../contract/service-endpoints.ts'
import { type Answer, type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import type { Identity } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'

type Names =
  | 'getSecurityNamespaces'
  | 'getSecurityNamespace'
  | 'getAccessControlLists'
  | 'setAccessControlEntries'
  | 'getPermissions'
  | 'evaluatePermissions'

/** `repoV2/{project}/{repository}[/refs/heads/…]`; shorter tokens stand for everything below. */
function repositoriesOf(world: World, token: string): Repository[] {
  const [root, projectId, repositoryId] = token.toLowerCase().split('/')
  if (root !== 'repov2') return []
  return world.repositories.filter(
    one => (!projectId || one.project.id === projectId) && (!repositoryId || one.id === repositoryId),
  )
}

function tokenOf(repository: Repository): string {
  return `repoV2/${repository.project.id}/${repository.id}`
}

function renderNamespace() {
  return {
    namespaceId: gitNamespace,
    name: 'Git Repositories',
    displayName: 'Git Repositories',
    separatorValue: '/',
    elementLength: -1,
    writePermission: 8192,
    readPermission: 2,
    dataspaceCategory: 'Git',
    actions: actions.map(([bit, name, displayName]) => ({ bit, name, displayName, namespaceId: gitNamespace })),
    structureValue: 1,
    extensionType: 'Microsoft.TeamFoundation.Git.Server.Plugins.GitSecurityNamespaceExtension',
    isRemotable: true,
    useTokenTranslator: true,
    systemBitMask: 0,
  }
}

function renderEntry(world: World, identity: Identity, repository: Repository, extended: boolean) {
  const explicit = world.identities.explicitRights(identity, repository.id)
  const { allow, deny } = world.identities.ownRights(identity, repository.id)
  // whether rights through groups count for a user is not known of the service, so here they don't
  const effectiveAllow = allow & ~deny
  const inheritedAllow = allow & ~explicit.allow
  const info = {
    ...(effectiveAllow ? { effectiveAllow } : {}),
    ...(deny ? { effectiveDeny: deny } : {}),
    ...(inheritedAllow ? { inheritedAllow } : {}),
  }
  return { descriptor: identity.descriptor, ...explicit, ...(extended ? { extendedInfo: info } : {}) }
}

function accessControlLists(world: World, call: Call): Answer {
  if (param(call, 'securityNamespaceId').toLowerCase() !== gitNamespace) return list([])
  const wanted = (call.query.text('descriptors') ?? '').split(',').filter(Boolean)
  const extended = call.query.flag('includeExtendedInfo')
  const token = call.query.text('token') ?? 'repoV2/'
  const identities = world.identities.all().filter(one => wanted.length === 0 || wanted.includes(one.descriptor))
  const single = token.split('/').filter(Boolean).length >= 3
  return list(
    repositoriesOf(world, token).map(repository => ({
      inheritPermissions: true,
      token: single ? token : tokenOf(repository),
      acesDictionary: Object.fromEntries(
        identities.map(identity => [identity.descriptor, renderEntry(world, identity, repository, extended)]),
      ),
      includeExtendedInfo: extended,
    })),
  )
}

const entriesBody = z.object({
  token: z.string(),
  merge: z.boolean().default(false),
  accessControlEntries: z.array(z.object({ descriptor: z.string(), allow: z.number().int(), deny: z.number().int() })),
})

function setEntries(world: World, call: Call): Answer {
  const body = readBody(call, entriesBody, 'container')
  if (!call.user.mayEditHooks) throw new ServiceError('accessDenied', call.user.displayName, 'Manage permissions')
  for (const entry of body.accessControlEntries) {
    const identity = world.identities.all().find(one => one.descriptor === entry.descriptor)
    if (!identity) throw new ServiceError('badArgument', 'Invalid argument value.', 'accessControlEntries')
    for (const repository of repositoriesOf(world, body.token)) {
      const held = body.merge ? world.identities.ownRights(identity, repository.id) : { allow: 0, deny: 0 }
      const rights = { allow: held.allow | entry.allow, deny: held.deny | entry.deny }
      world.identities.setRights(identity, rights, repository.id)
    }
  }
  return list(body.accessControlEntries)
}

/** Whether the caller holds all bits for all repositories of the token; nobody else can be asked about. */
function holds(world: World, caller: Identity, bits: number, token: string): boolean {
  const repositories = repositoriesOf(world, token)
  return (
    repositories.length > 0 && repositories.every(one => (world.identities.effective(caller, one.id) & bits) === bits)
  )
}

const batchBody = z.looseObject({
  evaluations: z.array(
    z.looseObject({ securityNamespaceId: z.string(), token: z.string(), permissions: z.number().int() }),
  ),
})

export function securityHandlers(world: World): Pick<Handlers<typeof serviceEndpoints>, Names> {
  return {
    getSecurityNamespaces: () => list([renderNamespace()]),
    getSecurityNamespace: call =>
      list(param(call, 'securityNamespaceId').toLowerCase() === gitNamespace ? [renderNamespace()] : []),
    getAccessControlLists: call => accessControlLists(world, call),
    setAccessControlEntries: call => setEntries(world, call),
    getPermissions(call) {
      const bits = Number(param(call, 'permissions'))
      const tokens = (call.query.text('tokens') ?? '').split(call.query.text('delimiter') ?? ',')
      return list(tokens.map(token => holds(world, call.user, bits, token)))
    },
    evaluatePermissions(call) {
      const body = readBody(call, batchBody, 'evalBatch')
      const evaluations = body.evaluations.map(one => ({
        ...one,
        value:
          one.securityNamespaceId.toLowerCase() === gitNamespace && holds(world, call.user, one.permissions, one.token),
      }))
      return { json: { ...body, evaluations } }
    },
  }
}
