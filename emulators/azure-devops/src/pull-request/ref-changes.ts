import { isAncestor, listCommits, mergeBases } from '../git/commits.ts'
import { noObject } from '../git/refs.ts'
import type { Identity } from '../state/identity.ts'
import { measure, type Push, type Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { queueMerge } from './merge-job.ts'
import type { Iteration, PullRequest } from './pull-request.ts'
import { createSystemThread } from './threads.ts'

export interface RefChange {
  name: string
  oldObjectId: string
  newObjectId: string
}

const notedCommits = 1000

async function newCommits(repository: Repository, change: RefChange): Promise<string[]> {
  if (change.newObjectId === noObject) return []
  // a tag may point to something that isn't a commit
  const tip = await repository.git.read(`${change.newObjectId}^{commit}`)
  if (!tip) return []
  const created = change.oldObjectId === noObject
  const flags = created ? ['--not', `--exclude=${change.name}`, '--exclude=refs/emulator/*', '--all', '--not'] : []
  return listCommits(repository.git, {
    include: change.newObjectId,
    ...(created ? {} : { exclude: change.oldObjectId }),
    top: notedCommits,
    flags,
  })
}

function emitBranch(world: World, repository: Repository, change: RefChange, push: Push) {
  const { name: ref, oldObjectId, newObjectId } = change
  const created = oldObjectId === noObject
  const deleted = newObjectId === noObject
  const kind = created ? 'branch-created' : deleted ? 'branch-deleted' : 'branch-updated'
  if (created) repository.refCreators.set(ref, push.by)
  if (deleted) repository.refCreators.delete(ref)
  world.happenings.emit({ kind, repository, ref, oldObjectId, newObjectId, by: push.by })
  if (!deleted && push.commits.length > 0) {
    world.happenings.emit({
      kind: 'commit-pushed',
      repository,
      ref,
      commitId: newObjectId,
      pushId: push.id,
      by: push.by,
    })
  }
}

/** Adds an iteration for the pull request's present source and target. */
export async function addIteration(
  world: World,
  pullRequest: PullRequest,
  { by, reason, pushId }: { by: Identity; reason: Iteration['reason']; pushId: number | null },
): Promise<void> {
  const { repository, sourceCommit, targetCommit, iterations } = pullRequest
  const [commonCommit = targetCommit] = await mergeBases(repository.git, targetCommit, sourceCommit)
  iterations.push({
    id: iterations.length + 1,
    at: world.clock.now(),
    author: by,
    sourceCommit,
    targetCommit,
    commonCommit,
    reason,
    pushId,
  })
}

async function followSource(world: World, pullRequest: PullRequest, change: RefChange, push: Push) {
  const forced = !(await isAncestor(pullRequest.repository.git, change.oldObjectId, change.newObjectId))
  pullRequest.sourceCommit = change.newObjectId
  await addIteration(world, pullRequest, { by: push.by, reason: forced ? 'forcePush' : 'push', pushId: push.id })
  queueMerge(world, pullRequest, push.by)
  const count = Math.max(1, push.commits.length)
  createSystemThread(world, pullRequest, {
    by: push.by,
    content: `${push.by.displayName} pushed ${count} ${count === 1 ? 'commit' : 'commits'} creating update ${pullRequest.iterations.length}`,
    type: 'RefUpdate',
  })
  world.happenings.emit({ kind: 'pull-request-pushed', pullRequest, by: push.by })
}

/**
 * After refs have moved in the repository on disk, by whatever way: remembers the push, tells everybody, and gives the
 * pull requests on those branches their next iteration or a new merge.
 */
export async function noteRefChanges(
  world: World,
  repository: Repository,
  { by, changes }: { by: Identity; changes: readonly RefChange[] },
): Promise<Push> {
  const push: Push = {
    id: world.nextId('push'),
    at: world.clock.now(),
    by,
    refUpdates: [...changes],
    commits: [],
  }
  for (const change of changes) push.commits.push(...(await newCommits(repository, change)))
  repository.pushes.push(push)
  world.later(0, () => measure(repository))
  for (const change of changes) {
    emitBranch(world, repository, change, push)
    if (change.newObjectId === noObject || change.oldObjectId === noObject) continue
    for (const pullRequest of world.pullRequests.values()) {
      if (pullRequest.repository !== repository || pullRequest.state !== 'active') continue
      if (pullRequest.sourceRef === change.name) await followSource(world, pullRequest, change, push)
      else if (pullRequest.targetRef === change.name) {
        pullRequest.targetCommit = change.newObjectId
        queueMerge(world, pullRequest, by)
      }
    }
  }
  return push
}
