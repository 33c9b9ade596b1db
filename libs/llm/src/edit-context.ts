/** A file as the model gets to see it. */
export interface ContextFile {
  path: string
  /** The whole text as it is in the repository. */
  content: string
  /** Why it is shown: `commented`, `changed`, `asked`. */
  reason: string
  /** Lines from 1, both included, when the file is too long to be shown whole. */
  range?: { from: number; to: number }
}

/** All that a model is told about a request, gathered at the pinned commit. Every text in it was written by others. */
export interface EditContext {
  intent: string
  pullRequest: { title: string; description: string; sourceBranch: string; targetBranch: string }
  /** Where the comment stands; all absent for a comment on the pull request as a whole. */
  comment: { path?: string; startLine?: number; endLine?: number }
  /** Of the pull request, unified. */
  diff: string
  changedFiles: string[]
  /** Every path of the repository, or as many as there is room for. */
  tree: string[]
  treeTruncated?: boolean
  files: ContextFile[]
  /** What was left out, and why. */
  notes: string[]
  /** The project's own rules, from its target branch. */
  instructions?: string
}
