import { importCommits } from './git/fast-import.ts'
import { noObject, readRef, updateRef } from './git/refs.ts'
import { listTree } from './git/trees.ts'
import type { ServiceHooks } from './hooks/service-hooks.ts'
import { createPullRequest, updatePullRequest } from './pull-request/lifecycle.ts'
import { signatureOf } from './pull-request/merge-job.ts'
import type { PullRequestState } from './pull-request/pull-request.ts'
import { noteRefChanges } from './pull-request/ref-changes.ts'
import { addComment, createThread, deleteComment, editComment } from './pull-request/threads.ts'
import { type Identity, type PermissionName, permission } from './state/identity.ts'
import type { Repository, World } from './state/world.ts'

interface At {
  project: string
  repository: string
}

function fullRef(branch: string): string {
  return branch.startsWith('refs/') ? branch : `refs/heads/${branch}`
}

/** Names to bits; a number is taken as it is. */
export function permissionBits(names: readonly PermissionName[] | number): number {
  if (typeof names === 'number') return names
  return names.reduce((bits, name) => bits | permission[name], 0)
}

function finders(world: World) {
  return {
    person(name: string): Identity {
      const identity = world.identities.byName(name) ?? world.identities.byId(name)
      if (!identity) throw new Error(`nobody is called ${name}`)
      return identity
    },
    repositoryAt({ project, repository }: At): Repository {
      const found = world.findRepository(world.findProject(project), repository)
      if (!found) throw new Error(`there is no repository ${project}/${repository}`)
      return found
    },
    pullRequestAt(id: number) {
      const found = world.pullRequests.get(id)
      if (!found) throw new Error(`there is no pull request ${id}`)
      return found
    },
  }
}

/** Projects, repositories, branches and commits, made without a request. Users are named alice, bot, reader … */
export function repositorySetup(world: World) {
  const { person, repositoryAt } = finders(world)
  return {
    createProject(name: string): { id: string; name: string } {
      const { id } = world.createProject(name)
      return { id, name }
    },
    /** `from`: a git folder to clone, never written. The project is made if need be */
    async createRepository({ project, name, from }: { project: string; name: string; from?: string }) {
      const repository = await world.createRepository({
        project: world.createProject(project),
        name,
        ...(from === undefined ? {} : { from }),
        by: person('alice'),
      })
      return { id: repository.id, project, name, gitDir: repository.git.dir }
    },
    /** One commit on a branch, which is made (from `base` or from nothing) if need be; null deletes a file. Its id. */
    async commitFiles(
      commit: At & {
        branch: string
        base?: string
        files: Record<string, string | Buffer | null>
        message?: string
        user?: string
      },
    ): Promise<string> {
      const repository = repositoryAt(commit)
      const by = person(commit.user ?? 'alice')
      const name = fullRef(commit.branch)
      return repository.git.exclusive(async () => {
        const oldObjectId = (await readRef(repository.git, name)) ?? noObject
        const base = commit.base === undefined ? undefined : await readRef(repository.git, fullRef(commit.base))
        const parent = oldObjectId === noObject ? base : oldObjectId
        const entries = parent === undefined ? [] : await listTree(repository.git, parent, { recursive: true })
        const modes = new Map(entries.map(entry => [entry.path, entry.mode]))
        const author = signatureOf(by, world.clock.now())
        const changes = Object.entries(commit.files).map(([path, content]) =>
          content === null
            ? { kind: 'delete' as const, path }
            : { kind: 'write' as const, path, mode: modes.get(path) ?? '100644', content: Buffer.from(content) },
        )
        const message = `${commit.message ?? 'Change files'}\n`
        const { commitIds, temporaryRef } = await importCommits(repository.git, [
          { parent, author, committer: author, message, changes },
        ])
        const change = { name, oldObjectId, newObjectId: commitIds[0] ?? noObject }
        if (!(await updateRef(repository.git, { ...change, alsoDelete: temporaryRef })))
          throw new Error(`${name} has moved`)
        await noteRefChanges(world, repository, { by, changes: [change] })
        return change.newObjectId
      })
    },
    async deleteBranch({ branch, user = 'alice', ...at }: At & { branch: string; user?: string }): Promise<void> {
      const repository = repositoryAt(at)
      const name = fullRef(branch)
      const oldObjectId = await readRef(repository.git, name)
      if (oldObjectId === undefined) throw new Error(`there is no branch ${branch}`)
      const change = { name, oldObjectId, newObjectId: noObject }
      await updateRef(repository.git, change)
      await noteRefChanges(world, repository, { by: person(user), changes: [change] })
    },
    /** rights in one repository or in all; names such as GenericContribute, or bits */
    setRights(rights: {
      user: string
      allow?: readonly PermissionName[] | number
      deny?: readonly PermissionName[] | number
      project?: string
      repository?: string
    }): void {
      const { user, allow, deny, project, repository } = rights
      const change = {
        ...(allow === undefined ? {} : { allow: permissionBits(allow) }),
        ...(deny === undefined ? {} : { deny: permissionBits(deny) }),
      }
      const at =
        project !== undefined && repository !== undefined ? repositoryAt({ project, repository }).id : undefined
      world.identities.setRights(person(user), change, at)
    },
    setDisabled({ disabled, ...at }: At & { disabled: boolean }): void {
      repositoryAt(at).isDisabled = disabled
    },
  }
}

/** Pull requests and comments, made without a request. */
export function pullRequestSetup(world: World, hooks: ServiceHooks) {
  const { person, repositoryAt, pullRequestAt } = finders(world)
  const threadAt = (pullRequestId: number, threadId: number) => {
    const thread = pullRequestAt(pullRequestId).threads.find(one => one.id === threadId)
    if (!thread) throw new Error(`pull request ${pullRequestId} has no thread ${threadId}`)
    return thread
  }
  const commentAt = ({
    pullRequestId,
    threadId,
    commentId,
  }: {
    pullRequestId: number
    threadId: number
    commentId: number
  }) => {
    const pullRequest = pullRequestAt(pullRequestId)
    const thread = threadAt(pullRequestId, threadId)
    const comment = thread.comments.find(one => one.id === commentId)
    if (!comment) throw new Error(`thread ${threadId} has no comment ${commentId}`)
    return { pullRequest, thread, comment }
  }
  return {
    /** its number */
    async createPullRequest(
      request: At & {
        title: string
        description?: string
        sourceBranch: string
        targetBranch: string
        user?: string
        isDraft?: boolean
        labels?: string[]
        workItems?: string[]
      },
    ): Promise<number> {
      const { title, description, isDraft = false, labels = [], workItems = [] } = request
      const pullRequest = await createPullRequest(world, {
        repository: repositoryAt(request),
        by: person(request.user ?? 'alice'),
        title,
        description,
        sourceRef: fullRef(request.sourceBranch),
        targetRef: fullRef(request.targetBranch),
        isDraft,
        labels,
        workItems,
      })
      return pullRequest.id
    },
    async setPullRequestState({
      pullRequestId,
      state,
      user = 'alice',
    }: {
      pullRequestId: number
      state: PullRequestState
      user?: string
    }) {
      const pullRequest = pullRequestAt(pullRequestId)
      const lastMergeSourceCommit = pullRequest.sourceCommit
      await updatePullRequest(world, pullRequest, { by: person(user), state, lastMergeSourceCommit })
    },
    /** opens a thread, or replies when there is a threadId */
    async postComment(comment: {
      pullRequestId: number
      user: string
      content: string
      threadId?: number
      context?: { path: string; startLine: number; endLine: number; side: 'left' | 'right' } | null
    }) {
      const { pullRequestId, content, threadId, context } = comment
      const pullRequest = pullRequestAt(pullRequestId)
      const by = person(comment.user)
      if (threadId !== undefined) {
        const thread = threadAt(pullRequestId, threadId)
        const made = addComment(world, pullRequest, thread, { by, content, parentId: 1, kind: 'text' })
        return { threadId, commentId: made.id }
      }
      const range = context && {
        start: { line: context.startLine, offset: 1 },
        end: { line: context.endLine, offset: 1 },
      }
      const sides =
        range &&
        (context.side === 'left'
          ? { leftFileStart: range.start, leftFileEnd: range.end }
          : { rightFileStart: range.start, rightFileEnd: range.end })
      const thread = createThread(world, pullRequest, {
        by,
        comments: [{ content, parentId: 0, kind: 'text' }],
        status: 'active',
        context: context
          ? { filePath: context.path.startsWith('/') ? context.path : `/${context.path}`, ...sides }
          : null,
        iterationContext: null,
        properties: new Map(),
      })
      return { threadId: thread.id, commentId: 1 }
    },
    async editComment({
      user,
      content,
      ...at
    }: {
      pullRequestId: number
      threadId: number
      commentId: number
      user: string
      content: string
    }) {
      const { pullRequest, thread, comment } = commentAt(at)
      editComment(world, pullRequest, thread, { comment, content, by: person(user) })
    },
    async deleteComment({ user, ...at }: { pullRequestId: number; threadId: number; commentId: number; user: string }) {
      const { pullRequest, thread, comment } = commentAt(at)
      deleteComment(world, pullRequest, thread, { comment, by: person(user) })
    },
    /** a web hook on "Pull request commented on", version 2.0, for every repository; its id */
    async subscribe(hook: {
      url: string
      username?: string
      password?: string
      headers?: Record<string, string>
      eventType?: string
      resourceVersion?: string
    }): Promise<string> {
      const headers = Object.entries(hook.headers ?? {}).map(([name, value]) => `${name}:${value}`)
      return hooks.add({
        eventType: hook.eventType ?? 'ms.vss-code.git-pullrequest-comment-event',
        resourceVersion: hook.resourceVersion ?? '2.0',
        publisherInputs: { projectId: '', repository: '', branch: '' },
        consumerInputs: {
          url: hook.url,
          httpHeaders: headers.join('\n'),
          basicAuthUsername: hook.username ?? '',
          basicAuthPassword: hook.password ?? '',
        },
        by: person('alice'),
      }).id
    },
  }
}
