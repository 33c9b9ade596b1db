import { unmetPolicies } from '../policy/guard.ts'
import { policyTypes } from '../policy/policy-types.ts'
import { permission } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { queueCompletion } from './completion.ts'
import type { PullRequest } from './pull-request.ts'

function isReady({ state, isDraft, mergeStatus, completionQueuedAt, autoCompleteSetBy }: PullRequest): boolean {
  return (
    state === 'active' &&
    !isDraft &&
    mergeStatus === 'succeeded' &&
    completionQueuedAt === null &&
    autoCompleteSetBy !== null
  )
}

async function completeIfMet(world: World, pullRequest: PullRequest): Promise<void> {
  const unmet = await unmetPolicies(world, pullRequest)
  const by = pullRequest.autoCompleteSetBy
  // looked at again, since others may have been here while the policies were asked
  if (unmet.length > 0 || !isReady(pullRequest) || !by) return
  const mayContribute = world.identities.effective(by, pullRequest.repository.id) & permission.GenericContribute
  if (mayContribute === 0) return
  pullRequest.completionOptions ??= { mergeStrategy: 'noFastForward' }
  queueCompletion(world, pullRequest, by)
}

/** A push takes approvals away, and votes against as well, where the reviewers' policy says so. */
async function resetVotes(world: World, pullRequest: PullRequest): Promise<void> {
  const { repository, targetRef, iterations } = pullRequest
  const last = iterations.at(-1)?.id ?? 0
  for (const { type, settings } of await world.policies.inForce(repository, targetRef)) {
    if (type.id !== policyTypes.minimumReviewers.id) continue
    const everything = settings.resetRejectionsOnSourcePush === true
    if (!everything && settings.resetOnSourcePush !== true) continue
    for (const reviewer of pullRequest.reviewers) {
      if (reviewer.votedOn < last && (everything || reviewer.vote > 0)) reviewer.vote = 0
    }
  }
}

/** Completes pull requests that are set to complete by themselves, and resets votes, as things happen. */
export function followPolicies(world: World): void {
  world.happenings.on(happening => {
    if (!('pullRequest' in happening)) return
    const { kind, pullRequest } = happening
    if (kind === 'pull-request-pushed') world.later(0, () => resetVotes(world, pullRequest))
    if (isReady(pullRequest)) world.later(0, () => completeIfMet(world, pullRequest))
  })
}
