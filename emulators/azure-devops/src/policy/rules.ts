import { z } from 'zod'
import type { PullRequest } from '../pull-request/pull-request.ts'

export type EvaluationStatus = 'queued' | 'running' | 'approved' | 'rejected' | 'notApplicable'
/** What a policy says of a pull request as it is now; `build` is how far its build has come. */
export type Rule = (pullRequest: PullRequest, build: EvaluationStatus) => EvaluationStatus

const flag = z.boolean().nullish()

/** Votes 5 and 10 approve; any vote against rejects unless downvotes are allowed. */
export function minimumReviewers(settings: unknown): Rule {
  const { minimumApproverCount, creatorVoteCounts, allowDownvotes, requireVoteOnLastIteration, blockLastPusherVote } = z
    .object({
      minimumApproverCount: z.number().int().min(1),
      creatorVoteCounts: flag,
      allowDownvotes: flag,
      requireVoteOnLastIteration: flag,
      blockLastPusherVote: flag,
    })
    .parse(settings)
  return ({ reviewers, createdBy, iterations }) => {
    const last = iterations.at(-1)
    if (!allowDownvotes && reviewers.some(one => one.vote < 0)) return 'rejected'
    const approvals = reviewers.filter(
      ({ vote, identity }) =>
        vote >= 5 &&
        (creatorVoteCounts || identity !== createdBy) &&
        !(blockLastPusherVote && identity === last?.author),
    )
    const recent = !requireVoteOnLastIteration || approvals.some(one => one.votedOn === last?.id)
    return recent && approvals.length >= minimumApproverCount ? 'approved' : 'running'
  }
}

/** Of each of these, or of somebody in it when it is a group, one approval. */
export function requiredReviewers(settings: unknown): Rule {
  const { requiredReviewerIds } = z.object({ requiredReviewerIds: z.array(z.string()).min(1) }).parse(settings)
  return ({ reviewers }) => {
    const wanted = requiredReviewerIds.map(id => id.toLowerCase())
    const votesOf = (id: string) =>
      reviewers.filter(({ identity }) => identity.id === id || identity.memberOf.includes(id)).map(({ vote }) => vote)
    if (wanted.some(id => votesOf(id).some(vote => vote < 0))) return 'rejected'
    return wanted.every(id => votesOf(id).some(vote => vote >= 5)) ? 'approved' : 'running'
  }
}

/** Every thread that people opened is resolved. */
export function commentRequirements(): Rule {
  return ({ threads }) => {
    const open = threads.some(
      ({ status, comments }) =>
        (status === 'active' || status === 'pending') && comments.some(one => !one.isDeleted && one.kind !== 'system'),
    )
    return open ? 'rejected' : 'approved'
  }
}

export function workItemLinking(): Rule {
  return ({ workItems }) => (workItems.length > 0 ? 'approved' : 'rejected')
}

/** The newest status of this genre and name; with `invalidateOnSourceUpdate` only one of the newest iteration counts. */
export function requiredStatus(settings: unknown): Rule {
  const { statusName, statusGenre, authorId, invalidateOnSourceUpdate, policyApplicability } = z
    .object({
      statusName: z.string().min(1),
      statusGenre: z.string().nullish(),
      authorId: z.string().nullish(),
      invalidateOnSourceUpdate: flag,
      policyApplicability: z.union([z.string(), z.number()]).nullish(),
    })
    .parse(settings)
  // 1, or conditional: only from when such a status has been posted
  const waits = ['1', 'conditional'].includes(String(policyApplicability).toLowerCase())
  return ({ statuses, iterations }) => {
    const posted = statuses.filter(
      ({ context, by }) =>
        context.name === statusName &&
        (context.genre ?? '') === (statusGenre ?? '') &&
        (!authorId || by.id === authorId.toLowerCase()),
    )
    const last = iterations.at(-1)?.id
    const latest = posted.findLast(one => !invalidateOnSourceUpdate || one.iterationId === last)
    if (!latest) return waits && posted.length === 0 ? 'notApplicable' : 'queued'
    if (latest.state === 'succeeded' || latest.state === 'notApplicable') return 'approved'
    return latest.state === 'pending' || latest.state === 'notSet' ? 'running' : 'rejected'
  }
}

export function buildValidation(settings: unknown): Rule {
  z.object({ buildDefinitionId: z.number().int().min(1) }).parse(settings)
  return (_, build) => build
}

/** Goes by the options that were given for completion, a plain merge while there are none. */
export function mergeStrategy(settings: unknown): Rule {
  const { useSquashMerge, allowSquash, allowRebase, allowRebaseMerge, allowNoFastForward } = z
    .object({
      useSquashMerge: flag,
      allowSquash: flag,
      allowRebase: flag,
      allowRebaseMerge: flag,
      allowNoFastForward: flag,
    })
    .parse(settings)
  const allowed = {
    noFastForward: allowNoFastForward,
    squash: allowSquash,
    rebase: allowRebase,
    rebaseMerge: allowRebaseMerge,
  }
  const any = Object.values(allowed).some(Boolean)
  return ({ completionOptions }) => {
    const chosen = completionOptions?.mergeStrategy ?? (completionOptions?.squashMerge ? 'squash' : 'noFastForward')
    const fits = any ? allowed[chosen] : !useSquashMerge || chosen === 'squash'
    return fits ? 'approved' : 'rejected'
  }
}
