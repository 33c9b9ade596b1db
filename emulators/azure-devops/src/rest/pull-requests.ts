import { z } from 'zod'
import type { pullRequestEndpoints } from '../contract/pull-request-endpoints.ts'
import { listCommits, readCommits } from '../git/commits.ts'
import { type Answer, type Call, type Handlers, list, readBody } from '../http/call.ts'
import { looseEnum, parseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { createPullRequest, updatePullRequest } from '../pull-request/lifecycle.ts'
import { mergeStrategies, type PullRequest } from '../pull-request/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { contributedPullRequestOf, demand, may, page, pullRequestOf, repositoryOf, tokenPage } from './access.ts'
import { renderListedPullRequest, renderPullRequest } from './render-pull-request.ts'
import { renderCommitRef } from './render-repository.ts'
import { identityFor } from './reviewers.ts'

type Names =
  | 'getPullRequestById'
  | 'getPullRequestsByProject'
  | 'getPullRequests'
  | 'createPullRequest'
  | 'getPullRequest'
  | 'updatePullRequest'
  | 'getPullRequestQuery'
  | 'getPullRequestCommits'
  | 'getWorkItemRefs'

const states = ['notSet', 'active', 'abandoned', 'completed', 'all'] as const
const refName = z.string().regex(/^refs\/heads\/./, 'Invalid argument value.')
const createBody = z.object({
  title: z.string().min(1, 'Invalid argument value.').max(400, 'Invalid argument value.'),
  description: z.string().nullish(),
  sourceRefName: refName,
  targetRefName: refName,
  isDraft: z.boolean().nullish(),
  labels: z.array(z.object({ name: z.string() })).nullish(),
  workItemRefs: z.array(z.object({ id: z.union([z.string(), z.number()]) })).nullish(),
  reviewers: z.array(z.object({ id: z.string(), isRequired: z.boolean().nullish() })).nullish(),
})
const strategyNumbers = { 1: 'noFastForward', 2: 'squash', 3: 'rebase', 4: 'rebaseMerge' } as const
const updateBody = z.object({
  status: looseEnum(states).optional(),
  title: z.string().min(1, 'Invalid argument value.').max(400, 'Invalid argument value.').optional(),
  description: z.string().optional(),
  isDraft: z.boolean().optional(),
  targetRefName: refName.optional(),
  lastMergeSourceCommit: z.object({ commitId: z.string() }).optional(),
  completionOptions: z
    .object({
      mergeStrategy: looseEnum(mergeStrategies, strategyNumbers).optional(),
      squashMerge: z.boolean().optional(),
      deleteSourceBranch: z.boolean().optional(),
      mergeCommitMessage: z.string().optional(),
      transitionWorkItems: z.boolean().optional(),
      bypassPolicy: z.boolean().optional(),
      bypassReason: z.string().optional(),
    })
    .optional(),
  autoCompleteSetBy: z.object({ id: z.string() }).nullish(),
})
// what may be named in a PATCH; anything else is refused rather than dropped
const updatable = new Set([...Object.keys(updateBody.shape), 'mergeOptions'])

async function create(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const body = readBody(call, createBody, 'gitPullRequestToCreate')
  demand(world, call.user, 'PullRequestContribute', repository)
  const pullRequest = await createPullRequest(world, {
    repository,
    by: call.user,
    title: body.title,
    description: body.description ?? undefined,
    sourceRef: body.sourceRefName,
    targetRef: body.targetRefName,
    isDraft: body.isDraft ?? false,
    labels: (body.labels ?? []).map(label => label.name),
    workItems: (body.workItemRefs ?? []).map(ref => String(ref.id)),
    reviewers: (body.reviewers ?? []).map(one => ({
      identity: identityFor(world, one.id),
      isRequired: one.isRequired ?? false,
    })),
  })
  return { json: await renderPullRequest(pullRequest, call.links, 'created') }
}

async function update(world: World, call: Call): Promise<Answer> {
  const pullRequest = contributedPullRequestOf(world, call)
  const given = readBody(call, z.record(z.string(), z.unknown()), 'gitPullRequestToUpdate')
  const foreign = Object.keys(given).find(key => !updatable.has(key))
  if (foreign !== undefined) throw new ServiceError('notUpdatable', foreign)
  const body = readBody(call, updateBody, 'gitPullRequestToUpdate')
  const { status, autoCompleteSetBy: setBy } = body
  if (status === 'notSet' || status === 'all')
    throw new ServiceError('badArgument', 'Invalid argument value.', 'status')
  if (status === 'completed') demand(world, call.user, 'GenericContribute', pullRequest.repository)
  const nobody = setBy?.id === '00000000-0000-0000-0000-000000000000'
  if (setBy && !nobody && setBy.id.toLowerCase() !== call.user.id)
    throw new ServiceError('badArgument', 'Invalid argument value.', 'autoCompleteSetBy')
  await updatePullRequest(world, pullRequest, {
    by: call.user,
    state: status,
    title: body.title,
    description: body.description,
    isDraft: body.isDraft,
    targetRef: body.targetRefName,
    lastMergeSourceCommit: body.lastMergeSourceCommit?.commitId,
    completionOptions: body.completionOptions,
    autoCompleteSetBy: setBy === undefined ? undefined : setBy === null || nobody ? null : call.user,
  })
  return { json: await renderPullRequest(pullRequest, call.links, 'full') }
}

/** Pull requests the caller may see, newest first, that fit the searchCriteria. */
function search(world: World, call: Call, repository: Repository | undefined): PullRequest[] {
  const criterion = (name: string) => call.query.text(`searchCriteria.${name}`)
  const status = parseEnum(states, criterion('status') ?? 'active')
  const wanted = {
    source: criterion('sourceRefName'),
    target: criterion('targetRefName'),
    creator: criterion('creatorId')?.toLowerCase(),
    reviewer: criterion('reviewerId')?.toLowerCase(),
    sourceRepository: criterion('sourceRepositoryId')?.toLowerCase(),
    title: criterion('title')?.toLowerCase(),
  }
  const repositoryId = criterion('repositoryId')?.toLowerCase()
  return [...world.pullRequests.values()]
    .filter(
      one =>
        (repository ? one.repository === repository : may(world, call.user, 'GenericRead', one.repository)) &&
        (repository !== undefined || !call.project || one.repository.project === call.project) &&
        (repositoryId === undefined || one.repository.id === repositoryId) &&
        (status === undefined || status === 'all' || one.state === (status === 'notSet' ? 'active' : status)) &&
        (wanted.source === undefined || one.sourceRef === wanted.source) &&
        (wanted.target === undefined || one.targetRef === wanted.target) &&
        (wanted.creator === undefined || one.createdBy.id === wanted.creator) &&
        (wanted.sourceRepository === undefined || one.repository.id === wanted.sourceRepository) &&
        (wanted.title === undefined || one.title.toLowerCase().includes(wanted.title)) &&
        (wanted.reviewer === undefined || one.reviewers.some(reviewer => reviewer.identity.id === wanted.reviewer)),
    )
    .sort((a, b) => b.id - a.id)
}

function listed(call: Call, found: readonly PullRequest[]): Answer {
  return list(page(call, found, 101, 1000).map(one => renderListedPullRequest(one, call.links)))
}

const queryBody = z.object({
  queries: z.array(z.object({ type: looseEnum(['notSet', 'lastMergeCommit', 'commit']), items: z.array(z.string()) })),
})

async function query(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const { queries } = readBody(call, queryBody, 'queries')
  const results = queries.map(({ type, items }) =>
    Object.fromEntries(
      items.map(item => {
        const fits = (one: PullRequest) =>
          one.repository === repository &&
          (one.mergeCommit === item || (type === 'commit' && one.iterations.some(each => each.sourceCommit === item)))
        const found = [...world.pullRequests.values()].filter(fits)
        return [item, found.map(one => renderListedPullRequest(one, call.links))]
      }),
    ),
  )
  return { json: { queries, results } }
}

async function commitsOf(world: World, call: Call): Promise<Answer> {
  const pullRequest = pullRequestOf(world, call)
  const { repository, iterations } = pullRequest
  const last = iterations.at(-1)
  if (!last) return list([])
  const ids = await listCommits(repository.git, { include: last.sourceCommit, exclude: last.commonCommit })
  const commits = await readCommits(repository.git, ids)
  return tokenPage(call, commits, commit => renderCommitRef(commit, repository, call.links), 100)
}

async function one(world: World, call: Call, form: 'full' | 'byId'): Promise<Answer> {
  const pullRequest = pullRequestOf(world, call)
  const rendered = await renderPullRequest(pullRequest, call.links, form)
  const refs = pullRequest.workItems.map(id => ({ id, url: `${call.links.base}/_apis/wit/workItems/${id}` }))
  return { json: { ...rendered, ...(call.query.flag('includeWorkItemRefs') ? { workItemRefs: refs } : {}) } }
}

export function pullRequestHandlers(world: World): Pick<Handlers<typeof pullRequestEndpoints>, Names> {
  return {
    getPullRequestById: call => one(world, call, 'byId'),
    getPullRequestsByProject: call => listed(call, search(world, call, undefined)),
    getPullRequests: call => listed(call, search(world, call, repositoryOf(world, call))),
    createPullRequest: call => create(world, call),
    getPullRequest: call => one(world, call, 'full'),
    updatePullRequest: call => update(world, call),
    getPullRequestQuery: call => query(world, call),
    getPullRequestCommits: call => commitsOf(world, call),
    getWorkItemRefs(call) {
      const { workItems } = pullRequestOf(world, call)
      return list(workItems.map(id => ({ id, url: `${call.links.base}/_apis/wit/workItems/${id}` })))
    },
  }
}
