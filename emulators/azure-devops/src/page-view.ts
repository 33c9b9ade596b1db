import { listCommits, readCommit, readCommits } from './git/commits.ts'
import { diffTrees, type TreeChange } from './git/diffs.ts'
import type { GitDir } from './git/git-dir.ts'
import { readRef } from './git/refs.ts'
import type {
  PageChange,
  PageComment,
  PageCommit,
  PageFileDiff,
  PageModel,
  PagePullRequest,
  PageThread,
  PageUser,
} from './page-model.ts'
import { type Comment, type PullRequest, shortBranch, type Thread } from './pull-request/pull-request.ts'
import { updateThread } from './pull-request/threads.ts'
import { may } from './rest/access.ts'
import { isDeletedThread } from './rest/render-pull-request.ts'
import type { pullRequestSetup } from './setup.ts'
import type { Happening } from './state/happening.ts'
import type { Identity } from './state/identity.ts'
import { defaultBranch, type Repository, type World } from './state/world.ts'

const iso = (ms: number) => new Date(ms).toISOString()

function user({ id, name, displayName, uniqueName }: Identity): PageUser {
  return { id, name, displayName, uniqueName }
}

function pullRequestView(one: PullRequest): PagePullRequest {
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

async function fileDiffs(git: GitDir, base: string | null, target: string): Promise<PageFileDiff[]> {
  const changes = await diffTrees(git, base, target)
  return Promise.all(changes.map(change => fileDiff(git, change)))
}

async function commitViews(git: GitDir, ids: readonly string[]): Promise<PageCommit[]> {
  return (await readCommits(git, ids)).map(commit => ({
    id: commit.id,
    parents: commit.parents,
    authorName: commit.author.name,
    authorEmail: commit.author.email,
    authoredAt: iso(commit.author.at),
    message: commit.message,
  }))
}

function changeOf(happening: Happening): PageChange {
  if ('comment' in happening) return 'comment'
  if ('thread' in happening) return 'thread'
  if ('status' in happening) return 'status'
  return happening.kind === 'pull-request-pushed' ? 'commit' : 'pull-request'
}

function reading(
  world: World,
): Omit<PageModel, 'postComment' | 'editComment' | 'deleteComment' | 'setThreadStatus' | 'subscribe'> {
  const at = (project: string, name: string) => world.findRepository(world.findProject(project), name)
  const cloneUrl = (one: Repository) =>
    `/${world.organisation}/${encodeURIComponent(one.project.name)}/_git/${encodeURIComponent(one.name)}`
  const commitId = async (git: GitDir, name: string) =>
    (await readRef(git, `refs/heads/${name}`)) ?? (await readCommit(git, name))?.id
  return {
    organisation: world.organisation,
    users: () =>
      world.identities
        .all()
        .filter(one => !one.isGroup)
        .map(user),
    repositories: () =>
      Promise.all(
        world.repositories.map(async one => ({
          id: one.id,
          project: one.project.name,
          name: one.name,
          defaultBranch: shortBranch((await defaultBranch(one)) ?? '') || null,
          cloneUrl: cloneUrl(one),
          activePullRequests: [...world.pullRequests.values()].filter(
            pr => pr.repository === one && pr.state === 'active',
          ).length,
        })),
      ),
    pullRequests({ project, repository, status = 'all' } = {}) {
      const same = (a: string | undefined, b: string) => a === undefined || a.toLowerCase() === b.toLowerCase()
      return [...world.pullRequests.values()]
        .filter(one => same(project, one.repository.project.name) && same(repository, one.repository.name))
        .filter(one => status === 'all' || one.state === status)
        .map(pullRequestView)
        .reverse()
    },
    pullRequest(id) {
      const found = world.pullRequests.get(id)
      return found && pullRequestView(found)
    },
    threads: id =>
      (world.pullRequests.get(id)?.threads ?? [])
        .filter(thread => !isDeletedThread(thread))
        .map(thread => ({
          id: thread.id,
          status: thread.status ?? 'unknown',
          isDeleted: false,
          publishedAt: iso(thread.publishedAt),
          updatedAt: iso(thread.updatedAt),
          context: contextView(thread),
          comments: thread.comments.map(commentView),
        })),
    statuses(id) {
      const latest = new Map(
        (world.pullRequests.get(id)?.statuses ?? []).map(one => [`${one.context.genre}/${one.context.name}`, one]),
      )
      return [...latest.values()].map(one => ({
        id: one.id,
        genre: one.context.genre ?? '',
        name: one.context.name,
        state: one.state,
        description: one.description,
        targetUrl: one.targetUrl,
        createdBy: user(one.by),
        createdAt: iso(one.createdAt),
        iterationId: one.iterationId,
      }))
    },
    async commits(id) {
      const pullRequest = world.pullRequests.get(id)
      const last = pullRequest?.iterations.at(-1)
      if (!pullRequest || !last) return []
      const { git } = pullRequest.repository
      return commitViews(
        git,
        await listCommits(git, { include: last.sourceCommit, exclude: last.commonCommit, top: 250 }),
      )
    },
    async diff(id) {
      const pullRequest = world.pullRequests.get(id)
      const last = pullRequest?.iterations.at(-1)
      return pullRequest && last ? fileDiffs(pullRequest.repository.git, last.commonCommit, last.sourceCommit) : []
    },
    async compare({ project, repository, base, target }) {
      const git = at(project, repository)?.git
      const ends = git && (await Promise.all([commitId(git, base), commitId(git, target)]))
      return git && ends?.[0] && ends[1] ? fileDiffs(git, ends[0], ends[1]) : []
    },
    async commit({ project, repository, commitId: id }) {
      const git = at(project, repository)?.git
      const found = git && (await readCommit(git, id))
      const [commit] = found ? await commitViews(git, [found.id]) : []
      return found && commit ? { commit, files: await fileDiffs(git, found.parents[0] ?? null, found.id) } : undefined
    },
  }
}

/** The page's model over the emulated organisation. */
export function pageModel(world: World, setup: ReturnType<typeof pullRequestSetup>): PageModel {
  function mayTakePart(pullRequestId: number, name: string) {
    const pullRequest = world.pullRequests.get(pullRequestId)
    const who = world.identities.byName(name)
    if (!pullRequest) throw new Error(`There is no pull request ${pullRequestId}.`)
    if (!who || !may(world, who, 'PullRequestContribute', pullRequest.repository))
      throw new Error(`${name} may not contribute to pull requests here.`)
    return { pullRequest, who }
  }
  return {
    ...reading(world),
    async postComment(comment) {
      mayTakePart(comment.pullRequestId, comment.user)
      return setup.postComment(comment)
    },
    async editComment(comment) {
      mayTakePart(comment.pullRequestId, comment.user)
      await setup.editComment(comment)
    },
    async deleteComment(comment) {
      mayTakePart(comment.pullRequestId, comment.user)
      await setup.deleteComment(comment)
    },
    async setThreadStatus({ pullRequestId, user: name, threadId, status }) {
      const { pullRequest, who } = mayTakePart(pullRequestId, name)
      const thread = pullRequest.threads.find(one => one.id === threadId)
      if (!thread) throw new Error(`There is no thread ${threadId}.`)
      updateThread(world, pullRequest, thread, { status, by: who })
    },
    subscribe(pullRequestId, listener) {
      return world.happenings.on(happening => {
        const own = 'pullRequest' in happening ? happening.pullRequest : undefined
        const repository = own ? own.repository : 'repository' in happening ? happening.repository : undefined
        const watched = pullRequestId === null ? undefined : world.pullRequests.get(pullRequestId)
        if (pullRequestId === null || own?.id === pullRequestId)
          listener({ kind: own ? changeOf(happening) : 'other', pullRequestId: own?.id ?? null })
        else if (watched?.repository === repository) listener({ kind: 'other', pullRequestId: own?.id ?? null })
      })
    },
  }
}
