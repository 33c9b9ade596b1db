import type { PatchChange } from '@code-agent/jobs/run'

/** Azure DevOps in our words. Branch names come without refs/heads/, ids as Azure DevOps gives them. */

export type RepositoryRef = { projectId: string; repositoryId: string }
export type PullRequestRef = RepositoryRef & { pullRequestId: number }

export type Person = { id: string; displayName: string; uniqueName: string; isService: boolean }

export type Comment = {
  commentId: number
  threadId: number
  author: Person
  text: string
  publishedAt: Date
  /** The text was changed after it was first published. */
  edited: boolean
  /** It is the first of its thread. */
  opensThread: boolean
  /** Where the thread stands in the code, if it does; lines from 1. */
  location?: { path: string; startLine: number; endLine: number }
}

export type PullRequest = {
  pullRequestId: number
  title: string
  description: string
  status: 'active' | 'abandoned' | 'completed'
  isDraft: boolean
  sourceBranch: string
  targetBranch: string
  /** Tips as the pull request saw them last. */
  sourceCommit: string
  targetCommit: string
  fromFork: boolean
  author: Person
  repository: { id: string; name: string; projectId: string; projectName: string; isDisabled: boolean }
  workItemIds: string[]
}

/** on-probation: Azure DevOps tells of nothing new until a delivery succeeds. disabled: of nothing any more. */
export type CommentHook = { id: string; address: string; status: 'enabled' | 'on-probation' | 'disabled' }

export type PullRequestNews = {
  pullRequest: PullRequest
  comments: Comment[]
  doubled: { threadId: number; commentId: number }[]
}

export type Found<T> = { found: false } | ({ found: true } & T)

/** `again` says that an earlier try may have reached Azure DevOps: look there before acting. Every ensure may be repeated safely. */
export type Again = { again: boolean }

export type AzureDevOps = {
  /** The identity this credential acts as. */
  whoAmI(): Promise<Person>
  readComment(of: PullRequestRef & { threadId: number; commentId: number }): Promise<Found<{ comment: Comment }>>
  readPullRequest(of: PullRequestRef): Promise<Found<{ pullRequest: PullRequest }>>
  /** Whether somebody may write to the repository; what cannot be found out is a no, with the reason. */
  mayContribute(of: RepositoryRef & { identityId: string }): Promise<{ allowed: boolean; because: string }>
  /** Tip of a branch with the trailers of its commit message (lower-case keys). `blocked`: a branch above or below has a name that this one would collide with. */
  probeBranch(
    of: RepositoryRef & { branch: string },
  ): Promise<
    | { state: 'free' }
    | { state: 'taken'; commit: string; trailers: Record<string, string> }
    | { state: 'blocked'; by: string }
  >
  /**
   * One push creates branch and commit on `base`. A branch whose tip bears the same `Code-Agent-Variant` trailer is ours and is adopted.
   * @throws Rejected when the branch is somebody else's, or Azure DevOps refuses the push for good
   */
  ensureCommit(
    of: RepositoryRef &
      Again & {
        branch: string
        base: string
        message: string
        author: { name: string; email: string }
        changes: PatchChange[]
        /** Value of the `Code-Agent-Variant` trailer in `message`. */
        trailer: string
      },
  ): Promise<{ commit: string }>
  /** Active draft from source to target branch; found by both branches if it exists. */
  ensureDraftPr(
    of: RepositoryRef &
      Again & {
        sourceBranch: string
        targetBranch: string
        title: string
        description: string
        reviewerIds: string[]
        workItemIds: string[]
        labels: string[]
      },
  ): Promise<{ pullRequestId: number }>
  /** The active or completed pull request between two branches, if there is one: adopts what an unheard answer made. */
  findDraftPr(
    of: RepositoryRef & { sourceBranch: string; targetBranch: string },
  ): Promise<Found<{ pullRequestId: number }>>
  /** A reply in a thread, recognised by `topic` (a hidden marker), updated in place when its text differs, doubled never. */
  ensureComment(
    of: PullRequestRef & Again & { threadId: number; topic: string; text: string },
  ): Promise<{ commentId: number }>
  /** The latest status of a context on a pull request. */
  ensureStatus(
    of: PullRequestRef &
      Again & {
        context: string
        state: 'pending' | 'succeeded' | 'failed' | 'notApplicable'
        description: string
        targetUrl?: string
      },
  ): Promise<{ statusId: number }>
  /** Closes the thread, unless somebody but the bot or the author of `commentId` wrote in it since. */
  ensureThreadClosed(of: PullRequestRef & Again & { threadId: number; commentId: number }): Promise<{ closed: boolean }>
  /** Deletes a branch only while its tip is `commit`. */
  ensureBranchDeleted(
    of: RepositoryRef & Again & { branch: string; commit: string },
  ): Promise<{ deleted: boolean; because: string }>
  /** What its clock says, to the second; asks for it. */
  serverTime(): Promise<Date>
  /** The web hooks that tell of comments, as far as this credential may see them. `address` is where they deliver to. */
  listCommentHooks(): Promise<Found<{ hooks: CommentHook[] }>>
  /**
   * Every active pull request in turn, with the comments of people published after `since`, for commands whose event never
   * came, and its own comments that stand twice: a request that was given up landed after all.
   * A pull request that cannot be read is passed over, and thrown for at the end: then not all were seen.
   */
  listCommentsSince(of: { since: Date }): AsyncIterable<PullRequestNews>
  /** Its own comment is gone, now or already. */
  ensureCommentDeleted(of: PullRequestRef & { threadId: number; commentId: number }): Promise<void>
  links: {
    pullRequest(of: PullRequestRef): string
    comment(of: PullRequestRef & { threadId: number; commentId: number }): string
    branch(of: RepositoryRef & { branch: string }): string
    /** Where git fetches the repository. */
    clone(of: RepositoryRef): string
  }
}
