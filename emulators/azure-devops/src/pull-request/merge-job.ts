import { type Signature, writeCommit } from '../git/commits.ts'
import { mergeTrees } from '../git/merging.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { type PullRequest, shortBranch } from './pull-request.ts'

/** The message of the merge commit, also of the preview merge. */
export function mergeMessage({ id, sourceRef, targetRef }: PullRequest): string {
  return `Merge pull request ${id} from ${shortBranch(sourceRef)} into ${shortBranch(targetRef)}`
}

export function signatureOf(identity: Identity, at: number): Signature {
  return { name: identity.displayName, email: identity.uniqueName, at }
}

async function previewMerge(world: World, pullRequest: PullRequest): Promise<void> {
  const { repository, sourceCommit, targetCommit } = pullRequest
  const treeId = await mergeTrees(repository.git, targetCommit, sourceCommit)
  const author = signatureOf(pullRequest.createdBy, world.clock.now())
  const message = mergeMessage(pullRequest)
  const parents = [targetCommit, sourceCommit]
  const merged = treeId && (await writeCommit(repository.git, { treeId, parents, author, committer: author, message }))
  // pushed to, abandoned or completed while git was at work: another job's business
  const stale = pullRequest.sourceCommit !== sourceCommit || pullRequest.targetCommit !== targetCommit
  if (stale || pullRequest.mergeStatus !== 'queued' || pullRequest.completionQueuedAt !== null) return
  pullRequest.mergeCommit = merged ?? null
  pullRequest.mergeStatus = merged ? 'succeeded' : 'conflicts'
  if (!merged) return
  await repository.git.run(['update-ref', `refs/pull/${pullRequest.id}/merge`, merged])
}

/** The merge is queued now and its result stands a moment later, as on the real service. */
export function queueMerge(world: World, pullRequest: PullRequest, by: Identity): void {
  pullRequest.mergeStatus = 'queued'
  pullRequest.mergeCommit = null
  world.later(world.mergeDelayMs, async () => {
    await previewMerge(world, pullRequest)
    world.happenings.emit({ kind: 'merge-evaluated', pullRequest, by })
  })
}
