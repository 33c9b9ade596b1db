import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAzureDevOps } from '../emulator.ts'
import { repository, type Shop, startShop } from '../test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  await shop.git('clone', '-q', shop.cloneUrl(), 'work')
  await shop.git('-C', 'work', 'tag', '-a', 'v1', '-m', 'one')
  await shop.git('-C', 'work', 'push', '-q', 'origin', 'v1')
})
afterAll(() => shop.stop())

const get = async (path: string, accept?: string) =>
  shop.call('GET', `${repository}/${path}`, accept ? { headers: { accept } } : {})
const value = async (path: string) => (await get(path)).json.value

test('refs are found by what they contain, tags can be peeled, and pages have a size', async () => {
  const names = (refs: { name: string }[]) => refs.map(ref => ref.name)
  expect(names(await value('refs?filterContains=EATUR'))).toEqual(['refs/heads/feature'])
  const [tag] = await value('refs?filter=tags/&peelTags=true')
  const [main] = await value('refs?filter=heads/main')
  expect([tag.name, tag.peeledObjectId]).toEqual(['refs/tags/v1', main.objectId])
  expect(await value('refs?$top=1')).toHaveLength(1)
})

test('versions are branches, tags and commits, and their parents', async () => {
  const content = async (query: string) =>
    (await get(`items?path=/src/button.css&includeContent=true&${query}`)).json.content
  const [feature] = await value('refs?filter=heads/feature')
  const green = '.button { color: green; }\n'
  const blue = '.button { color: blue; }\n'
  expect(await content('versionDescriptor.version=feature')).toBe(green)
  expect(await content('versionDescriptor.version=v1&versionDescriptor.versionType=tag')).toBe(blue)
  expect(await content(`versionDescriptor.version=${feature.objectId}&versionDescriptor.versionType=2`)).toBe(green)
  expect(await content('version=feature&versionType=branch&versionOptions=firstParent')).toBe(blue)
})

test('folders are listed to the depth asked for', async () => {
  const paths = async (query: string) => (await value(`items?${query}`)).map((item: { path: string }) => item.path)
  expect(await paths('scopePath=/&recursionLevel=OneLevel')).toEqual(['/', '/README.md', '/src'])
  expect(await paths('scopePath=/src&recursionLevel=120')).toEqual(['/src', '/src/a b#ü.txt', '/src/button.css'])
  expect(await paths('scopePath=/')).toEqual(['/'])
  const batch = {
    itemDescriptors: [
      { path: '/src', recursionLevel: 1 },
      { path: '/README.md', version: 'main', versionType: 0 },
    ],
  }
  const lists = (await shop.call('POST', `${repository}/itemsbatch`, { body: batch })).json.value
  expect(lists.map((one: unknown[]) => one.length)).toEqual([3, 1])
})

test('trees and blobs come as JSON and as bytes', async () => {
  const [root] = await value('items?scopePath=/')
  const { treeEntries } = (await get(`trees/${root.objectId}?recursive=true`)).json
  expect(
    treeEntries.map((entry: { relativePath: string; mode: string }) => `${entry.mode} ${entry.relativePath}`),
  ).toEqual(['100644 README.md', '40000 src', '100644 src/a b#ü.txt', '100644 src/button.css'])
  const readme = treeEntries[0].objectId
  expect((await get(`blobs/${readme}`)).json).toMatchObject({ objectId: readme, size: 7 })
  expect((await get(`blobs/${readme}`, 'text/plain')).text).toBe('# Shop\n')
  expect((await get(`blobs/${readme}`, 'application/octet-stream')).text).toBe('# Shop\n')
  for (const path of [`blobs/${readme}?$format=zip`, `trees/${root.objectId}?$format=zip`]) {
    expect((await get(path)).headers.get('content-type')).toBe('application/zip')
  }
  expect((await get(`blobs/${'1'.repeat(40)}`)).json.typeKey).toBe('GitObjectDoesNotExistException')
})

test('a zip of a folder opens with what others use', async () => {
  const zipped = await fetch(`${shop.azure.url}/${repository}/items?scopePath=/&$format=zip`, {
    headers: { authorization: `Bearer ${shop.azure.tokens.bot}` },
  })
  const bytes = Buffer.from(await zipped.arrayBuffer())
  const end = bytes.subarray(-22)
  expect([end.readUInt32LE(0), end.readUInt16LE(10)]).toEqual([0x06054b50, 3])
  const directory = bytes.subarray(end.readUInt32LE(16), end.readUInt32LE(16) + end.readUInt32LE(12))
  expect(directory.toString('utf8')).toContain('src/a b#ü.txt')
})

test('commits are found by branch, path, author and what another branch lacks', async () => {
  const comments = async (query: string) =>
    (await value(`commits?${query}`)).map((one: { comment: string }) => one.comment)
  expect(await comments('searchCriteria.itemVersion.version=feature')).toEqual(['Make it green', 'Begin'])
  const compared = 'searchCriteria.itemVersion.version=feature&searchCriteria.compareVersion.version=main'
  expect(await comments(compared)).toEqual(['Make it green'])
  expect(await comments('searchCriteria.itemVersion.version=feature&searchCriteria.itemPath=/src/new.ts')).toEqual([
    'Make it green',
  ])
  expect(await comments('searchCriteria.author=Nobody')).toEqual([])
  expect(await comments('searchCriteria.itemVersion.version=feature&searchCriteria.$top=1')).toEqual(['Make it green'])
  const [commit] = await value('commits?searchCriteria.itemVersion.version=feature')
  expect((await get(`commits/${commit.commitId}?changeCount=1`)).json.changes).toHaveLength(1)
})

test('a diff of branches counts both sides and names their common commit', async () => {
  const diff = (await get('diffs/commits?baseVersion=main&targetVersion=feature')).json
  expect(diff).toMatchObject({
    aheadCount: 1,
    behindCount: 0,
    changeCounts: { Edit: 1, Add: 1 },
    allChangesIncluded: true,
  })
  const [main] = await value('refs?filter=heads/main')
  expect(diff.commonCommit).toBe(main.objectId)
  expect((await get('stats/branches/feature')).json).toMatchObject({
    name: 'feature',
    aheadCount: 1,
    isBaseVersion: false,
  })
})

test('threads on lines keep their place, and what can’t be a place is refused', async () => {
  const post = (body: Record<string, unknown>) =>
    shop.call('POST', `${repository}/pullRequests/1/threads`, {
      body: { comments: [{ content: 'here' }], status: 1, ...body },
    })
  const rightFileStart = { line: 1, offset: 1 }
  const threadContext = { filePath: '/src/new.ts', leftFileStart: null, rightFileStart, rightFileEnd: rightFileStart }
  const iterationContext = { firstComparingIteration: 1, secondComparingIteration: 1 }
  const placed = await post({ threadContext, pullRequestThreadContext: { changeTrackingId: 1, iterationContext } })
  expect(placed.json).toMatchObject({
    threadContext: { filePath: '/src/new.ts', rightFileStart },
    pullRequestThreadContext: { changeTrackingId: 1, iterationContext },
  })
  const zero = await post({
    threadContext,
    pullRequestThreadContext: { iterationContext: { ...iterationContext, firstComparingIteration: 0 } },
  })
  expect(zero.status).toBe(400)
  const plain = await post({ properties: { kind: 'run', n: 7 } })
  expect(plain.json).toMatchObject({ threadContext: null, pullRequestThreadContext: null, isDeleted: false })
  expect(plain.json.properties).toEqual({
    kind: { $type: 'System.String', $value: 'run' },
    n: { $type: 'System.Int32', $value: 7 },
  })
})

test('labels stay when deleted, and properties want their own content type', async () => {
  const pr = `${repository}/pullRequests/1`
  await shop.call('POST', `${pr}/labels`, { body: { name: 'ai' } })
  await shop.call('DELETE', `${pr}/labels/ai`)
  expect((await shop.call('GET', `${pr}/labels`)).json.value).toMatchObject([{ name: 'ai', active: false }])
  const patch = { body: [{ op: 'add', path: '/run', value: 'x' }] }
  expect((await shop.call('PATCH', `${pr}/properties`, patch)).status).toBe(400)
  const right = await shop.call('PATCH', `${pr}/properties`, {
    ...patch,
    headers: { 'content-type': 'application/json-patch+json' },
  })
  expect(right.json.value.run).toEqual({ $type: 'System.String', $value: 'x' })
})

test('every bare repository of a folder is taken over, and its source stays as it was', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'import-'))
  const before = await shop.git('-C', `${shop.dir}/repos/web/shop.git`, 'for-each-ref')
  const azure = await startAzureDevOps({ reposDir: join(dir, 'repos'), importRepos: `${shop.dir}/repos` })
  try {
    expect(azure.first()).toEqual({ project: 'web', repository: 'shop' })
    await azure.commitFiles({ project: 'web', repository: 'shop', branch: 'main', files: { 'x.txt': 'x' } })
    expect(await shop.git('-C', `${shop.dir}/repos/web/shop.git`, 'for-each-ref')).toBe(before)
    const heads = await shop.git('-C', join(dir, 'repos/web/shop.git'), 'for-each-ref', '--format=%(refname)')
    expect(heads.trim().split('\n')).toEqual(['refs/heads/feature', 'refs/heads/main', 'refs/tags/v1'])
  } finally {
    await azure.close()
    await rm(dir, { recursive: true, force: true })
  }
})
