import type { Comment, PullRequest, PullRequestStatus, Thread } from '../pull-request/pull-request.ts'
import type { Identity } from './identity.ts'
import type { Repository } from './repository.ts'

/** Everything that changes the emulated organisation; the ledger, the page and the service hooks all listen to these. */
export type Happening =
  | {
      kind: 'branch-created' | 'branch-updated' | 'branch-deleted'
      repository: Repository
      ref: string
      oldObjectId: string
      newObjectId: string
      by: Identity
    }
  | { kind: 'commit-pushed'; repository: Repository; ref: string; commitId: string; pushId: number; by: Identity }
  | {
      kind: 'repository-created' | 'repository-updated' | 'repository-deleted'
      repository: Repository
      by: Identity
    }
  | {
      kind:
        | 'pull-request-created'
        | 'pull-request-updated'
        | 'pull-request-abandoned'
        | 'pull-request-reactivated'
        | 'pull-request-completed'
        | 'pull-request-pushed'
        | 'merge-evaluated'
        | 'properties-updated'
        | 'build-finished'
      pullRequest: PullRequest
      by: Identity
    }
  | {
      kind:
        | 'label-added'
        | 'label-removed'
        | 'reviewer-updated'
        | 'reviewer-removed'
        | 'attachment-created'
        | 'attachment-deleted'
      pullRequest: PullRequest
      name: string
      by: Identity
    }
  | { kind: 'thread-created' | 'thread-updated'; pullRequest: PullRequest; thread: Thread; by: Identity }
  | {
      kind: 'comment-created' | 'comment-updated' | 'comment-deleted' | 'comment-liked' | 'comment-unliked'
      pullRequest: PullRequest
      thread: Thread
      comment: Comment
      by: Identity
    }
  | { kind: 'status-posted' | 'status-deleted'; pullRequest: PullRequest; status: PullRequestStatus; by: Identity }

/** The ids a reader of the ledger needs to find the thing again. */
export function idsOf(happening: Happening): Record<string, string | number> {
  const repository = 'repository' in happening ? happening.repository : happening.pullRequest.repository
  const ids: Record<string, string | number> = {
    project: repository.project.name,
    repository: repository.name,
    repositoryId: repository.id,
  }
  if ('pullRequest' in happening) ids.pullRequestId = happening.pullRequest.id
  if ('ref' in happening) {
    ids.ref = happening.ref
    ids.branch = happening.ref.replace(/^refs\/heads\//, '')
  }
  if ('newObjectId' in happening) ids.objectId = happening.newObjectId
  if ('commitId' in happening) ids.commitId = happening.commitId
  if ('pushId' in happening) ids.pushId = happening.pushId
  if ('thread' in happening) ids.threadId = happening.thread.id
  if ('comment' in happening) ids.commentId = happening.comment.id
  if ('name' in happening) ids.name = happening.name
  if ('status' in happening) {
    ids.statusId = happening.status.id
    ids.context = `${happening.status.context.genre ?? ''}/${happening.status.context.name}`
    ids.state = happening.status.state
  }
  return ids
}

export interface Happenings {
  emit(happening: Happening): void
  on(listener: (happening: Happening) => void): () => void
}

export function createHappenings(): Happenings {
  const listeners = new Set<(happening: Happening) => void>()
  return {
    emit(happening) {
      for (const listener of [...listeners]) listener(happening)
    },
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
