import { code, link } from './markdown.ts'

/** What a run that was stopped left behind: drafts stay, branches without one go. Empty when there is nothing of either. */
export function keptAndRemoved(of: {
  drafts: { pullRequestId: number; url: string }[]
  /** Branches that were pushed but have no draft. */
  branches: string[]
}): string {
  const drafts = of.drafts.map(({ pullRequestId, url }) => link(`draft ${pullRequestId}`, url))
  return [drafts.length === 0 ? '' : `Kept: ${drafts.join(', ')}.`, removedBranches(of.branches)]
    .filter(part => part !== '')
    .join('\n\n')
}

/** Said beside the overview. They are removed after it, each only while its tip is the commit this service pushed. */
export function removedBranches(branches: string[]): string {
  if (branches.length === 0) return ''
  const [which, them] = branches.length === 1 ? ['The branch', 'it'] : ['The branches', 'them']
  return `${which} without a draft will be removed, unless somebody else has pushed to ${them}: ${branches.map(code).join(', ')}.`
}
