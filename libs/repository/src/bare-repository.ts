import { randomUUID } from 'node:crypto'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Rejected } from '@code-agent/jobs/errors'
import { type Git, type GitCall, GitFailed, type GitResult, type GitSetting } from './git-process.ts'
import { type HeldFile, holdFile, isCode } from './held-file.ts'

/**
 * A bare repository without blobs, filled from one remote by commit id. The remote, its filter and its credential live in the
 * environment of each fetch only: so no process ever writes the configuration (whose lock made parallel fetches fail), and a missing
 * blob is an answer that we see and fetch in one go, where git itself would fetch blob by blob.
 */
export type BareRepository = {
  /** runs git in the repository, without network */
  git(call: GitCall): Promise<GitResult>
  /** has the commits with all their history and trees. Throws Rejected when the server has none of such a commit or refuses us */
  ensureCommits(commits: string[]): Promise<void>
  /** has the blobs: however many are missing, one request per 10,000 */
  ensureBlobs(ids: Iterable<string>): Promise<void>
}

export type BareRepositoryAt = {
  git: Git
  gitDir: string
  cloneUrl: URL
  credential: GitSetting[]
  /** one process at a time fetches what is worth waiting for; the others then find it there */
  fetchMark: string
  onFetched(fields: { objects: number; ms: number }): void
  signal?: AbortSignal | undefined
}

export function bareRepository(at: BareRepositoryAt): BareRepository {
  const git = (call: GitCall) => at.git({ signal: at.signal, ...call, gitDir: at.gitDir })
  return {
    git,
    async ensureCommits(commits) {
      if ((await unpinned(git, commits)).length === 0) return
      await inTurn(at, async () => {
        const missing = await unpinned(git, commits)
        // A name of its own for each fetch: two processes never wait for the same ref, and no lock of a killed one is in the way.
        const refspecs = missing.map(commit => `${commit}:${pins(commit)}/${randomUUID()}`)
        await fetchFrom(at, refspecs, 'haves').catch(cause => explain(cause, at.cloneUrl, missing))
      })
    },
    async ensureBlobs(ids) {
      const missing = await missingObjects(git, ids)
      if (missing.length === 0) return
      const bring = async (wanted: string[]) => {
        for (let i = 0; i < wanted.length; i += 10_000)
          await fetchFrom(at, wanted.slice(i, i + 10_000), 'no haves').catch(cause => explain(cause, at.cloneUrl, []))
      }
      // A few blobs twice cost less than waiting for somebody's thousands.
      if (missing.length <= 100) return bring(missing)
      await inTurn(at, async () => bring(await missingObjects(git, missing)))
    },
  }
}

/** Made beside and renamed, so that nobody ever sees half of it; who comes second uses the first one's. */
export async function createBareRepository(git: Git, gitDir: string): Promise<void> {
  if (await exists(gitDir)) return
  const beside = join(dirname(gitDir), `.${randomUUID()}`)
  await mkdir(beside, { recursive: true })
  await git({ args: ['init', '--quiet', '--bare', '--template=', beside] })
  try {
    await rename(beside, gitDir)
  } catch (cause) {
    await rm(beside, { recursive: true, force: true })
    if (!isCode(cause, 'ENOTEMPTY') && !isCode(cause, 'EEXIST')) throw cause
  }
}

/** Pinned, not merely present: the pin is written after git has checked that nothing is missing behind the commit. */
async function unpinned(git: BareRepository['git'], commits: string[]): Promise<string[]> {
  const { stdout } = await git({ args: ['for-each-ref', '--format=%(objectname)', ...commits.map(pins)] })
  const pinned = new Set(stdout.toString().split('\n'))
  return [...new Set(commits)].filter(commit => !pinned.has(commit))
}

function pins(commit: string): string {
  return `refs/code-agent/${commit}`
}

async function missingObjects(git: BareRepository['git'], ids: Iterable<string>): Promise<string[]> {
  const input = [...new Set(ids)].join('\n')
  if (input === '') return []
  const { stdout } = await git({ args: ['cat-file', '--batch-check=%(objectname)'], input: `${input}\n` })
  const lines = stdout.toString().split('\n')
  return lines.filter(line => line.endsWith(' missing')).map(line => line.slice(0, -' missing'.length))
}

async function fetchFrom(at: BareRepositoryAt, wants: string[], negotiation: 'haves' | 'no haves'): Promise<void> {
  if (wants.length === 0) return
  const started = performance.now()
  const algorithm: GitSetting[] = negotiation === 'haves' ? [] : [['fetch.negotiationAlgorithm', 'noop']]
  const remote: GitSetting[] = [
    ['remote.origin.url', at.cloneUrl.href],
    ['remote.origin.promisor', 'true'],
    // A server without filters sends everything, which git says on stderr and carries on with.
    ['remote.origin.partialCloneFilter', 'blob:none'],
  ]
  await at.git({
    args: ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--recurse-submodules=no', '--stdin', 'origin'],
    input: `${wants.join('\n')}\n`,
    gitDir: at.gitDir,
    settings: [...remote, ...algorithm, ...at.credential],
    signal: at.signal,
  })
  at.onFetched({ objects: wants.length, ms: Math.round(performance.now() - started) })
}

async function inTurn(at: BareRepositoryAt, fetch: () => Promise<void>): Promise<void> {
  const turn: HeldFile = await holdFile(at.fetchMark, at.signal)
  try {
    await fetch()
  } finally {
    await turn.release()
  }
}

const refusals: [RegExp, (host: string) => string][] = [
  [
    /Authentication failed|could not read Username|error: 40[13]|error: 30\d|unable to update url base/i,
    host => `${host} did not accept the credential for reading the repository`,
  ],
  [
    /is this a git repository|invalid server response|Cannot obtain needed object/i,
    host => `${host} answered with a page instead of the repository, as it does to an expired credential`,
  ],
  [
    /repository '.*' not found|does not appear to be a git repository|TF401019/i,
    host => `${host} has no such repository, or hides it from us`,
  ],
]

function explain(cause: unknown, cloneUrl: URL, commits: string[]): never {
  if (!(cause instanceof GitFailed)) throw cause
  if (/not our ref|unadvertised object|remote ref .* not found/i.test(cause.stderr)) {
    const which = commits.find(commit => cause.stderr.includes(commit)) ?? commits.join(' or ')
    throw new Rejected(`the repository has no commit ${which} any more`, { cause })
  }
  const refusal = refusals.find(([pattern]) => pattern.test(cause.stderr))
  if (refusal) throw new Rejected(refusal[1](cloneUrl.host || 'the disk'), { cause })
  throw cause
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
