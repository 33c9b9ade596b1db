import { type Commit, readCommit } from '../git/commits.ts'
import type { Query } from '../http/call.ts'
import { parseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { defaultBranch, type Repository } from '../state/repository.ts'

export const versionTypes = ['branch', 'tag', 'commit'] as const
export const versionOptions = ['none', 'previousChange', 'firstParent'] as const

export interface Version {
  version?: string | undefined
  type?: (typeof versionTypes)[number] | undefined
  options?: (typeof versionOptions)[number] | undefined
}

/** The descriptor under a prefix such as `versionDescriptor.`; the short form without `.version` counts too. */
export function readVersion(query: Query, prefix: string): Version {
  const read = (name: string) => query.text(`${prefix}${name}`) ?? query.text(name)
  const type = read('versionType')
  const options = read('versionOptions')
  return {
    version: read('version'),
    type: type === undefined ? undefined : parseEnum(versionTypes, type),
    options: options === undefined ? undefined : parseEnum(versionOptions, options),
  }
}

function describe({ version, type = 'branch' }: Version): string {
  return `<${type}: ${version} >`
}

/** The commit a descriptor means; without one, the tip of the default branch. 404 when there is none. */
export async function resolveVersion(repository: Repository, version: Version): Promise<Commit> {
  const { version: name, type = 'branch', options = 'none' } = version
  const notFound = () => new ServiceError('unresolvable', describe(version), repository.name)
  const names = {
    branch: `refs/heads/${name?.replace(/^refs\/heads\//, '')}`,
    tag: `refs/tags/${name?.replace(/^refs\/tags\//, '')}`,
    commit: name,
  }
  if (type === 'commit' && name !== undefined && !/^[0-9a-f]{4,40}$/i.test(name)) throw notFound()
  const target = name === undefined || name === '' ? await defaultBranch(repository) : names[type]
  const commit = target === undefined ? undefined : await readCommit(repository.git, target)
  if (!commit) throw notFound()
  if (options === 'none') return commit
  const parent = commit.parents[0] === undefined ? undefined : await readCommit(repository.git, commit.parents[0])
  if (!parent) throw notFound()
  return parent
}
