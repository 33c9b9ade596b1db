import { Throttled } from '@code-agent/jobs/errors'
import {
  type GitPullRequest,
  type GitPullRequestCommentThread,
  PullRequestStatus,
} from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { commentsIn, topicOf } from './comments.ts'
import type { Connection } from './connection.ts'
import type { AzureDevOps, Comment, Person, PullRequestNews } from './port.ts'
import { pullRequestOf } from './pull-requests.ts'

const pageSize = 100

/** Enough that thousands of pull requests take minutes, few enough to leave the credential's allowance to the runs. */
const readAtOnce = 4

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
      const failures: unknown[] = []
      for await (const some of activePullRequests(connection)) {
        for (const { found, read } of await Promise.all(some.map(one => tried(connection, one)))) {
          if ('error' in read) failures.push(read.error)
          else yield newsOf(found, read.threads, { me, since })
        }
        // Going on would only prolong the pause.
        const throttled = failures.find(error => error instanceof Throttled)
        if (throttled !== undefined) throw throttled
      }
      if (failures.length > 0)
        throw new Error(`The comments of ${failures.length} pull requests could not be read.`, { cause: failures[0] })
    },
  }
}

function newsOf(
  found: GitPullRequest,
  threads: GitPullRequestCommentThread[],
  { me, since }: { me: Person; since: Date },
): PullRequestNews {
  const comments = threads.flatMap(commentsIn)
  const news = comments.filter(one => isNews(one, since) && one.author.id !== me.id && !one.author.isService)
  const own = comments.filter(one => one.author.id === me.id)
  return { pullRequest: pullRequestOf(found), comments: news, doubled: doubled(own) }
}

/** The one with the lowest number is the one that every later change finds. */
function doubled(own: Comment[]): { threadId: number; commentId: number }[] {
  const first = new Set<string>()
  return own
    .toSorted((one, other) => one.commentId - other.commentId)
    .filter(({ threadId, text }) => {
      const topic = topicOf(text)
      if (topic === undefined) return false
      const known = first.has(`${threadId} ${topic}`)
      first.add(`${threadId} ${topic}`)
      return known
    })
    .map(({ threadId, commentId }) => ({ threadId, commentId }))
}

/** Their clock is finer than ours: what was written in the very millisecond of `since` is told again rather than missed. */
function isNews(comment: Comment, since: Date): boolean {
  return comment.publishedAt.getTime() >= since.getTime()
}

/** A few at a time, of which the comments may be read at once. */
async function* activePullRequests(connection: Connection): AsyncGenerator<GitPullRequest[]> {
  const git = await connection.git()
  const repositories = (await git.getRepositories()) ?? []
  const projects = new Set(repositories.filter(one => one.isDisabled !== true).flatMap(one => one.project?.id ?? []))
  const criteria = { status: PullRequestStatus.Active }
  for (const project of projects) {
    for (let skip = 0; ; skip += pageSize) {
      const page = (await git.getPullRequestsByProject(project, criteria, undefined, skip, pageSize)) ?? []
      for (let from = 0; from < page.length; from += readAtOnce) yield page.slice(from, from + readAtOnce)
      if (page.length < pageSize) break
    }
  }
}

async function tried(connection: Connection, found: GitPullRequest) {
  try {
    return { found, read: { threads: await threadsOn(connection, found) } }
  } catch (error) {
    return { found, read: { error } }
  }
}

/** A pull request may be gone since it was listed. */
async function threadsOn(connection: Connection, found: GitPullRequest): Promise<GitPullRequestCommentThread[]> {
  const repository = found.repository
  if (repository?.id === undefined || found.pullRequestId === undefined) return []
  const git = await connection.git()
  return (await git.getThreads(repository.id, found.pullRequestId, repository.project?.id)) ?? []
}
