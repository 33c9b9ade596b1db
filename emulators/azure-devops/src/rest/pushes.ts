import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { readCommits, type Signature } from '../git/commits.ts'
import { importCommits, type NewCommit } from '../git/fast-import.ts'
import { listRefs, noObject, type Ref, updateRef } from '../git/refs.ts'
import { listTree } from '../git/trees.ts'
import { type Call, type Handlers, list, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { isPullRequestOnly } from '../policy/guard.ts'
import { signatureOf } from '../pull-request/merge-job.ts'
import { noteRefChanges } from '../pull-request/ref-changes.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { demand, numberParam, page, repositoryOf } from './access.ts'
import { planChanges, pushChange } from './push-plan.ts'
import { conflicts } from './refs.ts'
import { renderCommit, renderCommitRef, renderPush } from './render-repository.ts'

type Names = 'getPushes' | 'createPush' | 'getPush' | 'getPushCommits'

const objectId = z.string().regex(/^[0-9a-fA-F]{40}$/, 'Invalid argument value.')
const person = z.object({ name: z.string(), email: z.string().default(''), date: z.string().optional() })
const pushBody = z.object({
  refUpdates: z
    .array(z.object({ name: z.string(), oldObjectId: objectId }))
    .length(1, 'Exactly one reference must be updated.'),
  commits: z
    .array(
      z.object({
        comment: z.string().optional(),
        author: person.optional(),
        committer: person.optional(),
        changes: z.array(pushChange).min(1, 'At least one change is needed.'),
      }),
    )
    .min(1, 'At least one commit is needed.'),
})
function author(given: z.infer<typeof person> | undefined, fallback: Signature): Signature {
  if (!given) return fallback
  const at = given.date === undefined ? fallback.at : Date.parse(given.date)
  return { name: given.name, email: given.email, at: Number.isNaN(at) ? fallback.at : at }
}

/**
 * Where the first commit stands: on the ref's tip, or, for a ref that does not exist yet, on the commit given as its old
 * object, which is how one call makes a branch with a commit.
 */
async function parentOf(
  world: World,
  call: Call,
  repository: Repository,
  refs: readonly Ref[],
  update: { name: string; oldObjectId: string },
) {
  const old = update.oldObjectId.toLowerCase()
  const tip = refs.find(ref => ref.name === update.name)?.objectId
  if (tip !== undefined) {
    if (tip !== old) throw new ServiceError('staleReference', update.name)
    if (await isPullRequestOnly(world, repository, { ref: update.name, exists: true, by: call.user }))
      throw new ServiceError('protectedBranch')
    const lockedBy = repository.locks.get(update.name)
    if (lockedBy && lockedBy !== call.user) throw new ServiceError('protectedBranch')
    return { parent: tip, oldObjectId: tip }
  }
  if (!update.name.startsWith('refs/heads/') || conflicts(update.name, refs)) {
    throw new ServiceError('badArgument', 'The reference name is not usable.', 'refUpdates')
  }
  demand(world, call.user, 'CreateBranch', repository)
  if (old === noObject) return { parent: undefined, oldObjectId: noObject }
  const base = await repository.git.read(`${old}^{commit}`)
  // a branch that was deleted meanwhile looks the same as a base that never was
  if (!base) throw new ServiceError('staleReference', update.name)
  return { parent: old, oldObjectId: noObject }
}

async function pushCommits(world: World, call: Call, repository: Repository) {
  const body = readBody(call, pushBody, 'push')
  const [update] = body.refUpdates
  if (!update) throw new ServiceError('argumentNull', 'refUpdates')
  const { git } = repository
  const { parent, oldObjectId } = await parentOf(world, call, repository, await listRefs(git), update)
  const plan = planChanges(parent === undefined ? [] : await listTree(git, parent, { recursive: true }))
  const self = signatureOf(call.user, world.clock.now())
  const commits: NewCommit[] = body.commits.map((commit, index) => ({
    parent: index === 0 ? parent : undefined,
    author: author(commit.author, self),
    committer: author(commit.committer ?? commit.author, self),
    message: `${(commit.comment ?? '').replace(/\s+$/, '')}\n`,
    changes: commit.changes.flatMap(plan),
  }))
  const { commitIds, temporaryRef } = await importCommits(git, commits)
  const change = { name: update.name, oldObjectId, newObjectId: commitIds.at(-1) ?? noObject }
  if (!(await updateRef(git, { ...change, alsoDelete: temporaryRef }))) {
    await git.run(['update-ref', '-d', temporaryRef])
    throw new ServiceError('staleReference', update.name)
  }
  return { push: await noteRefChanges(world, repository, { by: call.user, changes: [change] }), commitIds }
}

async function createPush(world: World, call: Call) {
  const repository = repositoryOf(world, call)
  demand(world, call.user, 'GenericContribute', repository)
  const { push, commitIds } = await repository.git.exclusive(() => pushCommits(world, call, repository))
  const commits = await readCommits(repository.git, commitIds)
  return {
    json: {
      commits: commits.toReversed().map(commit => {
        const { push: _, remoteUrl: __, _links: ___, ...rendered } = renderCommit(commit, repository, call.links)
        return rendered
      }),
      ...renderPush(push, repository, call.links),
    },
  }
}

export function pushHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  const pushOf = (call: Call, repository: Repository) => {
    const push = repository.pushes.find(one => one.id === numberParam(call, 'pushId'))
    if (!push) throw new ServiceError('pushNotFound', numberParam(call, 'pushId'))
    return push
  }
  return {
    createPush: call => createPush(world, call),
    getPushes(call) {
      const repository = repositoryOf(world, call)
      const refName = call.query.text('searchCriteria.refName')
      const refUpdates = call.query.flag('searchCriteria.includeRefUpdates')
      const pushes = repository.pushes.filter(
        push => refName === undefined || push.refUpdates.some(one => one.name === refName),
      )
      return list(
        page(call, pushes.toReversed(), 100).map(push => renderPush(push, repository, call.links, { refUpdates })),
      )
    },
    getPush(call) {
      const repository = repositoryOf(world, call)
      return { json: renderPush(pushOf(call, repository), repository, call.links) }
    },
    async getPushCommits(call) {
      const repository = repositoryOf(world, call)
      const commits = await readCommits(repository.git, pushOf(call, repository).commits)
      return list(page(call, commits, 100).map(commit => renderCommitRef(commit, repository, call.links)))
    },
  }
}
