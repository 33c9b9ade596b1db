import { ServiceError } from '../http/service-error.ts'
import type { CompletionOptions, PullRequest } from '../pull-request/pull-request.ts'
import { type Identity, permission } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'

/** Names of the blocking policies that stand between this pull request and its completion. */
export async function unmetPolicies(world: World, pullRequest: PullRequest): Promise<string[]> {
  const evaluations = await world.policies.evaluate(pullRequest)
  return evaluations
    .filter(
      ({ configuration, status }) => configuration.isBlocking && status !== 'approved' && status !== 'notApplicable',
    )
    .map(({ configuration }) => configuration.type.displayName)
}

function has(world: World, by: Identity, right: keyof typeof permission, repository: Repository): boolean {
  return (world.identities.effective(by, repository.id) & permission[right]) !== 0
}

/** Names of the policies that keep this person from completing the pull request with these options. */
export async function blockingPolicies(
  world: World,
  pullRequest: PullRequest,
  { by, options }: { by: Identity; options: CompletionOptions | null },
): Promise<string[]> {
  const bypass = options?.bypassPolicy === true
  if (bypass && has(world, by, 'PullRequestBypassPolicy', pullRequest.repository)) return []
  return unmetPolicies(world, { ...pullRequest, completionOptions: options })
}

/** Throws unless the pull request may be completed by this person with these options. */
export async function demandPolicies(
  world: World,
  pullRequest: PullRequest,
  completion: { by: Identity; options: CompletionOptions | null },
): Promise<void> {
  const unmet = await blockingPolicies(world, pullRequest, completion)
  if (unmet.length > 0) throw new ServiceError('pullRequestRejectedByPolicy', unmet.join(', '))
}

/** Whether only a pull request may change this branch, which is so from the first blocking policy on. */
export async function isPullRequestOnly(
  world: World,
  repository: Repository,
  { ref, exists, by }: { ref: string; exists: boolean; by: Identity },
): Promise<boolean> {
  if (repository.protectedRefs.has(ref)) return true
  if (!exists || has(world, by, 'PolicyExempt', repository)) return false
  return (await world.policies.inForce(repository, ref)).some(one => one.isBlocking)
}
