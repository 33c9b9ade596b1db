import { z } from 'zod'
import type { pullRequestEndpoints } from '../contract/pull-request-endpoints.ts'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { type Answer, type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { looseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { type PullRequest, type PullRequestStatus, statusStates } from '../pull-request/pull-request.ts'
import type { World } from '../state/world.ts'
import { contributedPullRequestOf, demand, numberParam, pullRequestOf, repositoryOf } from './access.ts'
import { iterationOf } from './iterations.ts'
import { hrefs, isoDate } from './links.ts'
import { propertyBag } from './property-bag.ts'
import { renderStatus } from './render-pull-request.ts'
import { renderIdentity } from './render-repository.ts'

type Names =
  | 'getStatuses'
  | 'createStatus'
  | 'updateStatuses'
  | 'getStatus'
  | 'deleteStatus'
  | 'getIterationStatuses'
  | 'createIterationStatus'
  | 'updateIterationStatuses'
  | 'getIterationStatus'
  | 'deleteIterationStatus'

const statusBody = z.object({
  state: looseEnum(statusStates).default('notSet'),
  description: z.string().nullish(),
  context: z.object({ name: z.string().min(1, 'Invalid argument value.'), genre: z.string().nullish() }),
  targetUrl: z.string().nullish(),
  iterationId: z.number().int().nullish(),
  properties: propertyBag.nullish(),
})
const removals = z.array(z.object({ op: looseEnum(['add', 'remove']), path: z.string() }))

function create(world: World, call: Call, iterationId: number | null): Answer {
  const pullRequest = contributedPullRequestOf(world, call)
  const body = readBody(call, statusBody, 'status')
  if (pullRequest.state !== 'active') throw new ServiceError('statusNotEditable')
  const iteration = iterationId ?? body.iterationId ?? null
  if (iteration !== null) iterationOf(pullRequest, iteration)
  const status: PullRequestStatus = {
    id: Math.max(0, ...pullRequest.statuses.map(one => one.id)) + 1,
    state: body.state,
    description: body.description ?? '',
    context: { name: body.context.name, genre: body.context.genre ?? null },
    targetUrl: body.targetUrl ?? null,
    createdAt: world.clock.now(),
    by: call.user,
    iterationId: iteration,
    properties: body.properties ?? new Map(),
  }
  pullRequest.statuses.push(status)
  world.happenings.emit({ kind: 'status-posted', pullRequest, status, by: call.user })
  return { json: renderStatus(status, pullRequest, call.links) }
}

function statusOf(call: Call, pullRequest: PullRequest): PullRequestStatus {
  const id = numberParam(call, 'statusId')
  const status = pullRequest.statuses.find(one => one.id === id)
  if (!status) throw new ServiceError('statusNotFound', id)
  return status
}

function remove(world: World, pullRequest: PullRequest, id: number, call: Call) {
  const status = pullRequest.statuses.find(one => one.id === id)
  if (!status) throw new ServiceError('statusNotFound', id)
  pullRequest.statuses = pullRequest.statuses.filter(one => one !== status)
  world.happenings.emit({ kind: 'status-deleted', pullRequest, status, by: call.user })
}

function editable(world: World, call: Call): PullRequest {
  const pullRequest = contributedPullRequestOf(world, call)
  if (pullRequest.state !== 'active') throw new ServiceError('statusNotEditable')
  return pullRequest
}

function patch(world: World, call: Call): Answer {
  const pullRequest = editable(world, call)
  for (const { op, path } of readBody(call, removals, 'patchDocument')) {
    if (op !== 'remove') throw new ServiceError('badArgument', 'Invalid argument value.', 'patchDocument')
    remove(world, pullRequest, Number(path.replace(/^\//, '')), call)
  }
  return {}
}

function statusHandlersOf(world: World, ofIteration: boolean) {
  const iteration = (call: Call, pullRequest: PullRequest) =>
    ofIteration ? iterationOf(pullRequest, numberParam(call, 'iterationId')).id : null
  return {
    all(call: Call) {
      const pullRequest = pullRequestOf(world, call)
      const id = iteration(call, pullRequest)
      const statuses = pullRequest.statuses.filter(one => id === null || one.iterationId === id)
      return list(statuses.map(status => renderStatus(status, pullRequest, call.links)))
    },
    create: (call: Call) => create(world, call, iteration(call, pullRequestOf(world, call))),
    one(call: Call) {
      const pullRequest = pullRequestOf(world, call)
      return { json: renderStatus(statusOf(call, pullRequest), pullRequest, call.links) }
    },
    remove(call: Call) {
      remove(world, editable(world, call), numberParam(call, 'statusId'), call)
      return {}
    },
    patch: (call: Call) => patch(world, call),
  }
}

export function statusHandlers(world: World): Pick<Handlers<typeof pullRequestEndpoints>, Names> {
  const whole = statusHandlersOf(world, false)
  const ofIteration = statusHandlersOf(world, true)
  return {
    getStatuses: whole.all,
    createStatus: whole.create,
    updateStatuses: whole.patch,
    getStatus: whole.one,
    deleteStatus: whole.remove,
    getIterationStatuses: ofIteration.all,
    createIterationStatus: ofIteration.create,
    updateIterationStatuses: ofIteration.patch,
    getIterationStatus: ofIteration.one,
    deleteIterationStatus: ofIteration.remove,
  }
}

/** Statuses of commits, as builds post them. */
export function commitStatusHandlers(
  world: World,
): Pick<Handlers<typeof repositoryEndpoints>, 'getCommitStatuses' | 'createCommitStatus'> {
  function render(call: Call, status: ReturnType<typeof repositoryOf>['commitStatuses'][number]) {
    const at = isoDate(status.createdAt)
    return {
      id: status.id,
      state: status.state,
      description: status.description ?? '',
      context: { name: status.context.name, genre: status.context.genre },
      creationDate: at,
      updatedDate: at,
      createdBy: renderIdentity(status.by, call.links),
      targetUrl: status.targetUrl,
      _links: hrefs({ commit: `${call.links.repository(repositoryOf(world, call))}/commits/${status.commitId}` }),
    }
  }
  return {
    getCommitStatuses(call) {
      const commitId = param(call, 'commitId').toLowerCase()
      const statuses = repositoryOf(world, call).commitStatuses.filter(one => one.commitId === commitId)
      return list(statuses.map(status => render(call, status)))
    },
    async createCommitStatus(call) {
      const repository = repositoryOf(world, call)
      demand(world, call.user, 'GenericContribute', repository)
      const body = readBody(call, statusBody, 'gitCommitStatusToCreate')
      const commitId = param(call, 'commitId').toLowerCase()
      if (!(await repository.git.read(`${commitId}^{commit}`))) throw new ServiceError('commitNotFound', commitId)
      const status = {
        id: repository.commitStatuses.length + 1,
        commitId,
        state: body.state,
        description: body.description ?? null,
        targetUrl: body.targetUrl ?? null,
        context: { name: body.context.name, genre: body.context.genre ?? null },
        createdAt: world.clock.now(),
        by: call.user,
      }
      repository.commitStatuses.push(status)
      return { json: render(call, status) }
    },
  }
}
