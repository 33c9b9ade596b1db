import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GitDir, GitFailed, runProgram } from './git-dir.ts'

interface Unmerged {
  mode: string
  /** ids of base, ours and theirs; undefined where the file does not exist */
  ids: [string | undefined, string | undefined, string | undefined]
}

async function unmergedFiles(git: (...args: string[]) => Promise<Buffer>): Promise<Map<string, Unmerged>> {
  const files = new Map<string, Unmerged>()
  for (const line of (await git('ls-files', '-u', '-z')).toString().split('\0').filter(Boolean)) {
    const [entry = '', path = ''] = line.split('\t')
    const [mode = '', id, stage] = entry.split(' ')
    const file = files.get(path) ?? { mode, ids: [undefined, undefined, undefined] }
    file.ids[Number(stage) - 1] = id
    files.set(path, file)
  }
  return files
}

/** The three versions of one file merged line by line, or undefined on a conflict. */
async function mergeFile(git: GitDir, dir: string, [base, ours, theirs]: Unmerged['ids']): Promise<Buffer | undefined> {
  if (!base || !ours || !theirs) return undefined
  const names = ['ours', 'base', 'theirs'].map(name => join(dir, name))
  for (const [index, id] of [ours, base, theirs].entries()) {
    const blob = await git.read(id)
    if (!blob || blob.content.includes(0)) return undefined
    await writeFile(names[index] ?? '', blob.content)
  }
  try {
    return await runProgram('git', ['merge-file', '-p', ...names])
  } catch (error) {
    if (error instanceof GitFailed) return undefined
    throw error
  }
}

/** What `git merge-tree --write-tree` does, with what git had before 2.38: an index of its own, file by file. */
export async function mergeByIndex(
  git: GitDir,
  base: string,
  ours: string,
  theirs: string,
): Promise<string | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'merge-'))
  const withIndex = (...args: string[]) =>
    runProgram('env', [`GIT_INDEX_FILE=${join(dir, 'index')}`, 'git', `--git-dir=${git.dir}`, ...args])
  try {
    await withIndex('read-tree', '-i', '-m', '--aggressive', base, ours, theirs)
    for (const [path, { mode, ids }] of await unmergedFiles(withIndex)) {
      const merged = await mergeFile(git, dir, ids)
      if (!merged) return undefined
      const id = (await git.run(['hash-object', '-w', '--stdin'], merged)).toString().trim()
      await withIndex('update-index', '--cacheinfo', `${mode},${id},${path}`)
    }
    return (await withIndex('write-tree')).toString().trim()
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
