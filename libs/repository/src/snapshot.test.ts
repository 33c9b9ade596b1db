import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRepositoryCache, type RepositoryCache } from './repository-cache.ts'
import { type ServedRepositories, servedRepositories } from './served-repositories.ts'
import type { LoadedTree, Snapshot } from './snapshot.ts'

let served: ServedRepositories
let cache: RepositoryCache
const dir = mkdtempSync(join(tmpdir(), 'snapshot-'))

beforeAll(async () => {
  served = await servedRepositories()
  cache = openRepositoryCache({ dir })
})
afterAll(async () => {
  await cache.close()
  await served.stop()
  rmSync(dir, { recursive: true, force: true })
})

async function snapshotWith(name: string, files: Record<string, string | Buffer>): Promise<Snapshot> {
  const repository = served.repository(name)
  return cache.at({ cloneUrl: repository.cloneUrl, commit: repository.commit(files) })
}

test('text is read byte for byte: CRLF, BOM, no final newline, and odd paths', async () => {
  const files = {
    'crlf.txt': 'one\r\ntwo\r\n',
    'bom.cs': '\uFEFFusing System;\n',
    'no newline': 'the end',
    'empty.txt': '',
    'Größe/日本語 文件.md': 'ä€😀\n',
    'a "quoted"\tname.txt': 'q\n',
    '[brackets]*?.txt': 'b\n',
    ':(top)magic': 'm\n',
  }
  const snapshot = await snapshotWith('bytes', files)
  const read = await snapshot.readMany([...Object.keys(files), 'none'])
  for (const [path, content] of Object.entries(files))
    expect(read.get(path)).toEqual({ kind: 'text', content, executable: false })
  expect(read.get('none')).toEqual({ kind: 'absent' })
  expect((await snapshot.tree()).map(entry => entry.path).sort()).toEqual(Object.keys(files).sort())
})

test('what is no text says so', async () => {
  const repository = served.repository('kinds')
  repository.commit({
    'latin1.txt': Buffer.from('Gr\xf6\xdfe\n', 'latin1'),
    'nul.txt': 'a\0b',
    'large.txt': 'x'.repeat(5_000_000),
    'run.sh': 'true\n',
    'target.txt': 't\n',
  })
  repository.git('update-index', '--chmod=+x', 'run.sh')
  const link = repository.git('rev-parse', 'HEAD:target.txt')
  const submodule = repository.git('rev-parse', 'HEAD')
  repository.git('update-index', '--add', '--cacheinfo', `120000,${link},link`)
  repository.git('update-index', '--add', '--cacheinfo', `160000,${submodule},module`)
  repository.git('commit', '--quiet', '--message', 'kinds')
  const snapshot = await cache.at({ cloneUrl: repository.cloneUrl, commit: repository.git('rev-parse', 'HEAD') })
  const read = await snapshot.readMany([
    'latin1.txt',
    'nul.txt',
    'large.txt',
    'link',
    'module',
    'run.sh',
    'module/x',
    '',
  ])
  expect(Object.fromEntries(read)).toEqual({
    'latin1.txt': { kind: 'binary' },
    'nul.txt': { kind: 'binary' },
    'large.txt': { kind: 'too-large', bytes: 5_000_000 },
    link: { kind: 'symlink' },
    module: { kind: 'submodule' },
    'run.sh': { kind: 'text', content: 'true\n', executable: true },
    'module/x': { kind: 'absent' },
    '': { kind: 'absent' },
  })
  expect(
    (await snapshot.tree()).filter(entry => entry.kind !== 'text' || entry.executable).map(({ path }) => path),
  ).toEqual(['link', 'module', 'run.sh'])
})

test('a folder lists what lies directly in it', async () => {
  const snapshot = await snapshotWith('folders', { 'a.txt': '', 'src/b.ts': '', 'src/deep/c.ts': '', 'srcs/d.ts': '' })
  expect((await snapshot.list('')).map(({ path, kind }) => [path, kind])).toEqual([
    ['src', 'folder'],
    ['srcs', 'folder'],
    ['a.txt', 'text'],
  ])
  expect((await snapshot.list('src')).map(entry => entry.path)).toEqual(['src/deep', 'src/b.ts'])
  expect(await snapshot.list('none')).toEqual([])
})

test('grep finds literals with their lines, within paths and up to a number', async () => {
  const snapshot = await snapshotWith('grep', {
    'a.ts': 'one\nfoo(.*)\r\nfoo(.*) again',
    'sub dir/ö.ts': 'x\nfoo(.*)\n',
    'sub dirt.ts': 'foo(.*)\n',
    'bin.dat': 'foo(.*)\0\n',
    'minus.txt': '--help\n',
  })
  expect(await snapshot.grep('foo(.*)')).toEqual([
    { path: 'a.ts', line: 2, text: 'foo(.*)\r' },
    { path: 'a.ts', line: 3, text: 'foo(.*) again' },
    { path: 'sub dir/ö.ts', line: 2, text: 'foo(.*)' },
    { path: 'sub dirt.ts', line: 1, text: 'foo(.*)' },
  ])
  expect((await snapshot.grep('foo(.*)', { paths: ['sub dir/'] })).map(hit => hit.path)).toEqual(['sub dir/ö.ts'])
  expect(await snapshot.grep('foo', { maxHits: 1 })).toHaveLength(1)
  expect(await snapshot.grep('--help')).toHaveLength(1)
  expect(await snapshot.grep('absent')).toEqual([])
  expect(await snapshot.grep('foo', { paths: ['nowhere'] })).toEqual([])
})

test('a pull request’s diff is that from the merge base, and is cut at a whole line', async () => {
  const repository = served.repository('diffs')
  const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')
  const base = repository.commit({ 'a ö.txt': 'one\ntwo\n', 'moved.txt': lines, 'gone.txt': 'x\n', 'same.txt': 's\n' })
  const target = repository.commit({ 'elsewhere.txt': 'not ours\n' })
  const commit = repository.commit(
    { 'a ö.txt': 'one\n2\n', 'moved.txt': null, 'to/moved.txt': `${lines}more\n`, 'gone.txt': null, 'new.txt': 'n' },
    { parent: base },
  )
  const snapshot = await cache.at({ cloneUrl: repository.cloneUrl, commit, also: [target] })
  const diff = await snapshot.diff(target)
  expect(diff).toContain('diff --git a/a ö.txt b/a ö.txt')
  expect(diff).toContain('-two\n+2\n')
  expect(diff).toContain('rename from moved.txt')
  expect(diff).not.toContain('elsewhere')
  const cut = await snapshot.diff(target, { maxBytes: 100 })
  expect(cut).toMatch(/\n\[diff cut off here: it is longer than 100 bytes\]\n$/)
  expect(diff.startsWith(cut.slice(0, cut.lastIndexOf('[diff')))).toBe(true)
  expect(await snapshot.changedFiles(target)).toEqual([
    { path: 'a ö.txt', kind: 'edit' },
    { path: 'gone.txt', kind: 'delete' },
    { path: 'new.txt', kind: 'add' },
    { path: 'to/moved.txt', kind: 'rename', from: 'moved.txt' },
  ])
})

test('a source tree answers at once for what was loaded, and complains about what was not', async () => {
  const snapshot = await snapshotWith('loaded', { 'a.txt': 'a\n', 'b.txt': 'b\n' })
  const tree = await snapshot.sourceTree(['a.txt', 'new.txt'])
  expect(tree.get('a.txt')).toMatchObject({ content: 'a\n' })
  expect(tree.get('new.txt')).toBeUndefined()
  expect(tree.get('also-new.txt')).toBeUndefined()
  expect(() => tree.get('b.txt')).toThrow('b.txt was not loaded')
  expect([...tree.paths()]).toEqual(['a.txt', 'b.txt'])
})

test('pure code that asks for one file after another gets them', async () => {
  const snapshot = await snapshotWith('needed', { 'a.txt': 'b.txt', 'b.txt': 'c.txt', 'c.txt': 'the end' })
  const follow = (tree: LoadedTree, path: string): string => {
    const file = tree.get(path)
    if (file?.kind !== 'text') throw new Error(`no text: ${path}`)
    return tree.get(file.content) ? follow(tree, file.content) : file.content
  }
  expect(await snapshot.withSourceTree(['a.txt'], tree => follow(tree, 'a.txt'))).toBe('the end')
  await expect(snapshot.withSourceTree([], tree => follow(tree, 'd.txt'))).rejects.toThrow('no text: d.txt')
})

test('5,000 files are listed, read and searched with a handful of requests', async () => {
  const names = Array.from({ length: 5_000 }, (_, i) => `folder ${i % 50}/file-${i}.ts`)
  const repository = served.repository('many')
  const commit = repository.commit(Object.fromEntries(names.map((name, i) => [name, `export const value = ${i}\n`])))
  const before = served.requests.length
  const snapshot = await cache.at({ cloneUrl: repository.cloneUrl, commit })
  expect(await snapshot.tree()).toHaveLength(5_000)
  expect(await snapshot.grep('value = 4999')).toHaveLength(1)
  expect((await snapshot.readMany(names)).get('folder 0/file-50.ts')).toMatchObject({
    content: 'export const value = 50\n',
  })
  expect(served.requests.length - before).toBeLessThan(10)
})
