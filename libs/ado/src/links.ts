import type { AzureDevOps, RepositoryRef } from './port.ts'

/** Addresses for people, and for git; ids work where names would, and never need encoding. */
export function linksAt(url: string): AzureDevOps['links'] {
  const repository = (of: RepositoryRef) =>
    `${url}/${encodeURIComponent(of.projectId)}/_git/${encodeURIComponent(of.repositoryId)}`
  return {
    pullRequest: of => `${repository(of)}/pullrequest/${of.pullRequestId}`,
    comment: of => `${repository(of)}/pullrequest/${of.pullRequestId}?discussionId=${of.threadId}`,
    branch: of => `${repository(of)}?version=GB${encodeURIComponent(of.branch)}`,
    clone: repository,
  }
}
