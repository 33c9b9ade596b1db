import { Rejected } from '@code-agent/jobs/errors'
import { type GitPullRequest, PullRequestStatus } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { branchOf, refOf } from './branches.ts'
import type { Connection } from './connection.ts'
import { missing, Refused } from './errors-of-azure-devops.ts'
import { personOf } from './people.ts'
import type { AzureDevOps, Person, PullRequest } from './port.ts'

type Draft = Parameters<AzureDevOps['ensureDraftPr']>[0]
type Branches = Parameters<AzureDevOps['findDraftPr']>[0]

export function pullRequestVerbs(
  connection: Connection,
  whoAmI: () => Promise<Person>,
): Pick<AzureDevOps, 'readPullRequest' | 'ensureDraftPr' | 'findDraftPr'> {
  return {
    async readPullRequest(of) {
      const git = await connection.git()
      const skip = undefined
      const found = await git.getPullRequest(
        of.repositoryId,
        of.pullRequestId,
        of.projectId,
        skip,
        skip,
        skip,
        false,
        true,
      )
      return found === null ? { found: false } : { found: true, pullRequest: pullRequestOf(found) }
    },

    async ensureDraftPr(of) {
      const landed = of.again ? await adoptable(connection, whoAmI, of) : undefined
      if (landed !== undefined) return landed
      try {
        return await createDraft(connection, of)
      } catch (error) {
        // The refusal of a second one does not say which the first is.
        const existing = isDuplicate(error) ? await adoptable(connection, whoAmI, of) : undefined
        if (existing === undefined) throw branchGone(error, of) ?? error
        return existing
      }
    },

    async findDraftPr(of) {
      const found = await between(connection, of)
      const one = idOf(withStatus(found, PullRequestStatus.Active) ?? withStatus(found, PullRequestStatus.Completed))
      return one === undefined ? { found: false } : { found: true, ...one }
    },
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Refused && (error.status === 409 || error.typeKey === 'GitPullRequestExistsException')
}

/** Named as its readers know them; Azure DevOps speaks of "the source and/or the target branch". */
function branchGone(error: unknown, of: Draft): Rejected | undefined {
  if (!(error instanceof Refused) || !error.message.includes('TF401398')) return undefined
  return new Rejected(
    `A branch was deleted meanwhile: either “${of.targetBranch}”, where the draft belongs, or its own, “${of.sourceBranch}”.`,
    { cause: error },
  )
}

/** An active one, whoever opened it; or one of ours that somebody closed meanwhile, which is not opened a second time. */
async function adoptable(
  connection: Connection,
  whoAmI: () => Promise<Person>,
  of: Draft,
): Promise<{ pullRequestId: number } | undefined> {
  const found = await between(connection, of)
  if (found.length === 0) return undefined
  const me = await whoAmI()
  return idOf(withStatus(found, PullRequestStatus.Active) ?? found.find(one => one.createdBy?.id === me.id))
}

/** Newest first. */
async function between(connection: Connection, of: Branches): Promise<GitPullRequest[]> {
  const git = await connection.git()
  const criteria = {
    sourceRefName: refOf(of.sourceBranch),
    targetRefName: refOf(of.targetBranch),
    status: PullRequestStatus.All,
  }
  const found = await git.getPullRequests(of.repositoryId, criteria, of.projectId, undefined, 0, 100)
  if (found === null) throw missing('the repository')
  return found
}

function withStatus(found: GitPullRequest[], status: PullRequestStatus): GitPullRequest | undefined {
  return found.find(one => one.status === status)
}

function idOf(found: GitPullRequest | undefined): { pullRequestId: number } | undefined {
  return found?.pullRequestId === undefined ? undefined : { pullRequestId: found.pullRequestId }
}

async function createDraft(connection: Connection, of: Draft): Promise<{ pullRequestId: number }> {
  const git = await connection.git()
  const draft: GitPullRequest = {
    sourceRefName: refOf(of.sourceBranch),
    targetRefName: refOf(of.targetBranch),
    title: of.title,
    description: of.description,
    isDraft: true,
    reviewers: of.reviewerIds.map(id => ({ id })),
    workItemRefs: of.workItemIds.map(id => ({ id })),
    labels: of.labels.map(name => ({ name })),
  }
  const created = await git.createPullRequest(draft, of.repositoryId, of.projectId, true)
  if (created?.pullRequestId === undefined) throw missing('the repository, or one of the two branches')
  return { pullRequestId: created.pullRequestId }
}

export function pullRequestOf(found: GitPullRequest): PullRequest {
  return {
    pullRequestId: found.pullRequestId ?? 0,
    title: found.title ?? '',
    description: found.description ?? '',
    status: statusOf(found.status),
    isDraft: found.isDraft === true,
    sourceBranch: branchOf(found.sourceRefName),
    targetBranch: branchOf(found.targetRefName),
    sourceCommit: found.lastMergeSourceCommit?.commitId ?? '',
    targetCommit: found.lastMergeTargetCommit?.commitId ?? '',
    fromFork: found.forkSource !== undefined && found.forkSource !== null,
    author: personOf(found.createdBy),
    repository: {
      id: found.repository?.id ?? '',
      name: found.repository?.name ?? '',
      projectId: found.repository?.project?.id ?? '',
      projectName: found.repository?.project?.name ?? '',
      isDisabled: found.repository?.isDisabled === true,
    },
    workItemIds: (found.workItemRefs ?? []).flatMap(ref => ref.id ?? []),
  }
}

/** What we don't know counts as abandoned: nothing is written to it. */
function statusOf(status: PullRequestStatus | undefined): PullRequest['status'] {
  if (status === PullRequestStatus.Active) return 'active'
  return status === PullRequestStatus.Completed ? 'completed' : 'abandoned'
}
