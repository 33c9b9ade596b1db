import type { PageModel, PagePullRequest } from '../page-model.ts'

/** Variants of one command: they share what is left of the title without its number. */
export type DraftGroup = { name: string; drafts: { pullRequest: PagePullRequest; label: string }[] }

const variantTitle = /^🔧 AI Edit v(\d{1,4}): (.+)$/u

/** Drafts beside this pull request, newest command first, variants in their order. */
export function draftsOf(model: PageModel, parent: PagePullRequest): DraftGroup[] {
  const drafts = model
    .pullRequests({ project: parent.project, repository: parent.repository, status: 'all' })
    .filter(candidate => isDraftOf(candidate, parent))
    .sort((a, b) => a.id - b.id)
  const groups = new Map<string, DraftGroup>()
  for (const pullRequest of drafts) {
    const [, variant, slug] = variantTitle.exec(pullRequest.title) ?? []
    const name = slug ?? 'Other drafts'
    const group = groups.get(name) ?? { name, drafts: [] }
    group.drafts.push({ pullRequest, label: variant ? `v${variant}` : `!${pullRequest.id}` })
    groups.set(name, group)
  }
  for (const { drafts } of groups.values())
    drafts.sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
  return [...groups.values()].reverse()
}

/** The pull request a draft was made for. */
export function parentOf(model: PageModel, draft: PagePullRequest): PagePullRequest | undefined {
  const { project, repository } = draft
  return model.pullRequests({ project, repository, status: 'all' }).find(candidate => isDraftOf(draft, candidate))
}

/** It aims at the source branch, or (a setting) at the same target and then links to the command. */
function isDraftOf(draft: PagePullRequest, parent: PagePullRequest): boolean {
  if (draft.id === parent.id) return false
  const isVariant = variantTitle.test(draft.title)
  if (!isVariant && !draft.isDraft) return false
  if (draft.targetBranch === parent.sourceBranch) return true
  return isVariant && new RegExp(`/pullrequest/${parent.id}(?!\\d)`, 'i').test(draft.description)
}
