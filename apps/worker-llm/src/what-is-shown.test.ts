import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Turn } from '@code-agent/llm/model'
import { openRepositoryCache, type RepositoryCache } from '@code-agent/repository/repository-cache'
import { type ServedRepositories, servedRepositories } from '@code-agent/repository/served-repositories'
import type { Snapshot } from '@code-agent/repository/snapshot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerTools } from './answer-tools.ts'
import { diffSections } from './diff-sections.ts'
import { type Shown, whatIsShown } from './what-is-shown.ts'

let served: ServedRepositories
let cache: RepositoryCache
let snapshot: Snapshot
let shown: Shown
let base: string
const dir = mkdtempSync(join(tmpdir(), 'what-is-shown-'))
const key = `-----BEGIN ${'PRIVATE'} KEY-----\n${'aB3dE5fG7hJ9kL2m'.repeat(4)}\n${'nB3dE5fG7hJ9kL2m'.repeat(4)}\n`

beforeAll(async () => {
  served = await servedRepositories()
  cache = openRepositoryCache({ dir })
  const repository = served.repository('shown')
  base = repository.commit({ 'a.txt': 'needle\n', '.env': 'A=needle\n', 'keys.txt': `needle\n${key}one\n` })
  const commit = repository.commit({
    'a.txt': 'needle one\n',
    '.env': 'A=needle2\n',
    'keys.txt': `needle\n${key}two\n`,
    'größe.txt': 'needle\n',
    'vendor/x.js': 'needle\n',
    'long.txt': Array.from({ length: 20_000 }, (_, line) => `line ${line + 1}\n`).join(''),
  })
  snapshot = await cache.at({ cloneUrl: repository.cloneUrl, commit, also: [base] })
  shown = whatIsShown(snapshot, ['vendor/'])
})
afterAll(async () => {
  await cache.close()
  await served.stop()
  rmSync(dir, { recursive: true, force: true })
})

const ask = async (calls: { name: string; input: unknown }[], characters = 200_000, callMs = 10_000) => {
  const turn = await answerTools(
    shown,
    calls.map((call, at) => ({ ...call, id: `c${at}` })),
    { characters },
    { callMs },
  )
  return resultsOf(turn)
}
function resultsOf(turn: Turn) {
  return turn.role === 'tools' ? turn.results : []
}

test('ignored files are nowhere, secret ones are named without their content', async () => {
  expect(await shown.paths()).toEqual(['.env', 'a.txt', 'größe.txt', 'keys.txt', 'long.txt'])
  expect((await shown.list('')).map(({ path }) => path)).not.toContain('vendor')
  expect(await shown.list('vendor')).toEqual([])
  expect(await shown.read('vendor/x.js')).toEqual({ kind: 'absent' })
  expect(await shown.read('.env')).toMatchObject({ kind: 'withheld' })
  expect(await shown.read('keys.txt')).toMatchObject({
    kind: 'withheld',
    because: expect.stringContaining('line 2 looks like a private key'),
  })
  expect((await shown.grep('needle', { maxHits: 50 })).map(({ path }) => path)).toEqual(['a.txt', 'größe.txt'])
})

test('of the pull request’s diff, the parts of what is not shown are left out and named', async () => {
  const { text, withheld } = await shown.diff(base, { maxBytes: 400_000 })
  expect(withheld.toSorted()).toEqual(['.env', 'keys.txt'])
  expect(text).toContain('+needle one')
  for (const hidden of ['A=needle', 'vendor', 'aB3dE5fG7hJ9']) expect(text).not.toContain(hidden)
  expect((await shown.changedFiles(base)).map(({ path }) => path)).not.toContain('vendor/x.js')
})

test('parts of a diff know their paths, odd and renamed ones too, and lines that look like headers are none', () => {
  const sections = diffSections(
    'diff --git "a/gr\\303\\266\\303\\237e.txt" b/b.txt\nsimilarity index 90%\nrename from "gr\\303\\266\\303\\237e.txt"\nrename to b.txt\n--- "a/gr\\303\\266\\303\\237e.txt"\n+++ b/b.txt\n@@ -1 +1 @@\n--- a/not-a-header\n+x\ndiff --git a/z b/z\nnew file mode 100644\n--- /dev/null\n+++ b/z\n@@ -0,0 +1 @@\n+1\n',
  )
  expect(sections.map(({ paths }) => paths)).toEqual([['größe.txt', 'b.txt'], ['z']])
  expect(sections[0]?.content).toContain('-- a/not-a-header')
})

test('tools read ranges with their real numbers, within what one result may hold', async () => {
  const [range, whole, past] = await ask([
    { name: 'read_file', input: { path: 'long.txt', start_line: 15_000, end_line: 15_001 } },
    { name: 'read_file', input: { path: 'long.txt' } },
    { name: 'read_file', input: { path: 'long.txt', start_line: 90_000 } },
  ])
  expect(range?.text).toMatch(/lines="15000-15001" of="20000"[^>]*>\nline 15000\nline 15001\n<\/file/)
  expect(whole?.text.length).toBeLessThan(31_000)
  expect(whole?.text).toMatch(/\(cut after line (\d+): ask for the lines after it\)\n$/)
  expect(past?.text).toContain('of="20000"')
})

test('no tool tells what is withheld', async () => {
  const results = await ask([
    { name: 'read_file', input: { path: '.env' } },
    { name: 'read_file', input: { path: 'keys.txt' } },
    { name: 'read_file', input: { path: 'vendor/x.js' } },
    { name: 'read_file', input: { path: '../../etc/passwd' } },
    { name: 'grep', input: { text: 'aB3dE5' } },
    { name: 'list_files', input: { folder: 'vendor' } },
    { name: 'rm', input: {} },
  ])
  expect(results.map(({ failed }) => failed ?? false)).toEqual([true, true, true, true, false, false, true])
  expect(JSON.stringify(results)).not.toContain('aB3dE5f')
  expect(JSON.stringify(results)).not.toContain('A=needle')
  expect(results[2]?.text).toBe('vendor/x.js is absent.')
})

test('calls beyond eight, bytes beyond the variant’s, and time beyond a call’s are answered by what was too much', async () => {
  const read = { name: 'read_file', input: { path: 'a.txt' } }
  expect((await ask(Array.from({ length: 10 }, () => read))).map(({ text }) => /at most 8 calls/.test(text))).toEqual([
    ...Array.from({ length: 8 }, () => false),
    true,
    true,
  ])
  const long = { name: 'read_file', input: { path: 'long.txt' } }
  const few = await ask([long, long, read], 40_000)
  expect(few.map(({ failed }) => failed ?? false)).toEqual([false, true, false])
  expect(few[1]?.text).toContain('as much as one variant may')
  const [late] = await ask([{ name: 'grep', input: { text: 'needle' } }], 200_000, 0)
  expect(late).toMatchObject({ failed: true, text: expect.stringContaining('was given up') })
})
