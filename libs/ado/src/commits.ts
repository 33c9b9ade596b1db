import { Rejected } from '@code-agent/jobs/errors'
import type { PatchChange } from '@code-agent/jobs/run'
import {
  type GitChange,
  ItemContentType,
  VersionControlChangeType,
} from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { mayBeTaken, probeBranch, refOf } from './branches.ts'
import type { Connection } from './connection.ts'
import { missing } from './errors-of-azure-devops.ts'
import type { AzureDevOps } from './port.ts'

type Commit = Parameters<AzureDevOps['ensureCommit']>[0]

/** Azure DevOps takes 26,214,400 bytes of request; the rest is room for names, message and JSON. */
const maxContentBytes = 25_000_000

const changeTypes = {
  add: VersionControlChangeType.Add,
  edit: VersionControlChangeType.Edit,
  delete: VersionControlChangeType.Delete,
} as const

export function commitVerbs(connection: Connection): Pick<AzureDevOps, 'ensureCommit'> {
  return {
    async ensureCommit(of) {
      const landed = of.again ? await adopt(connection, of) : undefined
      if (landed !== undefined) return landed
      try {
        return await push(connection, of)
      } catch (error) {
        if (!mayBeTaken(error)) throw error
        const adopted = await adopt(connection, of)
        if (adopted !== undefined) return adopted
        throw error
      }
    },
  }
}

/** @returns undefined when the name is free */
async function adopt(connection: Connection, of: Commit): Promise<{ commit: string } | undefined> {
  const found = await probeBranch(connection, of)
  if (found.state === 'free') return undefined
  if (found.state === 'blocked')
    throw new Rejected(`The branch ${of.branch} cannot be created: ${found.by} is in the way.`)
  if (found.trailers['code-agent-variant'] === of.trailer) return { commit: found.commit }
  throw new Rejected(`The branch ${of.branch} exists already and is somebody else's. It was left as it is.`)
}

/** The base as old object id of a branch that does not exist makes Azure DevOps create branch and commit in one. */
async function push(connection: Connection, of: Commit): Promise<{ commit: string }> {
  const git = await connection.git()
  const update = {
    refUpdates: [{ name: refOf(of.branch), oldObjectId: of.base }],
    commits: [{ comment: of.message, author: of.author, changes: changesOf(of.changes) }],
  }
  const pushed = await git.createPush(update, of.repositoryId, of.projectId)
  const commit = pushed?.commits?.[0]?.commitId ?? pushed?.refUpdates?.[0]?.newObjectId
  if (commit === undefined) throw missing(`the repository, or the commit ${of.base.slice(0, 8)} in it`)
  return { commit }
}

/** Always base64 of the exact bytes: what plain text does to line ends and byte order marks is not documented. */
function changesOf(changes: PatchChange[]): GitChange[] {
  const rendered = changes.map(change => {
    const base = { changeType: changeTypes[change.kind], item: { path: `/${change.path.replace(/^\//, '')}` } }
    if (change.kind === 'delete') return base
    const content = Buffer.from(change.content ?? '', 'utf8').toString('base64')
    return { ...base, newContent: { content, contentType: ItemContentType.Base64Encoded } }
  })
  const bytes = rendered.reduce(
    (sum, change) => sum + ('newContent' in change ? change.newContent.content.length : 0),
    0,
  )
  if (bytes > maxContentBytes) throw new Rejected('The change is too large: Azure DevOps takes 25 MB in one push.')
  return rendered
}
