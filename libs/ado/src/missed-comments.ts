import { type GitPullRequest, PullRequestStatus } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { commentsIn } from './comments.ts'
import type { Connection } from './connection.ts'
import type { AzureDevOps, Comment, Person } from './port.ts'
import { pullRequestOf } from './pull-requests.ts'

const pageSize = 100

/**
 * One request for the repositories, one per project and hundred active pull requests, one per active pull request: lists tell
 * neither of new comments nor when a pull request last changed. Descriptions are cut to 400 characters here.
 */
export function missedCommentVerbs(
  connection: Connection,
  whoAmI: () => Promise<Person>,
): Pick<AzureDevOps, 'listCommentsSince'> {
  return {
    async *listCommentsSince({ since }) {
      const me = await whoAmI()
      for await (const found of activePullRequests(connection)) {
        const pullRequest = pullRequestOf(found)
        for (const comment of await commentsOn(connection, found)) {
          if (isNews(comment, since) && comment.author.id !== me.id && !comment.author.isService)
            yield { pullRequest, comment }
        }
      }
    },
  }
}

/** Their clock is finer than ours: what was written in the very millisecond of `since` is told again rather than missed. */
function isNews(comment: Comment, since: Date): boolean {
  return comment.publishedAt.getTime() >= since.getTime()
}

async function* activePullRequests(connection: Connection): AsyncGenerator<GitPullRequest> {
  const git = await connection.git()
  const repositories = (await git.getRepositories()) ?? []
  const projects = new Set(repositories.filter(one => one.isDisabled !== true).flatMap(one => one.project?.id ?? []))
  for (const project of projects) {
    for (let skip = 0; ; skip += pageSize) {
      const page =
        (await git.getPullRequestsByProject(
          project,
          { status: PullRequestStatus.Active },
          undefined,
          skip,
          pageSize,
        )) ?? []
      yield* page
      if (page.length < pageSize) break
    }
  }
}

/** A pull request may be gone since it was listed. */
async function commentsOn(connection: Connection, found: GitPullRequest): Promise<Comment[]> {
  const repository = found.repository
  if (repository?.id === undefined || found.pullRequestId === undefined) return []
  const git = await connection.git()
  const threads = await git.getThreads(repository.id, found.pullRequestId, repository.project?.id)
  return (threads ?? []).flatMap(commentsIn)
}
