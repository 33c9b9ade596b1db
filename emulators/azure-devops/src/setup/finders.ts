import type { PullRequest, Thread } from '../pull-request/pull-request.ts'
import type { Identity } from '../state/identity.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'

export interface At {
  project: string
  repository: string
}

export interface CommentAt {
  pullRequestId: number
  threadId: number
  commentId: number
}

export function fullRef(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`
}

/** Looks things up by the names a script uses; each throws when there is no such thing. */
export function finders(world: World) {
  function pullRequestAt(id: number): PullRequest {
    const found = world.pullRequests.get(id)
    if (!found) throw new Error(`there is no pull request ${id}`)
    return found
  }

  function threadAt(pullRequestId: number, threadId: number): Thread {
    const thread = pullRequestAt(pullRequestId).threads.find(one => one.id === threadId)
    if (!thread) throw new Error(`pull request ${pullRequestId} has no thread ${threadId}`)
    return thread
  }

  return {
    pullRequestAt,
    threadAt,
    person(name: string): Identity {
      const identity = world.identities.byName(name) ?? world.identities.byId(name)
      if (!identity) throw new Error(`nobody is called ${name}`)
      return identity
    },
    repositoryAt({ project, repository }: At): Repository {
      const found = world.findRepository(world.findProject(project), repository)
      if (!found) throw new Error(`there is no repository ${project}/${repository}`)
      return found
    },
    commentAt({ pullRequestId, threadId, commentId }: CommentAt) {
      const thread = threadAt(pullRequestId, threadId)
      const comment = thread.comments.find(one => one.id === commentId)
      if (!comment) throw new Error(`thread ${threadId} has no comment ${commentId}`)
      return { pullRequest: pullRequestAt(pullRequestId), thread, comment }
    },
  }
}
