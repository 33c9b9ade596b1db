import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCommit } from './commits.ts'
import { importCommits } from './fast-import.ts'
import { type GitDir, openGitDir, runGit } from './git-dir.ts'
import { mergeByIndex } from './index-merge.ts'
import { cherryPick, mergeTrees } from './merging.ts'
import { slots } from './slots.ts'

const who = { name: 'T', email: 't@demo.example', at: 0 }
let dir: string
let git: GitDir

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'merging-'))
  await runGit(['init', '-q', '--bare', dir])
  git = openGitDir(dir, slots(4))
})
afterAll(async () => {
  git.close()
  await rm(dir, { recursive: true, force: true })
})

async function commit(parent: string | undefined, files: Record<string, string | null>): Promise<string> {
  const changes = Object.entries(files).map(([path, content]) =>
    content === null
      ? ({ kind: 'delete', path } as const)
      : ({ kind: 'write', path, mode: '100644', content: Buffer.from(content) } as const),
  )
  const { commitIds } = await importCommits(git, [{ parent, author: who, committer: who, message: 'm\n', changes }])
  return commitIds[0] ?? ''
}

const lines = (...changed: string[]) => Array.from({ length: 20 }, (_, n) => `${changed[n] ?? n}\n`).join('')

test('edits apart from each other merge, and old git’s way gives the same tree', async () => {
  const base = await commit(undefined, { 'a.txt': lines(), 'b.txt': 'b\n', 'c.txt': 'c\n' })
  const ours = await commit(base, { 'a.txt': lines('first'), 'b.txt': null, 'ü "q".txt': 'new\n' })
  const theirs = await commit(base, { 'a.txt': lines(...Array(19), 'last'), 'c.txt': 'changed\n' })
  const tree = await mergeTrees(git, ours, theirs)
  expect(tree).toMatch(/^[0-9a-f]{40}$/)
  expect(await mergeByIndex(git, base, ours, theirs)).toBe(tree)
})

test('edits of the same line, and an edit of what the other deleted, conflict either way', async () => {
  const base = await commit(undefined, { 'a.txt': lines(), 'b.txt': 'b\n' })
  const ours = await commit(base, { 'a.txt': lines('one') })
  const theirs = await commit(base, { 'a.txt': lines('other') })
  const deleted = await commit(base, { 'a.txt': null })
  for (const other of [theirs, deleted]) {
    expect(await mergeTrees(git, ours, other)).toBeUndefined()
    expect(await mergeByIndex(git, base, ours, other)).toBeUndefined()
  }
})

test('a commit is copied onto another although git can’t be told the merge base', async () => {
  const base = await commit(undefined, { 'a.txt': 'a\n' })
  const first = await commit(base, { 'b.txt': 'b\n' })
  const second = await readCommit(git, await commit(first, { 'c.txt': 'c\n' }))
  const copy = second && (await cherryPick(git, second, base, who))
  const files = await runGit([`--git-dir=${dir}`, 'ls-tree', '--name-only', copy ?? ''])
  expect(files.toString()).toBe('a.txt\nc.txt\n')
  expect((await readCommit(git, copy ?? ''))?.parents).toEqual([base])
})
