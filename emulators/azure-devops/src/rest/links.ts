import type { PullRequest } from '../pull-request/pull-request.ts'
import type { Project, Repository } from '../state/repository.ts'

/** Absolute URLs below the base that the caller used, so that hosted and Server forms both lead back. */
export interface Links {
  /** organisation URL without a final slash */
  base: string
  project(project: Project): string
  repository(repository: Repository): string
  /** the form without a project, as event payloads have it */
  repositoryOfOrganisation(repository: Repository): string
  pullRequest(pullRequest: PullRequest): string
  web(repository: Repository): string
  webPullRequest(pullRequest: PullRequest): string
  identity(id: string): string
  identityImage(id: string): string
  avatar(subjectDescriptor: string): string
}

export function linksOf(base: string): Links {
  const repository = (one: Repository) => `${base}/${one.project.id}/_apis/git/repositories/${one.id}`
  const web = (one: Repository) =>
    `${base}/${encodeURIComponent(one.project.name)}/_git/${encodeURIComponent(one.name)}`
  return {
    base,
    project: project => `${base}/_apis/projects/${project.id}`,
    repository,
    repositoryOfOrganisation: one => `${base}/_apis/git/repositories/${one.id}`,
    pullRequest: one => `${repository(one.repository)}/pullRequests/${one.id}`,
    web,
    webPullRequest: one => `${web(one.repository)}/pullrequest/${one.id}`,
    identity: id => `${base}/_apis/Identities/${id}`,
    identityImage: id => `${base}/_api/_common/identityImage?id=${id}`,
    avatar: subjectDescriptor => `${base}/_apis/GraphProfile/MemberAvatars/${subjectDescriptor}`,
  }
}

/** `{ href }` objects, the shape of every `_links`. */
export function hrefs(links: Record<string, string>): Record<string, { href: string }> {
  return Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }]))
}

export function isoDate(ms: number): string {
  return new Date(ms).toISOString()
}

/** git knows whole seconds only. */
export function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
