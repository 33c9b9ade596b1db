import type { Answer, Call } from '../http/call.ts'
import { param } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import type { PullRequest } from '../pull-request/pull-request.ts'
import { isGuid } from '../state/guid.ts'
import { type Identity, type PermissionName, permission } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'

export function may(world: World, identity: Identity, name: PermissionName, repository: Repository): boolean {
  return (world.identities.effective(identity, repository.id) & permission[name]) !== 0
}

export function demand(world: World, identity: Identity, name: PermissionName, repository: Repository): void {
  if (may(world, identity, name, repository)) return
  const who = `${identity.displayName}\\${identity.uniqueName}`
  throw new ServiceError('needsPermission', name, who, 'repository')
}

/** The repository of the path, 404 also when the caller may not read it. */
export function repositoryOf(world: World, call: Call): Repository {
  const nameOrId = param(call, 'repositoryId')
  // the service goes by the id alone, whatever project stands before it
  const repository = world.findRepository(isGuid(nameOrId) ? undefined : call.project, nameOrId)
  if (!repository || !may(world, call.user, 'GenericRead', repository)) {
    throw new ServiceError('repositoryNotFound', nameOrId)
  }
  if (repository.isDisabled && call.method !== 'PATCH') throw new ServiceError('repositoryDisabled', nameOrId)
  return repository
}

export function numberParam(call: Call, name: string): number {
  const value = Number(param(call, name))
  if (!Number.isInteger(value) || value < 1) throw new ServiceError('badArgument', 'Invalid argument value.', name)
  return value
}

/** The pull request of the path, within the repository when the path names one. */
export function pullRequestOf(world: World, call: Call): PullRequest {
  const pullRequest = world.pullRequests.get(numberParam(call, 'pullRequestId'))
  const repository = call.params.repositoryId === undefined ? pullRequest?.repository : repositoryOf(world, call)
  if (!pullRequest || !repository || pullRequest.repository !== repository)
    throw new ServiceError('pullRequestNotFound')
  if (!may(world, call.user, 'GenericRead', repository)) throw new ServiceError('pullRequestNotFound')
  if (call.params.repositoryId === undefined && call.project && call.project !== repository.project) {
    throw new ServiceError('pullRequestNotFound')
  }
  return pullRequest
}

/** The pull request of the path, for somebody who may take part in it. */
export function contributedPullRequestOf(world: World, call: Call): PullRequest {
  const pullRequest = pullRequestOf(world, call)
  demand(world, call.user, 'PullRequestContribute', pullRequest.repository)
  return pullRequest
}

/** One page of a list by $top and $skip. */
export function page<T>(call: Call, all: readonly T[], defaultTop: number, maxTop = Number.MAX_SAFE_INTEGER): T[] {
  const skip = Math.max(0, call.query.number('skip') ?? 0)
  const top = Math.min(maxTop, Math.max(0, call.query.number('top') ?? defaultTop))
  return all.slice(skip, skip + top)
}

/** One page of a list by $top and continuationToken, with the header that leads to the next. */
export function tokenPage<T>(call: Call, all: readonly T[], render: (one: T) => unknown, defaultTop: number): Answer {
  const start = call.query.number('continuationToken') ?? call.query.number('skip') ?? 0
  const top = Math.max(1, call.query.number('top') ?? defaultTop)
  const value = all.slice(start, start + top).map(render)
  const next = start + top
  return {
    json: { value, count: value.length },
    ...(next < all.length ? { headers: { 'x-ms-continuationtoken': String(next) } } : {}),
  }
}
