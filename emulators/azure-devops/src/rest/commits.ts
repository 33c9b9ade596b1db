import { z } from 'zod'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { aheadBehind, type Commit, listCommits, mergeBases, readCommit, readCommits } from '../git/commits.ts'
import { diffTrees, type TreeChange } from '../git/diffs.ts'
import { listRefs } from '../git/refs.ts'
import { type Answer, type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { looseEnum, parseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { defaultBranch, type Repository } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { page, repositoryOf } from './access.ts'
import type { Links } from './links.ts'
import { renderCommit, renderCommitRef } from './render-repository.ts'
import { readVersion, resolveVersion, type Version, versionTypes } from './versions.ts'

type Names =
  | 'getCommits'
  | 'getCommit'
  | 'getChanges'
  | 'getCommitsBatch'
  | 'getMergeBases'
  | 'getCommitDiffs'
  | 'getBranches'
  | 'getBranch'

async function commitOf(repository: Repository, id: string): Promise<Commit> {
  const commit = /^[0-9a-f]{4,40}$/i.test(id) ? await readCommit(repository.git, id) : undefined
  if (!commit) throw new ServiceError('commitNotFound', id)
  return commit
}

/** A change with its file as it is at `commitId`. */
function renderChange(change: TreeChange, repository: Repository, commitId: string, links: Links) {
  const path = `/${change.path}`
  const objectId = change.newObjectId ?? change.oldObjectId
  const isRename = change.change === 'rename'
  return {
    item: {
      objectId,
      ...(change.oldObjectId && change.change !== 'add' ? { originalObjectId: change.oldObjectId } : {}),
      gitObjectType: change.isSubmodule ? 'commit' : 'blob',
      commitId,
      path,
      url: `${links.repository(repository)}/items${encodeURI(path)}?versionType=Commit&version=${commitId}`,
    },
    ...(isRename ? { sourceServerItem: `/${change.oldPath}` } : {}),
    changeType: isRename && change.alsoEdited ? 'edit, rename' : change.change,
  }
}

function countChanges(changes: readonly TreeChange[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { change } of changes) {
    const name = change.charAt(0).toUpperCase() + change.slice(1)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

interface Criteria {
  version?: Version
  exclude?: Version
  author?: string | undefined
  itemPath?: string | undefined
  ids?: readonly string[] | undefined
  fromDate?: string | undefined
  toDate?: string | undefined
  skip: number
  top: number
}

async function findCommits(repository: Repository, criteria: Criteria): Promise<Commit[]> {
  const { version, exclude, author, itemPath, ids, fromDate, toDate, skip, top } = criteria
  if (ids && ids.length > 0) return Promise.all(ids.map(id => commitOf(repository, id)))
  const unnamed = version?.version === undefined
  if (unnamed && (await defaultBranch(repository)) === undefined) return []
  const include = (await resolveVersion(repository, version ?? {})).id
  const found = await listCommits(repository.git, {
    include,
    ...(exclude?.version ? { exclude: (await resolveVersion(repository, exclude)).id } : {}),
    ...(itemPath ? { path: itemPath.replace(/^\//, '') } : {}),
    skip,
    top,
    flags: [
      ...(author ? [`--author=${author}`] : []),
      ...(fromDate ? [`--since=${fromDate}`] : []),
      ...(toDate ? [`--until=${toDate}`] : []),
    ],
  })
  return readCommits(repository.git, found)
}

async function getCommits(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const criterion = (name: string) => call.query.text(`searchCriteria.${name}`)
  const numbered = (name: string) => call.query.number(`searchCriteria.$${name}`) ?? call.query.number(name)
  const version = readVersion(call.query, 'searchCriteria.itemVersion.')
  const commits = await findCommits(repository, {
    version,
    exclude: readVersion(call.query, 'searchCriteria.compareVersion.'),
    author: criterion('author'),
    itemPath: criterion('itemPath'),
    ids: call.query.all('searchCriteria.ids'),
    fromDate: criterion('fromDate'),
    toDate: criterion('toDate'),
    skip: numbered('skip') ?? 0,
    top: numbered('top') ?? 100,
  })
  return list(commits.map(commit => renderCommitRef(commit, repository, call.links)))
}

const versionBody = z.object({
  version: z.string().optional(),
  versionType: looseEnum(versionTypes).optional(),
})
const batchBody = z.object({
  ids: z.array(z.string()).optional(),
  itemVersion: versionBody.optional(),
  compareVersion: versionBody.optional(),
  itemPath: z.string().optional(),
  author: z.string().optional(),
  $skip: z.number().optional(),
  $top: z.number().optional(),
})

async function getCommitsBatch(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const body = readBody(call, batchBody, 'searchCriteria')
  const asVersion = (given: z.infer<typeof versionBody> | undefined) => ({
    version: given?.version,
    type: given?.versionType,
  })
  const commits = await findCommits(repository, {
    version: asVersion(body.itemVersion),
    exclude: asVersion(body.compareVersion),
    author: body.author,
    itemPath: body.itemPath,
    ids: body.ids,
    skip: body.$skip ?? call.query.number('skip') ?? 0,
    top: body.$top ?? call.query.number('top') ?? 100,
  })
  return list(commits.map(commit => renderCommitRef(commit, repository, call.links)))
}

async function getChanges(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const commit = await commitOf(repository, param(call, 'commitId'))
  const changes = await diffTrees(repository.git, commit.parents[0] ?? null, commit.id)
  const shown = page(call, changes, 100)
  return {
    json: {
      changeCounts: countChanges(changes),
      changes: shown.map(change => renderChange(change, repository, commit.id, call.links)),
    },
  }
}

function diffSide(call: Call, side: 'base' | 'target'): Version {
  const type = call.query.text(`${side}VersionType`)
  return {
    version: call.query.text(`${side}Version`),
    type: type === undefined ? undefined : parseEnum(versionTypes, type),
  }
}

async function getCommitDiffs(world: World, call: Call): Promise<Answer> {
  const repository = repositoryOf(world, call)
  const base = await resolveVersion(repository, diffSide(call, 'base'))
  const target = await resolveVersion(repository, diffSide(call, 'target'))
  const [common = base.id] = await mergeBases(repository.git, base.id, target.id)
  const direct = call.query.text('diffCommonCommit')?.toLowerCase() === 'false'
  const changes = await diffTrees(repository.git, direct ? base.id : common, target.id)
  const { ahead, behind } = await aheadBehind(repository.git, base.id, target.id)
  const shown = page(call, changes, 100)
  return {
    json: {
      allChangesIncluded: shown.length === changes.length,
      changeCounts: countChanges(changes),
      changes: shown.map(change => renderChange(change, repository, target.id, call.links)),
      commonCommit: common,
      baseCommit: base.id,
      targetCommit: target.id,
      aheadCount: ahead,
      behindCount: behind,
    },
  }
}

async function branchStats(call: Call, repository: Repository, name: string): Promise<unknown> {
  const baseVersion = readVersion(call.query, 'baseVersionDescriptor.')
  const base = await resolveVersion(repository, baseVersion.version ? baseVersion : {})
  const commit = await readCommit(repository.git, `refs/heads/${name}`)
  if (!commit) throw new ServiceError('refNotFound', `refs/heads/${name}`)
  const { ahead, behind } = await aheadBehind(repository.git, base.id, commit.id)
  const { _links: _, push: __, remoteUrl: ___, ...rendered } = renderCommit(commit, repository, call.links)
  return { commit: rendered, name, aheadCount: ahead, behindCount: behind, isBaseVersion: base.id === commit.id }
}

export function commitHandlers(world: World): Pick<Handlers<typeof repositoryEndpoints>, Names> {
  return {
    getCommits: call => getCommits(world, call),
    async getCommit(call) {
      const repository = repositoryOf(world, call)
      const commit = await commitOf(repository, param(call, 'commitId'))
      const count = call.query.number('changeCount') ?? 0
      const changes = count > 0 ? await diffTrees(repository.git, commit.parents[0] ?? null, commit.id) : []
      const shown = changes.slice(0, count).map(change => renderChange(change, repository, commit.id, call.links))
      const extra = count > 0 ? { changeCounts: countChanges(changes), changes: shown } : {}
      return { json: { ...renderCommit(commit, repository, call.links), ...extra } }
    },
    getChanges: call => getChanges(world, call),
    getCommitsBatch: call => getCommitsBatch(world, call),
    async getMergeBases(call) {
      const repository = repositoryOf(world, call)
      const one = await commitOf(repository, param(call, 'commitId'))
      const other = await commitOf(repository, call.query.text('otherCommitId') ?? '')
      return list((await mergeBases(repository.git, one.id, other.id)).map(commitId => ({ commitId })))
    },
    getCommitDiffs: call => getCommitDiffs(world, call),
    async getBranches(call) {
      const repository = repositoryOf(world, call)
      const heads = (await listRefs(repository.git)).filter(ref => ref.name.startsWith('refs/heads/'))
      return list(
        await Promise.all(heads.map(ref => branchStats(call, repository, ref.name.slice('refs/heads/'.length)))),
      )
    },
    async getBranch(call) {
      return { json: await branchStats(call, repositoryOf(world, call), param(call, 'name')) }
    },
  }
}
