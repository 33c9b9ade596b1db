import { type GitPullRequestStatus, GitStatusState } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import type { Connection } from './connection.ts'
import { missing } from './errors-of-azure-devops.ts'
import type { AzureDevOps } from './port.ts'

type Status = Parameters<AzureDevOps['ensureStatus']>[0]

const states = {
  pending: GitStatusState.Pending,
  succeeded: GitStatusState.Succeeded,
  failed: GitStatusState.Failed,
  notApplicable: GitStatusState.NotApplicable,
} as const

export function statusVerbs(connection: Connection): Pick<AzureDevOps, 'ensureStatus'> {
  return {
    async ensureStatus(of) {
      const wanted = statusOf(of)
      const latest = of.again ? await latestOf(connection, of, wanted) : undefined
      if (latest?.id !== undefined && isSame(latest, wanted)) return { statusId: latest.id }
      const git = await connection.git()
      const created = await git.createPullRequestStatus(wanted, of.repositoryId, of.pullRequestId, of.projectId)
      if (created?.id === undefined) throw missing(`pull request ${of.pullRequestId}`)
      return { statusId: created.id }
    },
  }
}

/** Azure DevOps shows `genre/name` and splits at the last slash. */
function statusOf(of: Status): GitPullRequestStatus {
  const slash = of.context.lastIndexOf('/')
  return {
    context: { genre: slash === -1 ? 'code-agent' : of.context.slice(0, slash), name: of.context.slice(slash + 1) },
    state: states[of.state],
    description: of.description,
    ...(of.targetUrl === undefined ? {} : { targetUrl: of.targetUrl }),
  }
}

/** Statuses are only ever added; the one with the highest id of a context counts. */
async function latestOf(
  connection: Connection,
  of: Status,
  wanted: GitPullRequestStatus,
): Promise<GitPullRequestStatus | undefined> {
  const git = await connection.git()
  const statuses = await git.getPullRequestStatuses(of.repositoryId, of.pullRequestId, of.projectId)
  if (statuses === null) throw missing(`pull request ${of.pullRequestId}`)
  return statuses
    .filter(status => status.context?.genre === wanted.context?.genre && status.context?.name === wanted.context?.name)
    .sort((one, other) => (other.id ?? 0) - (one.id ?? 0))[0]
}

function isSame(one: GitPullRequestStatus, other: GitPullRequestStatus): boolean {
  return (
    one.state === other.state &&
    one.description === other.description &&
    (one.targetUrl ?? undefined) === other.targetUrl
  )
}
