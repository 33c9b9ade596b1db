import { readCommits } from './git/commits.ts'
import { diffTrees, type TreeChange } from './git/diffs.ts'
import type { GitDir } from './git/git-dir.ts'
import type {
  PageComment,
  PageCommit,
  PageFileDiff,
  PagePullRequest,
  PageStatus,
  PageThread,
  PageUser,
} from './page-model.ts'
import {
  type Comment,
  type PullRequest,
  type PullRequestStatus,
  shortBranch,
  type Thread,
} from './pull-request/pull-request.ts'
import type { Identity } from './state/identity.ts'

const iso = (ms: number) => new Date(ms).toISOString()

export function user({ id, name, displayName, uniqueName }: Identity): PageUser {
  return { id, name, displayName, uniqueName }
}

export function pullRequestView(one: PullRequest): PagePullRequest {
  return {
    id: one.id,
    project: one.repository.project.name,
    repository: one.repository.name,
    title: one.title,
    description: one.description ?? '',
    status: one.state,
    isDraft: one.isDraft,
    sourceBranch: shortBranch(one.sourceRef),
    targetBranch: shortBranch(one.targetRef),
    sourceCommit: one.sourceCommit,
    targetCommit: one.targetCommit,
    mergeStatus: one.mergeStatus,
    createdBy: user(one.createdBy),
    createdAt: iso(one.createdAt),
    closedAt: one.closedAt === null ? null : iso(one.closedAt),
    labels: one.labels.filter(label => label.active).map(label => label.name),
    workItems: one.workItems,
    reviewers: one.reviewers.map(({ identity, vote }) => ({ user: user(identity), vote })),
  }
}

function commentView(comment: Comment): PageComment {
  return {
    id: comment.id,
    parentId: comment.parentId,
    author: user(comment.author),
    content: comment.content,
    kind: comment.kind,
    publishedAt: iso(comment.publishedAt),
    editedAt: comment.contentUpdatedAt === comment.publishedAt ? null : iso(comment.contentUpdatedAt),
    isDeleted: comment.isDeleted,
    likedBy: comment.likes.map(user),
  }
}

function contextView({ context }: Thread): PageThread['context'] {
  if (!context) return null
  const left = context.rightFileStart === undefined && context.leftFileStart !== undefined
  const start = (left ? context.leftFileStart : context.rightFileStart)?.line ?? 1
  const end = (left ? context.leftFileEnd : context.rightFileEnd)?.line ?? start
  return { path: context.filePath.replace(/^\//, ''), startLine: start, endLine: end, side: left ? 'left' : 'right' }
}

async function textOf(git: GitDir, objectId: string | null): Promise<{ text: string | null; binary: boolean }> {
  const blob = objectId === null ? undefined : await git.read(objectId)
  if (!blob) return { text: null, binary: false }
  const binary = blob.content.subarray(0, 8000).includes(0)
  return { text: binary ? null : blob.content.toString(), binary }
}

async function fileDiff(git: GitDir, change: TreeChange): Promise<PageFileDiff> {
  const before = await textOf(git, change.isSubmodule ? null : change.oldObjectId)
  const after = await textOf(git, change.isSubmodule ? null : change.newObjectId)
  const binary = before.binary || after.binary || change.isSubmodule
  const { path, oldPath, change: kind } = change
  return { path, oldPath, change: kind, before: before.text, after: after.text, binary }
}

export async function fileDiffs(git: GitDir, base: string | null, target: string): Promise<PageFileDiff[]> {
  const changes = await diffTrees(git, base, target)
  return Promise.all(changes.map(change => fileDiff(git, change)))
}

export async function commitViews(git: GitDir, ids: readonly string[]): Promise<PageCommit[]> {
  return (await readCommits(git, ids)).map(commit => ({
    id: commit.id,
    parents: commit.parents,
    authorName: commit.author.name,
    authorEmail: commit.author.email,
    authoredAt: iso(commit.author.at),
    message: commit.message,
  }))
}

export function threadView(thread: Thread): PageThread {
  return {
    id: thread.id,
    status: thread.status ?? 'unknown',
    isDeleted: false,
    publishedAt: iso(thread.publishedAt),
    updatedAt: iso(thread.updatedAt),
    context: contextView(thread),
    comments: thread.comments.map(commentView),
  }
}

export function statusView(one: PullRequestStatus): PageStatus {
  return {
    id: one.id,
    genre: one.context.genre ?? '',
    name: one.context.name,
    state: one.state,
    description: one.description,
    targetUrl: one.targetUrl,
    createdBy: user(one.by),
    createdAt: iso(one.createdAt),
    iterationId: one.iterationId,
  }
}
