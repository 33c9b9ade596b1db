import type { PageModel, PagePullRequest, PageRepository } from '../page-model.ts'
import type { MarkdownLinks } from './markdown-inline.ts'

type InRepository = Pick<PagePullRequest, 'project' | 'repository'>

/** Paths as Azure DevOps has them, so that a link made for the one opens the other. */
export function pageLinks(organisation: string) {
  const at = (...parts: string[]) => `/${[organisation, ...parts].map(encodeURIComponent).join('/')}`
  const repository = ({ project, repository }: InRepository) => `${at(project)}/_git/${encodeURIComponent(repository)}`
  const pullRequest = (pr: InRepository & { id: number }) => `${repository(pr)}/pullrequest/${pr.id}`
  return {
    repository: ({ project, name }: PageRepository) => `${repository({ project, repository: name })}/pullrequests`,
    pullRequests: (of: InRepository, status: string) => `${repository(of)}/pullrequests?_a=${status}`,
    pullRequest,
    tab: (pr: InRepository & { id: number }, tab: 'overview' | 'files' | 'commits') => `${pullRequest(pr)}?_a=${tab}`,
    thread: (pr: InRepository & { id: number }, threadId: number) =>
      `${pullRequest(pr)}?discussionId=${threadId}#thread-${threadId}`,
    drafts: (pr: InRepository & { id: number }, options: { left?: number; right?: number; view?: string } = {}) => {
      const query = Object.entries(options).map(([key, value]) => `${key}=${value}`)
      return `${pullRequest(pr)}/drafts${query.length > 0 ? `?${query.join('&')}` : ''}`
    },
    commit: (of: InRepository, id: string) => `${repository(of)}/commit/${id}`,
  }
}

export type PageLinks = ReturnType<typeof pageLinks>

/** What comments of the emulator may point at. */
export function markdownLinks(model: PageModel, links: PageLinks): MarkdownLinks {
  return {
    mention: id => model.users().find(user => user.id.toLowerCase() === id.toLowerCase())?.displayName,
    pullRequest: id => {
      const found = model.pullRequest(id)
      return found && links.pullRequest(found)
    },
  }
}
