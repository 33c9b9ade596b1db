import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { noObject } from '../git/refs.ts'
import { repository, type Shop, startShop } from '../test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const head = async (dir: string, name = 'HEAD') => (await shop.git('-C', dir, 'rev-parse', name)).trim()

test('git clones whole, shallow and without blobs, with protocol 0 and 2', async () => {
  for (const version of ['0', '2']) {
    const protocol = ['-c', `protocol.version=${version}`]
    await shop.git(...protocol, 'clone', '-q', shop.cloneUrl(), `whole${version}`)
    await shop.git(...protocol, 'clone', '-q', '--depth=1', shop.cloneUrl(), `shallow${version}`)
    await shop.git(
      ...protocol,
      'clone',
      '-q',
      '--no-checkout',
      '--filter=blob:none',
      shop.cloneUrl(),
      `blobless${version}`,
    )
    expect(await shop.git('-C', `whole${version}`, 'show', 'HEAD:README.md')).toBe('# Shop\n')
    const missing = await shop.git('-C', `blobless${version}`, 'rev-list', '--objects', '--all', '--missing=print')
    expect(missing).toMatch(/^\?/m)
  }
})

test('a commit is fetched by its id alone', async () => {
  const { json } = await shop.call('GET', `${repository}/refs?filter=heads/feature`)
  const [{ objectId }] = json.value
  await shop.git('init', '-q', 'byid')
  await shop.git('-C', 'byid', 'fetch', '-q', '--depth=1', shop.cloneUrl(), objectId)
  expect(await head('byid', 'FETCH_HEAD')).toBe(objectId)
})

test('a push of many files, gzipped by git, arrives whole and shows in REST', async () => {
  await shop.git('clone', '-q', shop.cloneUrl(), 'many')
  await mkdir(`${shop.dir}/many/lots`)
  await Promise.all(
    Array.from({ length: 500 }, (_, n) => writeFile(`${shop.dir}/many/lots/${n}.txt`, `${n}\n`.repeat(100))),
  )
  // more than git sends in one piece
  await writeFile(`${shop.dir}/many/large.bin`, randomBytes(3_000_000))
  await shop.git('-C', 'many', 'checkout', '-q', '-b', 'lots')
  await shop.git('-C', 'many', 'add', '.')
  await shop.git('-C', 'many', 'commit', '-q', '-m', 'lots')
  await shop.git('-C', 'many', 'push', '-q', 'origin', 'lots')
  const pushes = await shop.call(
    'GET',
    `${repository}/pushes?searchCriteria.refName=refs/heads/lots&searchCriteria.includeRefUpdates=true`,
  )
  const newObjectId = await head('many')
  expect(pushes.json.value[0].refUpdates).toMatchObject([
    { name: 'refs/heads/lots', oldObjectId: noObject, newObjectId },
  ])
  const items = await shop.call(
    'GET',
    `${repository}/items?scopePath=/lots&recursionLevel=OneLevel&versionDescriptor.version=lots`,
  )
  expect(items.json.count).toBe(501)
})

test('a rewrite of a branch that somebody else made is refused, of one’s own it is taken', async () => {
  const bot = shop.cloneUrl(shop.azure.tokens.bot)
  await shop.git('clone', '-q', bot, 'force')
  await shop.git('-C', 'force', 'commit', '-q', '--amend', '-m', 'rewritten')
  await expect(shop.git('-C', 'force', 'push', '-q', '--force', 'origin', 'HEAD:main')).rejects.toThrow(/rejected/)
  await shop.git('-C', 'force', 'push', '-q', 'origin', 'HEAD:own')
  await shop.git('-C', 'force', 'commit', '-q', '--amend', '-m', 'again')
  await shop.git('-C', 'force', 'push', '-q', '--force', 'origin', 'HEAD:own')
  await expect(shop.git('-C', 'force', 'push', '-q', 'origin', ':feature')).rejects.toThrow(/ForcePush/)
  await shop.git('-C', 'force', 'push', '-q', 'origin', ':own')
})

test('rights and locks hold for git as they do for REST', async () => {
  const reader = shop.cloneUrl(shop.azure.tokens.reader)
  await shop.git('clone', '-q', reader, 'readonly')
  await expect(shop.git('-C', 'readonly', 'push', '-q', 'origin', 'HEAD:mine')).rejects.toThrow(/403/)
  await expect(
    shop.git('ls-remote', shop.azure.gitUrl('web', 'shop').replace('http://', 'http://x:wrong@')),
  ).rejects.toThrow(/Authentication/)
  await shop.call('PATCH', `${repository}/refs?filter=heads/main`, { body: { isLocked: true } })
  const bot = shop.cloneUrl(shop.azure.tokens.bot)
  await shop.git('-C', 'readonly', 'commit', '-q', '--allow-empty', '-m', 'x')
  await expect(shop.git('-C', 'readonly', 'push', '-q', bot, 'HEAD:main')).rejects.toThrow(/TF402455/)
})
