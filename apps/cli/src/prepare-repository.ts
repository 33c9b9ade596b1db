import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { sampleChange, sampleProject } from './sample-project.ts'

const run = promisify(execFile)
const someone = { name: 'Alice Example', email: 'alice@example.com' }
const identity = ['-c', `user.name=${someone.name}`, '-c', `user.email=${someone.email}`, '-c', 'commit.gpgsign=false']

export type PreparedRepository = {
  /** A bare repository of our own, to be taken over by the emulator. */
  bare: string
  targetBranch: string
  sourceBranch: string
  title: string
  remove(): Promise<void>
}

const sourceBranch = 'feature/reminder'

/** The demo's own project, with a branch that has something to comment on. */
export async function sampleRepository(): Promise<PreparedRepository> {
  const dir = await mkdtemp(join(tmpdir(), 'code-agent-sample-'))
  const work = join(dir, 'work')
  await run('git', ['init', '-q', '-b', 'main', work])
  await commitFiles(work, sampleProject, 'Open the shop')
  await run('git', ['-C', work, 'checkout', '-q', '-b', sourceBranch])
  await commitFiles(work, sampleChange, 'Remind people tomorrow')
  const bare = join(dir, 'shop.git')
  await run('git', ['clone', '-q', '--bare', work, bare])
  return {
    bare,
    targetBranch: 'main',
    sourceBranch,
    title: 'Remind people tomorrow',
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

/**
 * A copy of somebody's repository, which is only read, with a branch for a pull request on what its HEAD holds.
 * @throws when the folder is no git repository or has no commit yet
 */
export async function copiedRepository(source: string): Promise<PreparedRepository> {
  const head = await git(source, 'rev-parse', '--verify', 'HEAD^{commit}').catch((cause: unknown) => {
    throw new Error(`--repo ${source}: not a git repository with at least one commit`, { cause })
  })
  const dir = await mkdtemp(join(tmpdir(), 'code-agent-copy-'))
  const bare = join(dir, 'copy.git')
  await run('git', ['clone', '-q', '--bare', '--no-hardlinks', source, bare], { maxBuffer: 1e8 })
  const branch = (await git(source, 'symbolic-ref', '-q', '--short', 'HEAD').catch(() => '')) || 'main'
  await git(bare, 'update-ref', `refs/heads/${branch}`, head)
  await git(bare, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`)
  const free = await freeBranch(bare)
  const tree = await git(bare, 'rev-parse', `${head}^{tree}`)
  const commit = await git(bare, ...identity, 'commit-tree', tree, '-p', head, '-m', 'Ask for an edit')
  await git(bare, 'update-ref', `refs/heads/${free}`, commit)
  return {
    bare,
    targetBranch: branch,
    sourceBranch: free,
    title: 'Ask for an edit',
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

async function freeBranch(bare: string): Promise<string> {
  const names = (await git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).split('\n')
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'code-agent-demo' : `code-agent-demo-${n}`
    if (!names.some(taken => taken === name || taken.startsWith(`${name}/`))) return name
  }
}

async function commitFiles(work: string, files: Record<string, string>, message: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true })
    await writeFile(join(work, path), text)
  }
  await git(work, 'add', '-A')
  await git(work, ...identity, 'commit', '-q', '-m', message)
}

async function git(dir: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', dir, ...args], { maxBuffer: 1e8 })
  return stdout.trim()
}
