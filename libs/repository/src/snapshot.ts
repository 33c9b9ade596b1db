import type { BareRepository } from './bare-repository.ts'
import { type Blob, readBlobs } from './blob-reader.ts'
import {
  type FileChange,
  type GrepHit,
  parseHits,
  parseNameStatus,
  parseRawChanges,
  parseTree,
  type TreeEntry,
} from './git-listing.ts'

export type FileContent =
  | { kind: 'text'; content: string; executable: boolean }
  /** not UTF-8, or holds a NUL: nothing that could be edited as text and written back unchanged */
  | { kind: 'binary' }
  | { kind: 'too-large'; bytes: number }
  | { kind: 'symlink' }
  | { kind: 'submodule' }
  | { kind: 'absent' }

export type FolderEntry = { name: string; path: string; kind: 'folder' | TreeEntry['kind'] }

/** A repository as it was at one commit; never changes. Paths are relative, with `/`, without a leading one. */
export type Snapshot = {
  readonly commit: string
  /** every file, in git's order (bytes) */
  tree(): Promise<TreeEntry[]>
  /** what lies directly in `folder` ('' is the root), folders first; empty when there is no such folder */
  list(folder: string): Promise<FolderEntry[]>
  read(path: string): Promise<FileContent>
  /** one entry for each path asked for. Text is byte for byte that of the blob: line ends and BOM included */
  readMany(paths: Iterable<string>): Promise<Map<string, FileContent>>
  /**
   * Lines that contain `literal`, in path order. Fetches what it must search: name `paths` (files or folders) where possible.
   * @param options.maxHits default 200
   */
  grep(literal: string, options?: { paths?: string[]; maxHits?: number }): Promise<GrepHit[]>
  /**
   * Unified diff from the merge base of `fromCommit` and this commit to this commit: what a pull request shows. Over `maxBytes`
   * (default 200,000) it ends after a whole line with a line that says so.
   */
  diff(fromCommit: string, options?: { maxBytes?: number }): Promise<string>
  /** the files of that diff */
  changedFiles(fromCommit: string): Promise<FileChange[]>
  /** those files in memory with the list of all paths, for pure code that can't wait */
  sourceTree(paths: Iterable<string>): Promise<LoadedTree>
  /** Calls `use`, which must be pure, again with each file more that it turned out to need. */
  withSourceTree<T>(paths: Iterable<string>, use: (tree: LoadedTree) => T): Promise<T>
  /** Lets the cache remove the repository when it needs the room. Reading afterwards may fail. */
  release(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** As libs/patch takes it. What is too large to be edited counts as binary there. */
export type LoadedFile =
  | { path: string; kind: 'text'; content: string; executable: boolean }
  | { path: string; kind: 'binary' | 'symlink' | 'submodule' }

export type LoadedTree = {
  /** undefined when the commit has no such file. Throws NotLoaded for a file that exists and was not loaded */
  get(path: string): LoadedFile | undefined
  paths(): Iterable<string>
}

class NotLoaded extends Error {
  override name = 'NotLoaded'
  readonly path: string
  constructor(path: string) {
    super(`${path} was not loaded`)
    this.path = path
  }
}

export type Tree = ReadonlyMap<string, TreeEntry>

export type SnapshotParts = {
  repository: BareRepository
  commit: string
  /** the commit's tree, which snapshots of one process share */
  entries(): Promise<Tree>
  release(): Promise<void>
}

export async function readTree(repository: BareRepository, commit: string): Promise<Tree> {
  // Others wait for the same tree: one run's cancellation is not theirs.
  const { stdout } = await repository.git({ args: ['ls-tree', '-r', '-z', '--full-tree', commit], signal: undefined })
  return new Map(parseTree(stdout).map(entry => [entry.path, entry]))
}

export function snapshotOf({ repository, commit, entries, release }: SnapshotParts): Snapshot {
  const readMany = async (paths: Iterable<string>) => {
    const tree = await entries()
    const wanted = [...new Set(paths)]
    const files = wanted.map(path => tree.get(path)).filter(entry => entry?.kind === 'text')
    const blobs = await readBlobs(
      repository,
      files.map(entry => entry?.id ?? ''),
    )
    return new Map(wanted.map(path => [path, contentOf(tree.get(path), blobs)]))
  }
  const sourceTree = async (paths: Iterable<string>) => loadedTree(await entries(), await readMany(paths))
  return {
    commit,
    readMany,
    tree: async () => [...(await entries()).values()],
    list: async folder => listFolder((await entries()).values(), folder),
    read: async path => (await readMany([path])).get(path) ?? { kind: 'absent' },
    grep: async (literal, options = {}) => grep(repository, { commit, literal, tree: await entries(), ...options }),
    diff: (from, { maxBytes = 200_000 } = {}) => diff(repository, { from, commit, maxBytes }),
    changedFiles: from => changedFiles(repository, from, commit),
    sourceTree,
    async withSourceTree(paths, use) {
      const wanted = new Set(paths)
      for (;;) {
        try {
          return use(await sourceTree(wanted))
        } catch (cause) {
          if (!(cause instanceof NotLoaded) || wanted.has(cause.path)) throw cause
          wanted.add(cause.path)
        }
      }
    },
    release,
    [Symbol.asyncDispose]: release,
  }
}

function loadedTree(tree: Tree, loaded: Map<string, FileContent>): LoadedTree {
  return {
    paths: () => tree.keys(),
    get(path) {
      if (!tree.has(path)) return undefined
      const file = loaded.get(path)
      if (!file || file.kind === 'absent') throw new NotLoaded(path)
      return file.kind === 'too-large' ? { path, kind: 'binary' } : { path, ...file }
    },
  }
}

function contentOf(entry: TreeEntry | undefined, blobs: Map<string, Blob>): FileContent {
  if (!entry) return { kind: 'absent' }
  if (entry.kind !== 'text') return { kind: entry.kind }
  const blob = blobs.get(entry.id)
  if (!blob) throw new Error(`the content of ${entry.path} was not read`)
  if ('tooLarge' in blob) return { kind: 'too-large', bytes: blob.tooLarge }
  const content = decoded(blob.bytes)
  return content === undefined ? { kind: 'binary' } : { kind: 'text', content, executable: entry.executable }
}

function decoded(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function listFolder(entries: Iterable<TreeEntry>, folder: string): FolderEntry[] {
  const prefix = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`
  const folders = new Map<string, FolderEntry>()
  const files: FolderEntry[] = []
  for (const { path, kind } of entries) {
    if (!path.startsWith(prefix)) continue
    const rest = path.slice(prefix.length)
    const slash = rest.indexOf('/')
    const name = slash === -1 ? rest : rest.slice(0, slash)
    if (slash === -1) files.push({ name, path, kind })
    else folders.set(name, { name, path: prefix + name, kind: 'folder' })
  }
  return [...folders.values(), ...files]
}

type Grep = { commit: string; literal: string; tree: Tree; paths?: string[]; maxHits?: number }

async function grep(
  repository: BareRepository,
  { commit, literal, tree, paths, maxHits = 200 }: Grep,
): Promise<GrepHit[]> {
  if (literal === '' || literal.includes('\n') || paths?.length === 0) return []
  const within = paths?.map(path => path.replace(/\/+$/, '')).filter(path => path !== '')
  const isWithin = (path: string) =>
    !within?.length || within.some(place => path === place || path.startsWith(`${place}/`))
  const searched = [...tree.values()].filter(entry => entry.kind === 'text' && isWithin(entry.path))
  if (searched.length === 0) return []
  await repository.ensureBlobs(searched.map(entry => entry.id))
  const hits: GrepHit[] = []
  for (const places of chunks(within?.length ? within : [''], 200)) {
    const { stdout } = await repository.git({
      args: [
        'grep',
        '-F',
        '-I',
        '-n',
        '-z',
        '--no-color',
        '-e',
        literal,
        commit,
        '--',
        ...places.filter(place => place !== ''),
      ],
      // Lines are of any length: enough for what a reader may have, and never a whole repository.
      maxBytes: 8 * 1024 * 1024,
      answers: [1],
    })
    hits.push(...parseHits(stdout, commit))
    if (hits.length >= maxHits) break
  }
  return hits.slice(0, maxHits)
}

/** argv is bounded; a caller's list of paths is not. */
function chunks<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}

async function diff(
  repository: BareRepository,
  at: { from: string; commit: string; maxBytes: number },
): Promise<string> {
  const base = await mergeBase(repository, at.from, at.commit)
  await ensureChanged(repository, base, at.commit)
  const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '-M', '--src-prefix=a/', '--dst-prefix=b/']
  const { stdout, truncated } = await repository.git({
    args: ['diff', ...plain, base, at.commit],
    maxBytes: at.maxBytes,
  })
  if (!truncated) return stdout.toString('utf8')
  const whole = stdout.subarray(0, stdout.lastIndexOf(0x0a) + 1).toString('utf8')
  return `${whole}[diff cut off here: it is longer than ${at.maxBytes} bytes]\n`
}

async function changedFiles(repository: BareRepository, from: string, commit: string): Promise<FileChange[]> {
  const base = await mergeBase(repository, from, commit)
  await ensureChanged(repository, base, commit)
  const { stdout } = await repository.git({ args: ['diff-tree', '-r', '-z', '-M', '--name-status', base, commit] })
  return parseNameStatus(stdout)
}

/** Without common history there is nothing to leave out: the other commit itself is the base. */
async function mergeBase(repository: BareRepository, from: string, commit: string): Promise<string> {
  await repository.ensureCommits([from])
  const { stdout } = await repository.git({ args: ['merge-base', from, commit], answers: [1] })
  return stdout.toString().trim() || from
}

async function ensureChanged(repository: BareRepository, base: string, commit: string): Promise<void> {
  const { stdout } = await repository.git({ args: ['diff-tree', '-r', '-z', '--no-renames', base, commit] })
  await repository.ensureBlobs(parseRawChanges(stdout).flatMap(change => change.ids))
}
