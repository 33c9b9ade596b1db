import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { isAncestor } from '../git/commits.ts'
import { isValidRefName, listRefs, noObject, type Ref, updateRef } from '../git/refs.ts'
import { type Call, type Handlers, list, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { isPullRequestOnly } from '../policy/guard.ts'
import { noteRefChanges, type RefChange } from '../pull-request/ref-changes.ts'
import type { Identity } from '../state/identity.ts'
import { defaultBranch, type Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { demand, may, page, repositoryOf } from './access.ts'
import type { Links } from './links.ts'
import { renderIdentity } from './render-repository.ts'

type Names = 'getRefs' | 'getRefsByPath' | 'updateRefs' | 'updateRef'

const objectId = z.string().regex(/^[0-9a-fA-F]{40}$/, 'Invalid argument value.')
const updateBody = z
  .array(z.object({ name: z.string(), oldObjectId: objectId.optional(), newObjectId: objectId }))
  .min(1, 'Invalid argument value.')

function renderRef(ref: Ref, repository: Repository, world: World, links: Links, peel: boolean) {
  const lockedBy = repository.locks.get(ref.name)
  const creator = repository.refCreators.get(ref.name) ?? world.identities.all().find(one => !one.isGroup)
  return {
    name: ref.name,
    objectId: ref.objectId,
    ...(peel && ref.peeledObjectId ? { peeledObjectId: ref.peeledObjectId } : {}),
    ...(lockedBy ? { isLockedBy: renderIdentity(lockedBy, links), isLocked: true } : {}),
    ...(creator ? { creator: renderIdentity(creator, links) } : {}),
    url: `${links.repository(repository)}/refs?filter=${encodeURIComponent(ref.name.replace(/^refs\//, ''))}`,
  }
}

/** The service's own word for what is wrong with a ref update, or 'succeeded'. */
async function judge(world: World, repository: Repository, change: RefChange, by: Identity, refs: readonly Ref[]) {
  const { name, oldObjectId, newObjectId } = change
  const current = refs.find(ref => ref.name === name)?.objectId ?? noObject
  const creation = current === noObject
  const deletion = newObjectId === noObject
  if (!(await isValidRefName(repository.git, name))) return 'invalidRefName'
  if (!may(world, by, 'GenericContribute', repository)) return 'writePermissionRequired'
  if (creation && !deletion && name.startsWith('refs/tags/') && !may(world, by, 'CreateTag', repository)) {
    return 'createTagPermissionRequired'
  }
  if (creation && !deletion && !may(world, by, 'CreateBranch', repository)) return 'createBranchPermissionRequired'
  if (current !== oldObjectId) return 'staleOldObjectId'
  if (deletion && creation) return 'succeededNonExistentRef'
  if (await isPullRequestOnly(world, repository, { ref: name, exists: !creation, by })) return 'rejectedByPolicy'
  const lockedBy = repository.locks.get(name)
  if (lockedBy && lockedBy !== by) return 'locked'
  const owner = repository.refCreators.get(name) === by
  if (deletion) return owner || may(world, by, 'ForcePush', repository) ? 'succeeded' : 'forcePushRequired'
  if (!(await repository.git.read(newObjectId))) return 'unresolvableToCommit'
  if (creation) return conflicts(name, refs) ? 'refNameConflict' : 'succeeded'
  const forward = await isAncestor(repository.git, oldObjectId, newObjectId)
  return forward || owner || may(world, by, 'ForcePush', repository) ? 'succeeded' : 'forcePushRequired'
}

// a and a/b can't both exist, nor can two names that differ by case
export function conflicts(name: string, refs: readonly Ref[]): boolean {
  const wanted = name.toLowerCase()
  return refs.some(ref => {
    const other = ref.name.toLowerCase()
    return other === wanted || other.startsWith(`${wanted}/`) || wanted.startsWith(`${other}/`)
  })
}

async function applyChange(world: World, repository: Repository, change: RefChange, by: Identity) {
  return repository.git.exclusive(async () => {
    const verdict = await judge(world, repository, change, by, await listRefs(repository.git))
    if (verdict !== 'succeeded') return verdict
    if (change.newObjectId === noObject && change.name === (await defaultBranch(repository))) return 'rejectedByPolicy'
    if (!(await updateRef(repository.git, change))) return 'staleOldObjectId'
    await noteRefChanges(world, repository, { by, changes: [change] })
    return 'succeeded'
  })
}

async function getRefs(world: World, call: Call, pathFilter: string | undefined) {
  const repository = repositoryOf(world, call)
  const filter = pathFilter ?? call.query.text('filter')
  const contains = call.query.text('filterContains')?.toLowerCase()
  const refs = (await listRefs(repository.git)).filter(
    ref =>
      (filter === undefined || ref.name.startsWith(`refs/${filter}`)) &&
      (contains === undefined || ref.name.toLowerCase().includes(contains)),
  )
  const start = call.query.number('continuationToken')
  const chosen = start === undefined ? page(call, refs, Number.MAX_SAFE_INTEGER, 1000) : refs.slice(start)
  const peel = call.query.flag('peelTags')
  return list(chosen.map(ref => renderRef(ref, repository, world, call.links, peel)))
}

async function updateRefs(world: World, call: Call) {
  const repository = repositoryOf(world, call)
  const results = []
  // each for itself: one that fails does not undo the others
  for (const { name, oldObjectId = noObject, newObjectId } of readBody(call, updateBody, 'refUpdates')) {
    const change = { name, oldObjectId: oldObjectId.toLowerCase(), newObjectId: newObjectId.toLowerCase() }
    const updateStatus = await applyChange(world, repository, change, call.user)
    const success = updateStatus.startsWith('succeeded')
    results.push({
      repositoryId: repository.id,
      ...change,
      isLocked: repository.locks.has(name),
      updateStatus,
      success,
    })
  }
  return list(results)
}

async function updateLock(world: World, call: Call) {
  const repository = repositoryOf(world, call)
  const name = `refs/${call.query.text('filter') ?? ''}`
  const ref = (await listRefs(repository.git)).find(one => one.name === name)
  if (!ref) throw new ServiceError('refNotFound', name)
  demand(world, call.user, 'GenericContribute', repository)
  const { isLocked } = readBody(call, z.object({ isLocked: z.boolean() }), 'newRefInfo')
  const lockedBy = repository.locks.get(name)
  if (lockedBy && lockedBy !== call.user) demand(world, call.user, 'RemoveOthersLocks', repository)
  if (isLocked) repository.locks.set(name, call.user)
  else repository.locks.delete(name)
  return { json: renderRef(ref, repository, world, call.links, false) }
}

export function refHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  return {
    getRefs: call => getRefs(world, call, undefined),
    getRefsByPath: call => getRefs(world, call, call.params.filter),
    updateRefs: call => updateRefs(world, call),
    updateRef: call => updateLock(world, call),
  }
}
