import { listCommits, readCommits, type Signature, writeCommit } from '../git/commits.ts'
import { cherryPick, mergeTrees } from '../git/merging.ts'
import { noObject, readRef, updateRef } from '../git/refs.ts'
import { blockingPolicies } from '../policy/guard.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { mergeMessage, signatureOf } from './merge-job.ts'
import type { MergeStrategy, PullRequest } from './pull-request.ts'
import { noteRefChanges } from './ref-changes.ts'

async function rebased(pullRequest: PullRequest, committer: Signature): Promise<string | undefined> {
  const { git } = pullRequest.repository
  const range = {
    include: pullRequest.sourceCommit,
    exclude: pullRequest.targetCommit,
    flags: ['--reverse', '--no-merges'],
  }
  let tip = pullRequest.targetCommit
  for (const commit of await readCommits(git, await listCommits(git, range))) {
    const next = await cherryPick(git, commit, tip, committer)
    if (next === undefined) return undefined
    tip = next
  }
  return tip
}

/** What the target branch becomes, or undefined on a conflict. */
async function completedCommit(world: World, pullRequest: PullRequest, strategy: MergeStrategy, by: Identity) {
  const { repository, sourceCommit, targetCommit, completionOptions } = pullRequest
  const committer = signatureOf(by, world.clock.now())
  const message = completionOptions?.mergeCommitMessage || `${mergeMessage(pullRequest)}\n`
  if (strategy === 'rebase') return rebased(pullRequest, committer)
  const source = strategy === 'rebaseMerge' ? await rebased(pullRequest, committer) : sourceCommit
  const treeId = source && (await mergeTrees(repository.git, targetCommit, source))
  if (!source || !treeId) return undefined
  const parents = strategy === 'squash' ? [targetCommit] : [targetCommit, source]
  return writeCommit(repository.git, { treeId, parents, author: committer, committer, message })
}

function giveUp(world: World, pullRequest: PullRequest, by: Identity, reason: 'conflicts' | 'rejectedByPolicy') {
  pullRequest.mergeStatus = reason
  pullRequest.completionQueuedAt = null
  pullRequest.closedBy = null
  world.happenings.emit({ kind: 'merge-evaluated', pullRequest, by })
}

async function deleteSource(world: World, pullRequest: PullRequest, by: Identity) {
  const { repository, sourceRef, sourceCommit } = pullRequest
  const change = { name: sourceRef, oldObjectId: sourceCommit, newObjectId: noObject }
  if (await updateRef(repository.git, change)) await noteRefChanges(world, repository, { by, changes: [change] })
}

async function complete(world: World, pullRequest: PullRequest, by: Identity): Promise<void> {
  const { repository, targetRef, completionOptions } = pullRequest
  // a vote or a thread may have come since it was queued
  const blocking = await blockingPolicies(world, pullRequest, { by, options: completionOptions })
  if (blocking.length > 0) return giveUp(world, pullRequest, by, 'rejectedByPolicy')
  const strategy = completionOptions?.mergeStrategy ?? (completionOptions?.squashMerge ? 'squash' : 'noFastForward')
  const landed = await repository.git.exclusive(async () => {
    const oldObjectId = (await readRef(repository.git, targetRef)) ?? pullRequest.targetCommit
    pullRequest.targetCommit = oldObjectId
    const newObjectId = await completedCommit(world, pullRequest, strategy, by)
    if (newObjectId === undefined) return undefined
    const change = { name: targetRef, oldObjectId, newObjectId }
    return (await updateRef(repository.git, change)) ? change : undefined
  })
  if (!landed) return giveUp(world, pullRequest, by, 'conflicts')
  pullRequest.state = 'completed'
  pullRequest.closedAt = world.clock.now()
  pullRequest.closedBy = by
  pullRequest.mergeStatus = 'succeeded'
  pullRequest.mergeCommit = landed.newObjectId
  await noteRefChanges(world, repository, { by, changes: [landed] })
  if (completionOptions?.deleteSourceBranch) await deleteSource(world, pullRequest, by)
  world.happenings.emit({ kind: 'pull-request-completed', pullRequest, by })
}

/** Completes a moment later: until then the pull request is active with a queued merge. */
export function queueCompletion(world: World, pullRequest: PullRequest, by: Identity): void {
  pullRequest.completionQueuedAt = world.clock.now()
  pullRequest.closedBy = by
  pullRequest.mergeStatus = 'queued'
  pullRequest.mergeCommit = null
  world.later(world.mergeDelayMs, () => complete(world, pullRequest, by))
}
