import { z } from 'zod'
import type { pullRequestEndpoints } from '../contract/pull-request-endpoints.ts'
import { type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { newReviewer } from '../pull-request/lifecycle.ts'
import type { PullRequest, Reviewer } from '../pull-request/pull-request.ts'
import { createSystemThread } from '../pull-request/threads.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'
import { contributedPullRequestOf, pullRequestOf } from './access.ts'
import { renderReviewer } from './render-pull-request.ts'

type Names = 'getReviewers' | 'createReviewers' | 'getReviewer' | 'createReviewer' | 'updateReviewer' | 'deleteReviewer'

const votes = [10, 5, 0, -5, -10]
const reviewerBody = z.object({
  vote: z
    .number()
    .refine(vote => votes.includes(vote), 'Invalid argument value.')
    .optional(),
  isRequired: z.boolean().nullish(),
  isFlagged: z.boolean().nullish(),
  hasDeclined: z.boolean().nullish(),
})

/** Identities are named by GUID, as the service does; 400 for one that does not exist. */
export function identityFor(world: World, id: string): Identity {
  const identity = world.identities.byId(id)
  if (!identity) throw new ServiceError('badArgument', 'Invalid argument value.', 'reviewerId')
  return identity
}

function reviewerOf(call: Call, pullRequest: PullRequest): Reviewer {
  const id = param(call, 'reviewerId').toLowerCase()
  const reviewer = pullRequest.reviewers.find(one => one.identity.id === id)
  if (!reviewer) throw new ServiceError('reviewerNotFound', id)
  return reviewer
}

function ensureReviewer(pullRequest: PullRequest, identity: Identity): Reviewer {
  const known = pullRequest.reviewers.find(one => one.identity === identity)
  if (known) return known
  const added = newReviewer(identity)
  pullRequest.reviewers.push(added)
  return added
}

function vote(world: World, pullRequest: PullRequest, reviewer: Reviewer, value: number) {
  // a draft takes the vote, answers 200, and forgets it
  if (pullRequest.isDraft || reviewer.vote === value) return
  reviewer.vote = value
  reviewer.votedOn = pullRequest.iterations.length
  const content = `${reviewer.identity.displayName} voted ${value}`
  createSystemThread(world, pullRequest, { by: reviewer.identity, content, type: 'VoteUpdate' })
}

function put(world: World, call: Call) {
  const pullRequest = contributedPullRequestOf(world, call)
  const body = readBody(call, reviewerBody, 'reviewer')
  const identity = identityFor(world, param(call, 'reviewerId'))
  if (body.vote !== undefined && body.vote !== 0 && identity !== call.user) {
    throw new ServiceError('pullRequestUpdateRejected', 'nobody can vote for somebody else')
  }
  const reviewer = ensureReviewer(pullRequest, identity)
  if (body.isRequired !== undefined && body.isRequired !== null) reviewer.isRequired = body.isRequired
  if (body.isFlagged !== undefined && body.isFlagged !== null) reviewer.isFlagged = body.isFlagged
  if (body.hasDeclined !== undefined && body.hasDeclined !== null) reviewer.hasDeclined = body.hasDeclined
  if (body.vote !== undefined) vote(world, pullRequest, reviewer, body.vote)
  world.happenings.emit({ kind: 'reviewer-updated', pullRequest, name: identity.name, by: call.user })
  return { json: renderReviewer(reviewer, pullRequest, call.links) }
}

export function reviewerHandlers(world: World): Pick<Handlers<typeof pullRequestEndpoints>, Names> {
  return {
    getReviewers(call) {
      const pullRequest = pullRequestOf(world, call)
      return list(pullRequest.reviewers.map(one => renderReviewer(one, pullRequest, call.links)))
    },
    createReviewers(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const identities = readBody(call, z.array(z.object({ id: z.string() })), 'reviewers').map(({ id }) =>
        identityFor(world, id),
      )
      const reviewers = identities.map(identity => ensureReviewer(pullRequest, identity))
      for (const { name } of identities)
        world.happenings.emit({ kind: 'reviewer-updated', pullRequest, name, by: call.user })
      return list(reviewers.map(one => renderReviewer(one, pullRequest, call.links)))
    },
    getReviewer(call) {
      const pullRequest = pullRequestOf(world, call)
      return { json: renderReviewer(reviewerOf(call, pullRequest), pullRequest, call.links) }
    },
    createReviewer: call => put(world, call),
    updateReviewer: call => put(world, call),
    deleteReviewer(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const reviewer = reviewerOf(call, pullRequest)
      pullRequest.reviewers = pullRequest.reviewers.filter(one => one !== reviewer)
      world.happenings.emit({ kind: 'reviewer-removed', pullRequest, name: reviewer.identity.name, by: call.user })
      return {}
    },
  }
}
