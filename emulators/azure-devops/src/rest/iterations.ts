import type { pullRequestEndpoints } from '../contract/pull-request-endpoints.ts'
import { listCommits, readCommits } from '../git/commits.ts'
import { diffTrees } from '../git/diffs.ts'
import { type Answer, type Call, type Handlers, list } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import type { Iteration, PullRequest } from '../pull-request/pull-request.ts'
import type { World } from '../state/world.ts'
import { numberParam, pullRequestOf, tokenPage } from './access.ts'
import { renderIteration } from './render-pull-request.ts'
import { renderCommitRef } from './render-repository.ts'

type Names = 'getIterations' | 'getIteration' | 'getIterationChanges' | 'getIterationCommits'

const defaultChanges = 100
const mostChanges = 2000

export function iterationOf(pullRequest: PullRequest, id: number): Iteration {
  const iteration = pullRequest.iterations[id - 1]
  if (!iteration) throw new ServiceError('iterationNotFound', id)
  return iteration
}

/** One number per file for the life of the pull request, also when the file moves. */
function trackingId(pullRequest: PullRequest, path: string, oldPath: string | null): number {
  const { trackedChanges } = pullRequest
  const known = trackedChanges.get(path) ?? (oldPath === null ? undefined : trackedChanges.get(oldPath))
  const id = known ?? Math.max(0, ...trackedChanges.values()) + 1
  trackedChanges.set(path, id)
  return id
}

async function changes(world: World, call: Call): Promise<Answer> {
  const pullRequest = pullRequestOf(world, call)
  const iteration = iterationOf(pullRequest, numberParam(call, 'iterationId'))
  const compareTo = call.query.number('compareTo') ?? 0
  const base = compareTo > 0 ? iterationOf(pullRequest, compareTo).sourceCommit : iteration.commonCommit
  const all = await diffTrees(pullRequest.repository.git, base, iteration.sourceCommit)
  const skip = Math.max(0, call.query.number('skip') ?? 0)
  const top = Math.min(mostChanges, Math.max(1, call.query.number('top') ?? defaultChanges))
  const entries = all.map(({ change, alsoEdited, path, oldPath, oldObjectId, newObjectId }, index) => ({
    changeTrackingId: trackingId(pullRequest, path, oldPath),
    changeId: index + 1,
    item: {
      objectId: newObjectId ?? oldObjectId,
      ...(oldObjectId && change !== 'add' ? { originalObjectId: oldObjectId } : {}),
      path: `/${path}`,
    },
    ...(oldPath === null ? {} : { originalPath: `/${oldPath}`, sourceServerItem: `/${oldPath}` }),
    changeType: change === 'rename' && alsoEdited ? 'edit, rename' : change,
  }))
  const more = skip + top < entries.length
  return {
    json: {
      changeEntries: entries.slice(skip, skip + top),
      ...(more ? { nextSkip: skip + top, nextTop: Math.min(top, entries.length - skip - top) } : {}),
    },
  }
}

export function iterationHandlers(world: World): Pick<Handlers<typeof pullRequestEndpoints>, Names> {
  return {
    getIterations(call) {
      const pullRequest = pullRequestOf(world, call)
      return list(pullRequest.iterations.map(one => renderIteration(one, pullRequest, call.links)))
    },
    getIteration(call) {
      const pullRequest = pullRequestOf(world, call)
      return {
        json: renderIteration(iterationOf(pullRequest, numberParam(call, 'iterationId')), pullRequest, call.links),
      }
    },
    getIterationChanges: call => changes(world, call),
    async getIterationCommits(call) {
      const pullRequest = pullRequestOf(world, call)
      const { git } = pullRequest.repository
      const { sourceCommit, commonCommit } = iterationOf(pullRequest, numberParam(call, 'iterationId'))
      const commits = await readCommits(git, await listCommits(git, { include: sourceCommit, exclude: commonCommit }))
      return tokenPage(call, commits, commit => renderCommitRef(commit, pullRequest.repository, call.links), 100)
    },
  }
}
