import { type Commit, mergeBases, readCommit, type Signature, writeCommit } from './commits.ts'
import { type GitDir, GitFailed } from './git-dir.ts'
import { mergeByIndex } from './index-merge.ts'

// how merge-tree of git before 2.38 answers an option it does not know
const tooOld = /usage: git merge-tree|Not a valid object name --write-tree/

/** The tree of `theirs` merged into `ours`, or undefined on a conflict. */
export async function mergeTrees(git: GitDir, ours: string, theirs: string): Promise<string | undefined> {
  try {
    const out = await git.run(['merge-tree', '--write-tree', '--allow-unrelated-histories', ours, theirs])
    return out.toString().split('\n')[0]
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error
    if (error.exitCode === 1) return undefined
    if (!tooOld.test(error.stderr)) throw error
    const [base] = await mergeBases(git, ours, theirs)
    return base === undefined ? undefined : mergeByIndex(git, base, ours, theirs)
  }
}

/**
 * `commit` copied onto `onto`, or undefined on a conflict. git 2.39 can't be told a merge base, so `onto` is given
 * the copied commit's parent as its own for the moment: the base is then what a cherry-pick needs.
 */
export async function cherryPick(
  git: GitDir,
  commit: Commit,
  onto: string,
  committer: Signature,
): Promise<string | undefined> {
  const ground = await readCommit(git, onto)
  const parent = commit.parents[0]
  if (!ground || parent === undefined) return undefined
  const standIn = await writeCommit(git, { ...ground, parents: [parent] })
  const treeId = await mergeTrees(git, standIn, commit.id)
  if (treeId === undefined) return undefined
  return writeCommit(git, { treeId, parents: [onto], author: commit.author, committer, message: commit.message })
}
