import { execFileSync } from 'node:child_process'
import type { Random } from '../chaos/random.ts'
import type { Edit, EditedFile } from './written-diff.ts'

const MOST_BYTES = 100_000
const MOST_LINES = 250
const MOST_FILES = 3

/** Real edits from a repository's history: up to three text files that one commit changed, as they were and became. */
export function gitEdits(repository: string, count: number, random: Random): Edit[] {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const commits = shuffled(
    git('log', '--no-merges', '--min-parents=1', '--format=%H').split('\n').filter(Boolean),
    random,
  )
  const edits: Edit[] = []
  // A commit of many files gives several edits, so that a history of few but large ones serves as well.
  for (let round = 0; edits.length < count && round < 50; round++) {
    for (const commit of commits) {
      if (edits.length >= count) break
      const edit = editOf(git, commit, random)
      if (edit) edits.push(edit)
    }
  }
  return edits
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map(one => ({ one, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
}

function editOf(git: (...args: string[]) => string, commit: string, random: Random): Edit | undefined {
  const changed = git('diff-tree', '-r', '--numstat', '--no-renames', '--diff-filter=M', '-z', `${commit}^`, commit)
  const fit = changed.split('\0').flatMap(row => {
    const [added = '-', removed = '-', path = ''] = row.split('\t')
    const lines = Number(added) + Number(removed)
    return path !== '' && lines > 0 && lines <= MOST_LINES ? [path] : []
  })
  const files: EditedFile[] = []
  for (const path of shuffled(fit, random).slice(0, random.whole(1, MOST_FILES))) {
    const before = git('show', `${commit}^:${path}`)
    const after = git('show', `${commit}:${path}`)
    const isText = ![before, after].some(
      text => text.includes('\0') || text.includes('\uFFFD') || text.length > MOST_BYTES,
    )
    if (isText && before !== '' && after !== '') files.push({ path, before, after })
  }
  return files.length > 0 ? { name: commit.slice(0, 10), files } : undefined
}
