import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Rejected } from '@code-agent/jobs/errors'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openRepositoryCache, type RepositoryCacheOptions } from './repository-cache.ts'
import { type ServedRepositories, servedRepositories } from './served-repositories.ts'
import { readElsewhere, reader } from './test-reader.ts'

let served: ServedRepositories

beforeAll(async () => {
  served = await servedRepositories()
})
afterAll(() => served.stop())

function cacheFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'repository-cache-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function openCache(options: Partial<RepositoryCacheOptions> = {}) {
  const cache = openRepositoryCache({ dir: cacheFolder(), ...options })
  onTestFinished(() => cache.close())
  return cache
}

function files(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

function postsTo(name: string): number {
  return served.requests.filter(({ method, path }) => method === 'POST' && path.includes(`/${name}/`)).length
}

test('a file is read at the commit asked for, whatever the branch does afterwards', async () => {
  const repository = served.repository('pinned')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  repository.commit({ 'a.txt': 'two\n' })
  const snapshot = await openCache().at({ cloneUrl: repository.cloneUrl, commit })
  expect(await snapshot.read('a.txt')).toEqual({ kind: 'text', content: 'one\n', executable: false })
  expect(await snapshot.read('b.txt')).toEqual({ kind: 'absent' })
})

test('contents are fetched when asked for, all that are missing in one request, and once', async () => {
  const repository = served.repository('lazy')
  const paths = Array.from({ length: 60 }, (_, i) => `dir/file ${i}.txt`)
  const commit = repository.commit(Object.fromEntries(paths.map((path, i) => [path, `content ${i}\n`])))
  const cache = openCache()
  const snapshot = await cache.at({ cloneUrl: repository.cloneUrl, commit })
  await snapshot.tree()
  const before = postsTo('lazy')
  await snapshot.readMany(paths)
  const fetching = postsTo('lazy') - before
  expect(fetching).toBeGreaterThan(0)
  expect(fetching).toBeLessThanOrEqual(3)
  await snapshot.readMany(paths)
  const again = await cache.at({ cloneUrl: repository.cloneUrl, commit })
  expect((await again.read('dir/file 7.txt')).kind).toBe('text')
  expect(postsTo('lazy')).toBe(before + fetching)
})

test('a server without filters works too', async () => {
  const repository = served.repository('unfiltered', {})
  const first = repository.commit({ 'a.txt': 'one\n' })
  const commit = repository.commit({ 'a.txt': 'two\n' })
  const snapshot = await openCache().at({ cloneUrl: repository.cloneUrl, commit, also: [first] })
  expect(await snapshot.read('a.txt')).toMatchObject({ content: 'two\n' })
  expect(await snapshot.diff(first)).toContain('-one\n+two\n')
})

test('a file: repository is read only where it was allowed', async () => {
  const repository = served.repository('on-disk')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const cloneUrl = `file://${repository.gitDir}`
  const snapshot = await openCache({ allowFile: true }).at({ cloneUrl, commit })
  expect(await snapshot.read('a.txt')).toMatchObject({ content: 'one\n' })
  await expect(openCache().at({ cloneUrl, commit })).rejects.toThrow(/not allowed/)
})

test('the credential reaches the server and is in no file, log or error', async () => {
  const repository = served.repository('secret')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const dir = cacheFolder()
  const logged: unknown[] = []
  const log = { debug: (...line: unknown[]) => logged.push(line), warn: (...line: unknown[]) => logged.push(line) }
  const cache = openRepositoryCache({ dir, log })
  const cloneUrl = repository.cloneUrl.replace('http://', 'http://someone:s3cret@')
  await (await cache.at({ cloneUrl, commit, credential: { kind: 'basic', token: 't0ken' } })).read('a.txt')
  await cache.at({ cloneUrl, commit, credential: { kind: 'bearer', token: 'b3arer' } })
  const basic = Buffer.from(':t0ken').toString('base64')
  const sent = served.requests.filter(request => request.path.startsWith('/secret/'))
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.every(request => request.authorization === `Basic ${basic}`)).toBe(true)
  const failure = await cache
    .at({ cloneUrl, commit: 'f'.repeat(40), credential: { kind: 'bearer', token: 'b3arer' } })
    .catch((cause: Error) => `${cause.stack} ${cause.cause}`)
  expect(served.requests.at(-1)?.authorization).toBe('Bearer b3arer')
  const written = [
    ...files(dir).map(file => readFileSync(file, 'latin1')),
    JSON.stringify(logged),
    String(failure),
  ].join()
  for (const word of ['t0ken', 's3cret', 'b3arer', basic]) expect(written).not.toContain(word)
  expect(logged.length).toBeGreaterThan(0)
  await cache.close()
})

test('the credential is in no command line while git fetches, and git’s own settings name no remote', async context => {
  if (process.platform !== 'linux') return context.skip('command lines are read from /proc, which Linux alone has')
  const other = await servedRepositories()
  onTestFinished(() => other.stop())
  const repository = other.repository('argv')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const dir = cacheFolder()
  other.refuse('silence')
  const stopped = new AbortController()
  const cache = openCache({ dir })
  const credential = { kind: 'basic', token: 't0ken-of-the-test' } as const
  const attempt = cache.at({ cloneUrl: repository.cloneUrl, commit, credential, signal: stopped.signal })
  await expect.poll(() => other.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
  const lines = commandLines()
  expect(lines.filter(line => line.includes('git') && line.includes('fetch')).length).toBeGreaterThan(0)
  const secret = Buffer.from(':t0ken-of-the-test').toString('base64')
  expect(other.requests[0]?.authorization).toBe(`Basic ${secret}`)
  for (const line of lines) for (const word of ['t0ken-of-the-test', secret]) expect(line).not.toContain(word)
  stopped.abort(new Error('seen enough'))
  await expect(attempt).rejects.toThrow('seen enough')
  const configs = files(dir).filter(file => file.endsWith('/config'))
  expect(configs).toHaveLength(1)
  for (const config of configs) expect(readFileSync(config, 'utf8')).not.toMatch(/remote|http|extraHeader|credential/i)
})

/** Of every process of this machine that may be looked at. */
function commandLines(): string[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      return [readFileSync(join('/proc', name, 'cmdline'), 'latin1')]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

test('a commit the server does not have is rejected by name', async () => {
  const repository = served.repository('gone')
  repository.commit({ 'a.txt': 'one\n' })
  const missing = openCache().at({ cloneUrl: repository.cloneUrl, commit: 'e'.repeat(40) })
  await expect(missing).rejects.toThrow(Rejected)
  await expect(missing).rejects.toThrow(`the repository has no commit ${'e'.repeat(40)} any more`)
})

test.each([401, 403, 302, 200])(
  '%i where the repository should be is rejected, and a redirect is not followed',
  async status => {
    const other = await servedRepositories()
    onTestFinished(() => other.stop())
    other.refuse(status)
    const attempt = openCache().at({
      cloneUrl: `${other.url}/any`,
      commit: 'a'.repeat(40),
      credential: { kind: 'basic', token: 'x' },
    })
    await expect(attempt).rejects.toThrow(Rejected)
    await expect(attempt).rejects.toThrow(/credential/)
  },
)

test('a server that is down or busy may be tried again, and the cache works afterwards', async () => {
  const other = await servedRepositories()
  onTestFinished(() => other.stop())
  const repository = other.repository('busy')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  other.refuse(503)
  const cache = openCache()
  const error = await cache.at({ cloneUrl: repository.cloneUrl, commit }).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(Rejected)
  other.refuse(undefined)
  expect(await (await cache.at({ cloneUrl: repository.cloneUrl, commit })).read('a.txt')).toMatchObject({
    content: 'one\n',
  })
})

test('an abort ends the fetch with its reason', async () => {
  const repository = served.repository('aborted')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const reason = new Error('the deadline has passed')
  const attempt = openCache().at({ cloneUrl: repository.cloneUrl, commit, signal: AbortSignal.abort(reason) })
  await expect(attempt).rejects.toBe(reason)
  const controller = new AbortController()
  const snapshot = await openCache().at({ cloneUrl: repository.cloneUrl, commit, signal: controller.signal })
  controller.abort(reason)
  await expect(snapshot.read('a.txt')).rejects.toBe(reason)
})

test('two processes with eight readers each fetch sixteen commits into one folder at once', {
  timeout: 150_000,
}, async () => {
  const repository = served.repository('parallel')
  const commits = Array.from({ length: 16 }, (_, i) => repository.commit({ 'a.txt': `${i}\n`, [`only-${i}.txt`]: 'x' }))
  const dir = cacheFolder()
  const job = { dir, cloneUrl: repository.cloneUrl }
  const halves = [commits.slice(0, 8), commits.slice(8)]
  const read = await Promise.all(halves.map(half => readElsewhere({ ...job, commits: half })))
  expect(read.flat()).toEqual(commits.map((_, i) => `${i}\n`))
  const same = await Promise.all([0, 1].map(() => readElsewhere({ ...job, commits: Array(8).fill(commits[3]) })))
  expect(same.flat()).toEqual(Array(16).fill('3\n'))
})

test('a process that was killed keeps nobody waiting and holds nothing back', { timeout: 150_000 }, async () => {
  const repository = served.repository('killed')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const dir = cacheFolder()
  const { child } = reader({ dir, cloneUrl: repository.cloneUrl, commits: [commit], stay: true })
  await new Promise(resolve => child.stdout.once('data', resolve))
  const cache = openRepositoryCache({ dir, maxBytes: 0 })
  expect(await cache.trim()).toBe(0)
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  expect(await cache.trim()).toBe(1)
  await (await cache.at({ cloneUrl: repository.cloneUrl, commit })).release()
})

test('a process killed in the middle of a fetch keeps nobody from fetching', { timeout: 150_000 }, async () => {
  const other = await servedRepositories()
  onTestFinished(() => other.stop())
  const repository = other.repository('interrupted')
  const commit = repository.commit({ 'a.txt': 'one\n' })
  const dir = cacheFolder()
  other.refuse('silence')
  const { child } = reader({ dir, cloneUrl: repository.cloneUrl, commits: [commit] })
  await expect.poll(() => other.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  other.refuse(undefined)
  const started = performance.now()
  const snapshot = await openCache({ dir }).at({ cloneUrl: repository.cloneUrl, commit })
  expect(await snapshot.read('a.txt')).toMatchObject({ content: 'one\n' })
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('the least recently used go first when the folder is over its cap, never one that is being read', async () => {
  const noise = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919 + (i >> 3) * 104_729) & 255))
  const repositories = ['lru-1', 'lru-2', 'lru-3'].map(name => {
    const repository = served.repository(name, {})
    return { cloneUrl: repository.cloneUrl, commit: repository.commit({ name, 'noise.bin': noise }) }
  })
  const dir = cacheFolder()
  const one = openRepositoryCache({ dir })
  const [first, second, third] = repositories
  if (!first || !second || !third) throw new Error('three repositories')
  const reading = await one.at(first)
  await (await one.at(second)).release()
  await (await one.at(third)).release()
  const size = files(dir).reduce((sum, file) => sum + statSync(file).size, 0)
  const small = openRepositoryCache({ dir, maxBytes: Math.ceil(size * 0.7) })
  const before = served.requests.length
  expect(await small.trim()).toBe(1)
  expect(await reading.read('name')).toMatchObject({ content: 'lru-1' })
  expect(await (await small.at(third)).read('name')).toMatchObject({ content: 'lru-3' })
  expect(served.requests.length).toBe(before)
  await small.at(second)
  expect(served.requests.length).toBeGreaterThan(before)
  await Promise.all([one.close(), small.close()])
})

test('where nothing may stay, two processes evict all the time, and no reader of either notices', {
  timeout: 150_000,
}, async () => {
  const repositories = ['evicted-1', 'evicted-2'].map(name => served.repository(name))
  const jobs = repositories.map((repository, at) => ({
    dir: '',
    ...{ cloneUrl: repository.cloneUrl, maxBytes: 0, rounds: 2 },
    commits: [0, 1].map(n => repository.commit({ 'a.txt': `${at}.${n}\n` })),
  }))
  const dir = cacheFolder()
  const before = postsTo('evicted-1')
  const read = await Promise.all([...jobs, ...jobs].map(job => readElsewhere({ ...job, dir })))
  const expected = [0, 1].map(at => Array.from({ length: 4 }, (_, n) => `${at}.${n % 2}\n`))
  expect(read).toEqual([...expected, ...expected])
  expect(postsTo('evicted-1') - before, 'it was evicted and fetched anew').toBeGreaterThan(2)
  expect(await openCache({ dir, maxBytes: 0 }).trim()).toBeLessThanOrEqual(2)
})
