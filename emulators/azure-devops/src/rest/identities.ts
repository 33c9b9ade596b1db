import type { serviceEndpoints } from '../contract/service-endpoints.ts'
import { type Answer, type Call, type Handlers, list, param } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { hrefs, isoDate } from './links.ts'

type Names =
  | 'getIdentities'
  | 'getIdentity'
  | 'getGraphUsers'
  | 'getGraphUser'
  | 'getGraphGroups'
  | 'getGraphMemberships'
  | 'getGraphDescriptor'

function property(value: string, type = 'System.String') {
  return { $type: type, $value: value }
}

function renderFull(world: World, identity: Identity, expanded: boolean) {
  const groups = identity.memberOf.flatMap(id => world.identities.byId(id) ?? [])
  const [, domain = ''] = /;(.*)\\/.exec(identity.descriptor) ?? []
  return {
    id: identity.id,
    descriptor: identity.descriptor,
    subjectDescriptor: identity.subjectDescriptor,
    providerDisplayName: identity.displayName,
    customDisplayName: identity.displayName,
    isActive: true,
    ...(identity.isGroup ? { isContainer: true } : {}),
    members: [],
    memberOf: expanded ? groups.map(group => group.descriptor) : [],
    memberIds: [],
    properties: {
      SchemaClassName: property(identity.isGroup ? 'Group' : 'User'),
      Description: property(''),
      Domain: property(domain),
      Account: property(identity.uniqueName),
      DN: property(''),
      Mail: property(identity.uniqueName),
      SpecialType: property('Generic'),
      ComplianceValidated: property(isoDate(world.clock.now()), 'System.DateTime'),
    },
    resourceVersion: 2,
    metaTypeId: 0,
  }
}

function names(call: Call, name: string): string[] {
  return (call.query.text(name) ?? '').split(',').filter(Boolean)
}

function getIdentities(world: World, call: Call): Answer {
  const expanded = !['', 'none', '0'].includes(call.query.text('queryMembership')?.toLowerCase() ?? '')
  const all = world.identities.all()
  const filter = call.query.text('searchFilter')?.toLowerCase()
  const value = call.query.text('filterValue')?.toLowerCase() ?? ''
  if (filter !== undefined) {
    const exact = filter === 'accountname' || filter === 'mailaddress' || filter === 'displayname'
    const found = all.filter(one => {
      const texts = [one.uniqueName, one.displayName, one.name].map(text => text.toLowerCase())
      return exact ? texts.includes(value) : texts.some(text => text.startsWith(value))
    })
    return list(found.map(one => renderFull(world, one, expanded)))
  }
  const ids = names(call, 'identityIds').map(id => world.identities.byId(id))
  const bySubject = names(call, 'subjectDescriptors').map(wanted => all.find(one => one.subjectDescriptor === wanted))
  const byDescriptor = names(call, 'descriptors').map(wanted => all.find(one => one.descriptor === wanted))
  // an identity nobody knows is null in its place
  return list([...ids, ...bySubject, ...byDescriptor].map(one => (one ? renderFull(world, one, expanded) : null)))
}

function renderGraph(identity: Identity, call: Call) {
  const url = `${call.links.base}/_apis/Graph/${identity.isGroup ? 'Groups' : 'Users'}/${identity.subjectDescriptor}`
  return {
    subjectKind: identity.isGroup ? 'group' : 'user',
    domain: /;(.*)\\/.exec(identity.descriptor)?.[1] ?? '',
    principalName: identity.uniqueName,
    mailAddress: identity.uniqueName,
    origin: identity.isGroup ? 'vsts' : 'aad',
    originId: identity.id,
    displayName: identity.displayName,
    _links: hrefs({
      self: url,
      memberships: `${call.links.base}/_apis/Graph/Memberships/${identity.subjectDescriptor}`,
      storageKey: `${call.links.base}/_apis/Graph/StorageKeys/${identity.subjectDescriptor}`,
      avatar: call.links.avatar(identity.subjectDescriptor),
    }),
    url,
    descriptor: identity.subjectDescriptor,
  }
}

export function identityHandlers(world: World): Pick<Handlers<typeof serviceEndpoints>, Names> {
  const bySubject = (descriptor: string) => {
    const found = world.identities.all().find(one => one.subjectDescriptor === descriptor)
    if (!found) throw new ServiceError('badArgument', 'Invalid argument value.', 'subjectDescriptor')
    return found
  }
  return {
    getIdentities: call => getIdentities(world, call),
    getIdentity(call) {
      const identity = world.identities.byId(param(call, 'identityId'))
      return { json: identity ? renderFull(world, identity, true) : null }
    },
    getGraphUsers: call =>
      list(
        world.identities
          .all()
          .filter(one => !one.isGroup)
          .map(one => renderGraph(one, call)),
      ),
    getGraphUser: call => ({ json: renderGraph(bySubject(param(call, 'descriptor')), call) }),
    getGraphGroups: call =>
      list(
        world.identities
          .all()
          .filter(one => one.isGroup)
          .map(one => renderGraph(one, call)),
      ),
    getGraphMemberships(call) {
      const identity = bySubject(param(call, 'descriptor'))
      const down = call.query.text('direction')?.toLowerCase() === 'down'
      const others = down
        ? world.identities.all().filter(one => one.memberOf.includes(identity.id))
        : identity.memberOf.flatMap(id => world.identities.byId(id) ?? [])
      return list(
        others.map(other => ({
          memberDescriptor: (down ? other : identity).subjectDescriptor,
          containerDescriptor: (down ? identity : other).subjectDescriptor,
        })),
      )
    },
    getGraphDescriptor(call) {
      const identity = world.identities.byId(param(call, 'storageKey'))
      if (!identity) throw new ServiceError('badArgument', 'Invalid argument value.', 'storageKey')
      return { json: { value: identity.subjectDescriptor, _links: hrefs({ storageKey: identity.id }) } }
    },
  }
}
