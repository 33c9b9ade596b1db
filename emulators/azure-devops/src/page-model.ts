/**
 * What the web page needs to know of the emulator, in the page's own words: short branch names, ISO dates, absent is null.
 * The page never sees the REST shapes, so that either may change without the other.
 */
export interface PageUser {
  id: string
  /** short name, the one used in tokens and in {@link PageModel.postComment}: alice, bot, reader */
  name: string
  displayName: string
  uniqueName: string
}

export interface PageRepository {
  id: string
  project: string
  name: string
  /** short name, null for an empty repository */
  defaultBranch: string | null
  cloneUrl: string
  activePullRequests: number
}

export interface PageReviewer {
  user: PageUser
  /** 10 approved, 5 with suggestions, 0 none, -5 waits, -10 rejected */
  vote: number
}

export interface PagePullRequest {
  id: number
  project: string
  repository: string
  title: string
  description: string
  status: 'active' | 'completed' | 'abandoned'
  isDraft: boolean
  sourceBranch: string
  targetBranch: string
  sourceCommit: string
  targetCommit: string
  /** notSet, queued, conflicts, succeeded … ; null while abandoned */
  mergeStatus: string | null
  createdBy: PageUser
  createdAt: string
  closedAt: string | null
  labels: string[]
  workItems: string[]
  reviewers: PageReviewer[]
}

export interface PageComment {
  id: number
  /** 0 for the first comment of a thread */
  parentId: number
  author: PageUser
  /** Markdown; empty when deleted */
  content: string
  kind: 'text' | 'system' | 'codeChange'
  publishedAt: string
  /** null when the text was never edited */
  editedAt: string | null
  isDeleted: boolean
  likedBy: PageUser[]
}

export interface PageThread {
  id: number
  status: 'active' | 'fixed' | 'wontFix' | 'closed' | 'byDesign' | 'pending' | 'unknown'
  isDeleted: boolean
  publishedAt: string
  updatedAt: string
  /** null for a thread about the whole pull request; lines from 1 */
  context: { path: string; startLine: number; endLine: number; side: 'left' | 'right' } | null
  comments: PageComment[]
}

export interface PageStatus {
  id: number
  genre: string
  name: string
  state: 'notSet' | 'pending' | 'succeeded' | 'failed' | 'error' | 'notApplicable' | 'partiallySucceeded'
  description: string
  targetUrl: string | null
  createdBy: PageUser
  createdAt: string
  iterationId: number | null
}

export interface PageFileDiff {
  path: string
  /** the former path of a renamed file, else null */
  oldPath: string | null
  change: 'add' | 'edit' | 'delete' | 'rename'
  /** null when absent on that side, or not text */
  before: string | null
  after: string | null
  binary: boolean
}

export interface PageCommit {
  id: string
  parents: string[]
  authorName: string
  authorEmail: string
  authoredAt: string
  message: string
}

export type PageChange =
  | 'pull-request'
  | 'thread'
  | 'comment'
  | 'status'
  | 'commit'
  /** something of another pull request or repository: lists want to be drawn again */
  | 'other'

export interface PageModel {
  organisation: string
  users(): PageUser[]
  repositories(): Promise<PageRepository[]>
  /** newest first; project and repository by name, any case */
  pullRequests(filter?: {
    project?: string
    repository?: string
    status?: PagePullRequest['status'] | 'all'
  }): PagePullRequest[]
  pullRequest(id: number): PagePullRequest | undefined
  /** oldest first, deleted threads left out, deleted comments kept with their mark */
  threads(pullRequestId: number): PageThread[]
  /** the latest per context */
  statuses(pullRequestId: number): PageStatus[]
  /** newest first */
  commits(pullRequestId: number): Promise<PageCommit[]>
  /** the pull request's own changes: merge base against source */
  diff(pullRequestId: number): Promise<PageFileDiff[]>
  /** any two commits or branches, for draft against draft */
  compare(at: { project: string; repository: string; base: string; target: string }): Promise<PageFileDiff[]>
  /** undefined when there is no such commit; files against its first parent */
  commit(at: {
    project: string
    repository: string
    commitId: string
  }): Promise<{ commit: PageCommit; files: PageFileDiff[] } | undefined>
  /** without threadId opens a thread, else replies in it. Throws an Error with a readable message when not allowed */
  postComment(comment: {
    pullRequestId: number
    user: string
    content: string
    threadId?: number
    context?: PageThread['context']
  }): Promise<{ threadId: number; commentId: number }>
  editComment(comment: {
    pullRequestId: number
    user: string
    threadId: number
    commentId: number
    content: string
  }): Promise<void>
  deleteComment(comment: { pullRequestId: number; user: string; threadId: number; commentId: number }): Promise<void>
  setThreadStatus(thread: {
    pullRequestId: number
    user: string
    threadId: number
    status: PageThread['status']
  }): Promise<void>
  /** called after every change of the pull request, and with 'other' for any other of its repository; null listens to everything */
  subscribe(
    pullRequestId: number | null,
    listener: (change: { kind: PageChange; pullRequestId: number | null }) => void,
  ): () => void
}
