import { randomBytes } from 'node:crypto'
import { guidOf } from './guid.ts'

/** Bits of the security namespace "Git Repositories". */
export const permission = {
  Administer: 1,
  GenericRead: 2,
  GenericContribute: 4,
  ForcePush: 8,
  CreateBranch: 16,
  CreateTag: 32,
  ManageNote: 64,
  PolicyExempt: 128,
  CreateRepository: 256,
  DeleteRepository: 512,
  RenameRepository: 1024,
  EditPolicies: 2048,
  RemoveOthersLocks: 4096,
  ManagePermissions: 8192,
  PullRequestContribute: 16384,
  PullRequestBypassPolicy: 32768,
} as const
export type PermissionName = keyof typeof permission

export interface Identity {
  id: string
  name: string
  displayName: string
  uniqueName: string
  isGroup: boolean
  /** the legacy form that access control lists are keyed by */
  descriptor: string
  subjectDescriptor: string
  /** ids of groups */
  memberOf: string[]
  mayEditHooks: boolean
}

/** what a token may do besides what its user may: everything, or a list such as vso.code, vso.code_write */
export interface Token {
  value: string
  identity: Identity
  scopes: readonly string[] | 'full'
  revoked: boolean
}

export interface Rights {
  allow: number
  deny: number
}

export interface Identities {
  all(): Identity[]
  byName(name: string): Identity | undefined
  byId(id: string): Identity | undefined
  add(identity: {
    name: string
    displayName: string
    isGroup?: boolean
    memberOf?: string[]
    mayEditHooks?: boolean
  }): Identity
  issueToken(identity: Identity, scopes?: Token['scopes']): Token
  tokenOf(value: string): Token | undefined
  /** rights set on this identity itself; without repositoryId for all repositories */
  setRights(identity: Identity, rights: Partial<Rights>, repositoryId?: string): void
  /** its own, set on the repository or else on everything */
  ownRights(identity: Identity, repositoryId?: string): Rights
  /** only what was set on this very repository */
  explicitRights(identity: Identity, repositoryId: string): Rights
  /** own and inherited through groups, denials taken off */
  effective(identity: Identity, repositoryId: string): number
}

const tenant = guidOf('tenant', 'code-agent')

// 52 characters: how azure-devops-node-api tells a personal access token from a bearer token
function newTokenValue(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return [...randomBytes(52)].map(byte => alphabet[byte % 32]).join('')
}

function describe(
  name: string,
  id: string,
  isGroup: boolean,
): Pick<Identity, 'descriptor' | 'subjectDescriptor' | 'uniqueName'> {
  if (isGroup) {
    const sid = `S-1-9-${id.replace(/-/g, '').slice(0, 20)}`
    return {
      descriptor: `Microsoft.TeamFoundation.Identity;${sid}`,
      subjectDescriptor: `vssgp.${Buffer.from(sid).toString('base64url')}`,
      uniqueName: `vstfs:///Classification/TeamProject/${id}\\${name}`,
    }
  }
  const uniqueName = `${name}@demo.example`
  return {
    descriptor: `Microsoft.IdentityModel.Claims.ClaimsIdentity;${tenant}\\${uniqueName}`,
    subjectDescriptor: `aad.${Buffer.from(id).toString('base64url')}`,
    uniqueName,
  }
}

export function createIdentities(organisation: string): Identities {
  const byId = new Map<string, Identity>()
  const tokens = new Map<string, Token>()
  const rights = new Map<string, Rights>()
  const key = (identity: Identity, repositoryId?: string) => `${identity.id}/${repositoryId ?? '*'}`

  function ownRights(identity: Identity, repositoryId?: string): Rights {
    return rights.get(key(identity, repositoryId)) ?? rights.get(key(identity)) ?? { allow: 0, deny: 0 }
  }

  return {
    all: () => [...byId.values()],
    byName: name => [...byId.values()].find(one => one.name.toLowerCase() === name.toLowerCase()),
    byId: id => byId.get(id.toLowerCase()),
    add({ name, displayName, isGroup = false, memberOf = [], mayEditHooks = false }) {
      const id = guidOf('identity', organisation, name)
      const identity = { id, name, displayName, isGroup, memberOf, mayEditHooks, ...describe(name, id, isGroup) }
      byId.set(id, identity)
      return identity
    },
    issueToken(identity, scopes = 'full') {
      const token = { value: newTokenValue(), identity, scopes, revoked: false }
      tokens.set(token.value, token)
      return token
    },
    tokenOf: value => tokens.get(value),
    setRights(identity, change, repositoryId) {
      rights.set(key(identity, repositoryId), { ...ownRights(identity, repositoryId), ...change })
    },
    ownRights,
    explicitRights: (identity, repositoryId) => rights.get(key(identity, repositoryId)) ?? { allow: 0, deny: 0 },
    effective(identity, repositoryId) {
      const holders = [identity, ...identity.memberOf.flatMap(id => byId.get(id) ?? [])]
      const held = holders.map(holder => ownRights(holder, repositoryId))
      const deny = held.reduce((sum, one) => sum | one.deny, 0)
      return held.reduce((sum, one) => sum | one.allow, 0) & ~deny
    },
  }
}
