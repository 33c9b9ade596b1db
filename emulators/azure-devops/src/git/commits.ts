import { type GitDir, GitFailed } from './git-dir.ts'
import type { GitObject } from './object-reader.ts'

export interface Signature {
  name: string
  email: string
  /** milliseconds since 1970 */
  at: number
}

export interface Commit {
  id: string
  treeId: string
  parents: string[]
  author: Signature
  committer: Signature
  /** with its final line break as stored */
  message: string
}

function parseSignature(line: string): Signature {
  const match = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(line)
  return { name: match?.[1] ?? '', email: match?.[2] ?? '', at: Number(match?.[3] ?? 0) * 1000 }
}

function parseCommit({ id, content }: GitObject): Commit {
  const text = content.toString()
  const end = text.indexOf('\n\n')
  const header = (end < 0 ? text : text.slice(0, end)).split('\n')
  const values = (key: string) =>
    header.filter(line => line.startsWith(`${key} `)).map(line => line.slice(key.length + 1))
  return {
    id,
    treeId: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parseSignature(values('author')[0] ?? ''),
    committer: parseSignature(values('committer')[0] ?? ''),
    message: end < 0 ? '' : text.slice(end + 2),
  }
}

/** undefined unless the name leads to a commit. */
export async function readCommit(git: GitDir, name: string): Promise<Commit | undefined> {
  const object = await git.read(`${name}^{commit}`)
  return object?.type === 'commit' ? parseCommit(object) : undefined
}

/** A commit object written as given; nothing refers to it yet. */
export async function writeCommit(git: GitDir, commit: Omit<Commit, 'id'>): Promise<string> {
  const sign = ({ name, email, at }: Signature) =>
    `${name.replace(/[<>\n]/g, '')} <${email.replace(/[<>\n]/g, '')}> ${Math.floor(at / 1000)} +0000`
  const text = [
    `tree ${commit.treeId}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${sign(commit.author)}`,
    `committer ${sign(commit.committer)}`,
    '',
    commit.message,
  ].join('\n')
  return (await git.run(['hash-object', '-t', 'commit', '-w', '--stdin'], text)).toString().trim()
}

/** Ids reachable from `include` and not from `exclude`, newest first. */
export async function listCommits(
  git: GitDir,
  range: { include: string; exclude?: string; skip?: number; top?: number; path?: string; flags?: string[] },
): Promise<string[]> {
  const out = await git.run([
    '--literal-pathspecs',
    'rev-list',
    ...(range.flags ?? []),
    `--skip=${range.skip ?? 0}`,
    ...(range.top === undefined ? [] : [`--max-count=${range.top}`]),
    range.include,
    ...(range.exclude ? [`^${range.exclude}`] : []),
    '--',
    ...(range.path ? [range.path] : []),
  ])
  return out.toString().split('\n').filter(Boolean)
}

export async function readCommits(git: GitDir, ids: readonly string[]): Promise<Commit[]> {
  const commits = await Promise.all(ids.map(id => readCommit(git, id)))
  return commits.flatMap(commit => commit ?? [])
}

/** The best common ancestors, none when histories are unrelated. */
export async function mergeBases(git: GitDir, one: string, other: string): Promise<string[]> {
  try {
    return (await git.run(['merge-base', '--all', one, other])).toString().split('\n').filter(Boolean)
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return []
    throw error
  }
}

export async function isAncestor(git: GitDir, ancestor: string, descendant: string): Promise<boolean> {
  try {
    await git.run(['merge-base', '--is-ancestor', ancestor, descendant])
    return true
  } catch (error) {
    if (error instanceof GitFailed) return false
    throw error
  }
}

/** How many commits `target` has that `base` lacks, and the other way round. */
export async function aheadBehind(
  git: GitDir,
  base: string,
  target: string,
): Promise<{ ahead: number; behind: number }> {
  const out = await git.run(['rev-list', '--left-right', '--count', `${base}...${target}`])
  const [behind = 0, ahead = 0] = out.toString().trim().split('\t').map(Number)
  return { ahead, behind }
}
