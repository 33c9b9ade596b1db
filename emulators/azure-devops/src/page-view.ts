import { listCommits, readCommit } from './git/commits.ts'
import type { GitDir } from './git/git-dir.ts'
import { readRef } from './git/refs.ts'
import type { PageChange, PageModel, PageRepository } from './page-model.ts'
import { commitViews, fileDiffs, pullRequestView, statusView, threadView, user } from './page-shapes.ts'
import { shortBranch } from './pull-request/pull-request.ts'
import { updateThread } from './pull-request/threads.ts'
import { may } from './rest/access.ts'
import { isDeletedThread } from './rest/render-pull-request.ts'
import type { pullRequestSetup } from './setup/pull-request-setup.ts'
import type { Happening } from './state/happening.ts'
import { defaultBranch, type Repository } from './state/repository.ts'
import type { World } from './state/world.ts'

function changeOf(happening: Happening): PageChange {
  if ('comment' in happening) return 'comment'
  if ('thread' in happening) return 'thread'
  if ('status' in happening) return 'status'
  return happening.kind === 'pull-request-pushed' ? 'commit' : 'pull-request'
}

type Reading =
  | 'repositories'
  | 'pullRequests'
  | 'pullRequest'
  | 'threads'
  | 'statuses'
  | 'commits'
  | 'diff'
  | 'compare'
  | 'commit'

function repositoryView(world: World) {
  return async (one: Repository): Promise<PageRepository> => ({
    id: one.id,
    project: one.project.name,
    name: one.name,
    defaultBranch: shortBranch((await defaultBranch(one)) ?? '') || null,
    cloneUrl: `/${world.organisation}/${encodeURIComponent(one.project.name)}/_git/${encodeURIComponent(one.name)}`,
    activePullRequests: [...world.pullRequests.values()].filter(pr => pr.repository === one && pr.state === 'active')
      .length,
  })
}

async function commitNamed(git: GitDir, name: string): Promise<string | undefined> {
  return (await readRef(git, `refs/heads/${name}`)) ?? (await readCommit(git, name))?.id
}

function reading(world: World): Pick<PageModel, Reading> {
  const gitAt = (project: string, name: string) => world.findRepository(world.findProject(project), name)?.git
  const latest = (id: number) => {
    const pullRequest = world.pullRequests.get(id)
    const iteration = pullRequest?.iterations.at(-1)
    return pullRequest && iteration && { git: pullRequest.repository.git, ...iteration }
  }
  return {
    repositories: () => Promise.all(world.repositories.map(repositoryView(world))),
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
    threads: id => (world.pullRequests.get(id)?.threads ?? []).filter(one => !isDeletedThread(one)).map(threadView),
    statuses(id) {
      const all = world.pullRequests.get(id)?.statuses ?? []
      const perContext = new Map(all.map(one => [`${one.context.genre ?? ''}/${one.context.name}`, one]))
      return [...perContext.values()].map(statusView)
    },
    async commits(id) {
      const at = latest(id)
      if (!at) return []
      return commitViews(
        at.git,
        await listCommits(at.git, { include: at.sourceCommit, exclude: at.commonCommit, top: 250 }),
      )
    },
    async diff(id) {
      const at = latest(id)
      return at ? fileDiffs(at.git, at.commonCommit, at.sourceCommit) : []
    },
    async compare({ project, repository, base, target }) {
      const git = gitAt(project, repository)
      const ends = git && (await Promise.all([commitNamed(git, base), commitNamed(git, target)]))
      return git && ends?.[0] && ends[1] ? fileDiffs(git, ends[0], ends[1]) : []
    },
    async commit({ project, repository, commitId: id }) {
      const git = gitAt(project, repository)
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
    organisation: world.organisation,
    users: () =>
      world.identities
        .all()
        .filter(one => !one.isGroup)
        .map(user),
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
