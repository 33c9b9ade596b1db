import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { bareRepository, createBareRepository } from './bare-repository.ts'
import { type CachePaths, cachePaths, holdRepository, markUsed, trimCache } from './cache-folder.ts'
import { type CloneCredential, credentialSettings } from './clone-credential.ts'
import { type Git, gitProcess } from './git-process.ts'
import { readTree, type Snapshot, snapshotOf, type Tree } from './snapshot.ts'

export type RepositoryCacheOptions = {
  /** may be shared by any number of processes, also on a volume */
  dir: string
  /** of all repositories together; those in use are never removed. Default 5 GiB */
  maxBytes?: number
  /** what git inherits: PATH, HTTPS_PROXY, GIT_SSL_CAINFO … Default: a usual PATH and nothing else */
  environment?: Record<string, string>
  /** also read `file:` repositories: for tests and the demo */
  allowFile?: boolean
  log?: Log
}

export type Log = Record<'debug' | 'warn', (fields: object, message: string) => void>

export type SnapshotRequest = {
  /** http(s); a user in it is dropped */
  cloneUrl: string
  credential?: CloneCredential | undefined
  /** 40 or 64 hex digits */
  commit: string
  /** other commits that will be compared with, fetched in the same request */
  also?: string[]
  /** ends the fetch, and everything later asked of the snapshot */
  signal?: AbortSignal | undefined
}

export type RepositoryCache = {
  /** Throws Rejected when the server has no such repository or commit or does not let us in; anything else may be tried again. */
  at(request: SnapshotRequest): Promise<Snapshot>
  /** Removes what is over the size cap, as happens after each fetch and release. Resolves with how many repositories went. */
  trim(): Promise<number>
  /** releases every snapshot still held */
  close(): Promise<void>
}

/** Repositories read at a commit, kept on disk between runs: history and trees once, file contents as they are asked for. */
export function openRepositoryCache(options: RepositoryCacheOptions): RepositoryCache {
  const paths = cachePaths(resolve(options.dir))
  const git = gitProcess({ inherited: options.environment ?? {}, allowFile: options.allowFile ?? false })
  const releases = new Set<() => Promise<void>>()
  const trim = trimOneAtATime(paths, options)
  const trees = rememberedTrees(8)
  return {
    async at(request) {
      const opened = await open({ paths, git, log: options.log }, request)
      const release = async () => {
        if (!releases.delete(release)) return
        await opened.release()
        await trim()
      }
      releases.add(release)
      const { repository } = opened
      const { commit } = request
      const entries = () => trees(`${opened.key} ${commit}`, () => readTree(repository, commit))
      return snapshotOf({ repository, commit, entries, release })
    },
    async trim() {
      return (await trim()).length
    },
    async close() {
      await Promise.all([...releases].map(release => release()))
    },
  }
}

type Parts = { paths: CachePaths; git: Git; log: Log | undefined }

async function open({ paths, git, log }: Parts, { cloneUrl, credential, commit, also = [], signal }: SnapshotRequest) {
  const url = withoutUser(cloneUrl)
  for (const id of [commit, ...also])
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) throw new Error(`not a commit id: ${id.slice(0, 80)}`)
  const key = createHash('sha256').update(url.href).digest('hex').slice(0, 32)
  const held = await holdRepository(paths, key, signal)
  try {
    await createBareRepository(git, paths.repository(key))
    await markUsed(paths, key)
    const repository = bareRepository({
      git,
      gitDir: paths.repository(key),
      cloneUrl: url,
      credential: credentialSettings(url, credential),
      fetchMark: paths.fetching(key),
      signal,
      onFetched: fields => log?.debug({ repository: url.href, ...fields }, 'fetched from the repository'),
    })
    await repository.ensureCommits([commit, ...also])
    return { key, repository, release: held.release }
  } catch (cause) {
    await held.release()
    throw cause
  }
}

/** The variants of a run read the same commit; twenty thousand paths need not be in memory for each. A failed attempt is forgotten. */
function rememberedTrees(most: number) {
  const trees = new Map<string, Promise<Tree>>()
  return (key: string, read: () => Promise<Tree>) => {
    const tree = trees.get(key) ?? read()
    trees.delete(key)
    trees.set(key, tree)
    tree.catch(() => trees.delete(key))
    const [oldest] = trees.keys()
    if (trees.size > most && oldest !== undefined) trees.delete(oldest)
    return tree
  }
}

/** A password in a URL would end up in logs and argv; the credential has its own way. */
function withoutUser(cloneUrl: string): URL {
  const url = new URL(cloneUrl)
  url.username = ''
  url.password = ''
  return url
}

/** Trimming is housekeeping: it never fails who happened to cause it. */
function trimOneAtATime(paths: CachePaths, { maxBytes = 5 * 1024 ** 3, log }: RepositoryCacheOptions) {
  let running: Promise<string[]> | undefined
  return () => {
    running ??= trimCache(paths, maxBytes)
      .catch(error => {
        log?.warn({ error }, 'the repository cache could not be trimmed')
        return []
      })
      .finally(() => {
        running = undefined
      })
    return running
  }
}
