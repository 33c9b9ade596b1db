import { readRef } from '../git/refs.ts'
import { ServiceError } from '../http/service-error.ts'
import { demandPolicies } from '../policy/guard.ts'
import { guidOf } from '../state/guid.ts'
import type { Identity } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { queueCompletion } from './completion.ts'
import { queueMerge } from './merge-job.ts'
import type { CompletionOptions, PullRequest, PullRequestState, Reviewer } from './pull-request.ts'
import { addIteration } from './ref-changes.ts'
import { createSystemThread } from './threads.ts'

const longestDescription = 4000

export interface NewPullRequest {
  repository: Repository
  by: Identity
  title: string
  description?: string | undefined
  sourceRef: string
  targetRef: string
  isDraft?: boolean
  labels?: readonly string[]
  workItems?: readonly string[]
  reviewers?: readonly { identity: Identity; isRequired: boolean }[]
}

export function labelOf(name: string) {
  return { id: guidOf('label', name.toLowerCase()), name, active: true }
}

export function newReviewer(identity: Identity, isRequired = false): Reviewer {
  return { identity, vote: 0, votedOn: 0, isRequired, isFlagged: false, hasDeclined: false }
}

function checkDescription(description: string | undefined) {
  if ((description?.length ?? 0) > longestDescription) throw new ServiceError('descriptionTooLong')
}

function activeTwin(
  world: World,
  { repository, sourceRef, targetRef }: Pick<PullRequest, 'repository' | 'sourceRef' | 'targetRef'>,
) {
  return [...world.pullRequests.values()].find(
    one =>
      one.repository === repository &&
      one.state === 'active' &&
      one.sourceRef === sourceRef &&
      one.targetRef === targetRef,
  )
}

async function tips(repository: Repository, sourceRef: string, targetRef: string) {
  const [sourceCommit, targetCommit] = await Promise.all([
    readRef(repository.git, sourceRef),
    readRef(repository.git, targetRef),
  ])
  if (!sourceCommit || !targetCommit) throw new ServiceError('refNotFoundForPullRequest')
  return { sourceCommit, targetCommit }
}

/** Throws what the service answers: missing branches, an active twin, a description over 4,000 characters. */
export async function createPullRequest(world: World, request: NewPullRequest): Promise<PullRequest> {
  const { repository, by, sourceRef, targetRef } = request
  checkDescription(request.description)
  if (sourceRef === targetRef)
    throw new ServiceError('badArgument', 'The source and target branch are the same.', 'targetRefName')
  const { sourceCommit, targetCommit } = await tips(repository, sourceRef, targetRef)
  // after the last wait, so that of two equal requests at once the second is refused
  if (activeTwin(world, request)) throw new ServiceError('pullRequestExists')
  const id = world.nextId('pull-request')
  const pullRequest: PullRequest = {
    id,
    repository,
    title: request.title,
    description: request.description ?? null,
    sourceRef,
    targetRef,
    state: 'active',
    isDraft: request.isDraft ?? false,
    createdBy: by,
    createdAt: world.clock.now(),
    closedAt: null,
    closedBy: null,
    mergeId: guidOf('merge', world.organisation, id),
    mergeStatus: 'queued',
    sourceCommit,
    targetCommit,
    mergeCommit: null,
    completionOptions: null,
    completionQueuedAt: null,
    autoCompleteSetBy: null,
    iterations: [],
    threads: [],
    statuses: [],
    labels: (request.labels ?? []).map(labelOf),
    reviewers: (request.reviewers ?? []).map(one => newReviewer(one.identity, one.isRequired)),
    workItems: [...(request.workItems ?? [])],
    properties: new Map(),
    attachments: [],
    trackedChanges: new Map(),
  }
  world.pullRequests.set(id, pullRequest)
  await addIteration(world, pullRequest, { by, reason: 'create', pushId: null })
  queueMerge(world, pullRequest, by)
  world.happenings.emit({ kind: 'pull-request-created', pullRequest, by })
  return pullRequest
}

async function setState(world: World, pullRequest: PullRequest, change: PullRequestChange) {
  const { by, state } = change
  if (state === pullRequest.state) return
  if (pullRequest.state === 'completed') throw new ServiceError('pullRequestNotEditable')
  if (state === 'abandoned') {
    Object.assign(pullRequest, {
      state,
      closedAt: world.clock.now(),
      closedBy: by,
      mergeStatus: null,
      mergeCommit: null,
    })
    createSystemThread(world, pullRequest, {
      by,
      content: `${by.displayName} abandoned the pull request`,
      type: 'StatusUpdate',
    })
    world.happenings.emit({ kind: 'pull-request-abandoned', pullRequest, by })
  }
  if (state === 'active') {
    const current = await tips(pullRequest.repository, pullRequest.sourceRef, pullRequest.targetRef)
    if (activeTwin(world, pullRequest)) throw new ServiceError('pullRequestExists')
    const moved = current.sourceCommit !== pullRequest.sourceCommit
    Object.assign(pullRequest, { ...current, state, closedAt: null, closedBy: null })
    if (moved) await addIteration(world, pullRequest, { by, reason: 'push', pushId: null })
    queueMerge(world, pullRequest, by)
    world.happenings.emit({ kind: 'pull-request-reactivated', pullRequest, by })
  }
  if (state === 'completed') {
    pullRequest.completionOptions ??= { mergeStrategy: 'noFastForward' }
    queueCompletion(world, pullRequest, by)
  }
}

export interface PullRequestChange {
  by: Identity
  title?: string | undefined
  description?: string | undefined
  isDraft?: boolean | undefined
  targetRef?: string | undefined
  state?: PullRequestState | undefined
  lastMergeSourceCommit?: string | undefined
  completionOptions?: CompletionOptions | undefined
  /** null takes it back */
  autoCompleteSetBy?: Identity | null | undefined
}

async function retarget(world: World, pullRequest: PullRequest, targetRef: string, by: Identity) {
  const { targetCommit } = await tips(pullRequest.repository, pullRequest.sourceRef, targetRef)
  if (activeTwin(world, { ...pullRequest, targetRef })) throw new ServiceError('pullRequestExists')
  Object.assign(pullRequest, { targetRef, targetCommit })
  await addIteration(world, pullRequest, { by, reason: 'retarget', pushId: null })
  queueMerge(world, pullRequest, by)
}

/** Before anything is changed, so that a refused completion leaves no trace. */
async function checkCompletable(world: World, pullRequest: PullRequest, change: PullRequestChange) {
  const { by, lastMergeSourceCommit, isDraft = pullRequest.isDraft, completionOptions } = change
  if (pullRequest.state !== 'active') throw new ServiceError('pullRequestNotEditable')
  if (isDraft) throw new ServiceError('pullRequestUpdateRejected', 'a draft cannot be completed')
  if (lastMergeSourceCommit !== pullRequest.sourceCommit) throw new ServiceError('pullRequestStale')
  const options = completionOptions ?? pullRequest.completionOptions
  await demandPolicies(world, { ...pullRequest, isDraft }, { by, options })
}

export async function updatePullRequest(
  world: World,
  pullRequest: PullRequest,
  change: PullRequestChange,
): Promise<void> {
  const { by, title, description, isDraft, targetRef, completionOptions, autoCompleteSetBy, state } = change
  checkDescription(description)
  if (completionOptions && JSON.stringify(completionOptions).length > 4000)
    throw new ServiceError('completionOptionsTooLong')
  const onlyReactivates = state === 'active' && pullRequest.state === 'abandoned'
  if (
    pullRequest.state !== 'active' &&
    state === undefined &&
    !onlyReactivates &&
    (targetRef ?? isDraft) !== undefined
  ) {
    throw new ServiceError('pullRequestNotEditable')
  }
  if (state === 'completed' && pullRequest.state !== 'completed') await checkCompletable(world, pullRequest, change)
  if (completionOptions) pullRequest.completionOptions = completionOptions
  if (autoCompleteSetBy !== undefined) pullRequest.autoCompleteSetBy = autoCompleteSetBy
  if (title !== undefined) pullRequest.title = title
  if (description !== undefined) pullRequest.description = description
  if (isDraft !== undefined && isDraft !== pullRequest.isDraft) {
    pullRequest.isDraft = isDraft
    const content = `${by.displayName} ${isDraft ? 'marked the pull request as a draft' : 'published the pull request'}`
    createSystemThread(world, pullRequest, { by, content, type: 'IsDraftUpdate' })
  }
  if (targetRef !== undefined && targetRef !== pullRequest.targetRef) await retarget(world, pullRequest, targetRef, by)
  if (state !== undefined) await setState(world, pullRequest, change)
  world.happenings.emit({ kind: 'pull-request-updated', pullRequest, by })
}
