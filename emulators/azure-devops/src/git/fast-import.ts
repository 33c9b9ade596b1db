import { randomUUID } from 'node:crypto'
import type { Signature } from './commits.ts'
import type { GitDir } from './git-dir.ts'
import { readRef } from './refs.ts'

/** One change of a commit to write; paths without a leading slash. */
export type FileChange =
  | { kind: 'write'; path: string; mode: string; content: Buffer }
  | { kind: 'delete'; path: string }
  | { kind: 'move'; from: string; to: string }

export interface NewCommit {
  /** undefined: a root commit */
  parent: string | undefined
  author: Signature
  committer: Signature
  message: string
  changes: readonly FileChange[]
}

function quote(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`
}

function sign({ name, email, at }: Signature): string {
  return `${name.replace(/[<>\n]/g, '')} <${email.replace(/[<>\n]/g, '')}> ${Math.floor(at / 1000)} +0000`
}

function data(content: Buffer): Buffer[] {
  return [Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')]
}

/**
 * Writes commits, each on the one before unless it names a parent, in one process whatever their size, and leaves them
 * under a temporary ref, which the caller deletes together with moving the real one.
 */
export async function importCommits(
  git: GitDir,
  commits: readonly NewCommit[],
): Promise<{ commitIds: string[]; temporaryRef: string }> {
  const temporaryRef = `refs/emulator/${randomUUID()}`
  const stream: Buffer[] = []
  const line = (text: string) => stream.push(Buffer.from(`${text}\n`))

  for (const [index, commit] of commits.entries()) {
    line(`commit ${temporaryRef}`)
    line(`mark :${index + 1}`)
    line(`author ${sign(commit.author)}`)
    line(`committer ${sign(commit.committer)}`)
    stream.push(...data(Buffer.from(commit.message)))
    if (commit.parent !== undefined) line(`from ${commit.parent}`)
    for (const change of commit.changes) {
      if (change.kind === 'delete') line(`D ${quote(change.path)}`)
      else if (change.kind === 'move') line(`R ${quote(change.from)} ${quote(change.to)}`)
      else {
        line(`M ${change.mode} inline ${quote(change.path)}`)
        stream.push(...data(change.content))
      }
    }
    line('')
  }
  for (const index of commits.keys()) line(`get-mark :${index + 1}`)
  line('done')
  const out = await git.run(['fast-import', '--quiet', '--done', '--force'], Buffer.concat(stream))
  const commitIds = out.toString().split('\n').filter(Boolean)
  if ((await readRef(git, temporaryRef)) === undefined) throw new Error('git fast-import left no commit')
  return { commitIds, temporaryRef }
}
