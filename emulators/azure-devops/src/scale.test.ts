import { VersionControlRecursionType } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { main, repository, type Shop, startShop } from './test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

// measured alone: push 1.6 s, list 0.1 s, clone 0.2 s; the bounds leave room for a busy one
const seconds = async (work: () => Promise<unknown>) => {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

test('20,000 files are pushed in one request, listed, read and cloned in seconds', async () => {
  const git = await shop.as('alice')
  const { json } = await shop.call('GET', `${repository}/refs?filter=heads/main`)
  const changes = Array.from({ length: 20_000 }, (_, n) => ({
    changeType: 'add',
    item: { path: `/big/folder ${n % 100}/file-${n}.txt` },
    newContent: { content: `content of ${n}\n`, contentType: 'rawtext' },
  }))
  const body = {
    refUpdates: [{ name: 'refs/heads/big', oldObjectId: json.value[0].objectId }],
    commits: [{ comment: 'big', changes }],
  }
  const version = { version: 'big' }
  expect(
    await seconds(async () => expect((await shop.call('POST', `${repository}/pushes`, { body })).status).toBe(201)),
  ).toBeLessThan(30)
  expect(
    await seconds(async () => {
      const items = await git.getItems(
        'shop',
        'web',
        '/',
        VersionControlRecursionType.Full,
        false,
        false,
        false,
        false,
        version,
      )
      expect(items.length).toBeGreaterThan(20_000)
    }),
  ).toBeLessThan(30)
  expect(
    await seconds(() =>
      git.getItem('shop', '/big/folder 7/file-7.txt', 'web', undefined, undefined, false, false, false, version, true),
    ),
  ).toBeLessThan(10)
  expect(await seconds(() => shop.git('clone', '-q', '--bare', shop.cloneUrl(), 'big.git'))).toBeLessThan(30)
  const edit = { changeType: 'edit', item: { path: '/big/folder 7/file-7.txt' }, newContent: { content: 'x' } }
  const tip = (await shop.call('GET', `${repository}/refs?filter=heads/big`)).json.value[0].objectId
  const small = {
    refUpdates: [{ name: 'refs/heads/big', oldObjectId: tip }],
    commits: [{ comment: 'one', changes: [edit] }],
  }
  expect(await seconds(() => shop.call('POST', `${repository}/pushes`, { body: small }))).toBeLessThan(10)
}, 120_000)

test('200 clients at once are all served, and of 200 that make the same branch one succeeds', async () => {
  const clients = Array.from({ length: 200 }, (_, n) => n)
  const statuses = await Promise.all(
    clients.map(async n => {
      const comment = { comments: [{ content: `from ${n}`, parentCommentId: 0, commentType: 1 }] }
      const thread = await shop.call('POST', `${repository}/pullRequests/1/threads`, { body: comment })
      const item = await shop.call('GET', `${repository}/items?path=/README.md&includeContent=true`)
      return `${thread.status} ${item.json.content}`
    }),
  )
  expect(new Set(statuses)).toEqual(new Set(['200 # Shop\n']))
  const { json } = await shop.call('GET', `${repository}/refs?filter=heads/main`)
  const objectId = json.value[0].objectId
  const change = (n: number) => ({ changeType: 'add', item: { path: `/race-${n}.txt` }, newContent: { content: 'x' } })
  const pushes = await Promise.all(
    clients.map(n =>
      shop.call('POST', `${repository}/pushes`, {
        body: {
          refUpdates: [{ name: 'refs/heads/race', oldObjectId: objectId }],
          commits: [{ comment: 'race', changes: [change(n)] }],
        },
      }),
    ),
  )
  expect(pushes.filter(push => push.status === 201)).toHaveLength(1)
  expect(pushes.filter(push => push.json?.typeKey === 'GitReferenceStaleException')).toHaveLength(199)
  const request = { body: { title: 'race', sourceRefName: 'refs/heads/race', targetRefName: main } }
  const drafts = await Promise.all(clients.map(() => shop.call('POST', `${repository}/pullRequests`, request)))
  expect(drafts.filter(one => one.status === 201)).toHaveLength(1)
  expect(drafts.filter(one => one.status === 409)).toHaveLength(199)
}, 120_000)

test('a request over 25 MiB is refused in the service’s words, one below is taken', async () => {
  const { json } = await shop.call('GET', `${repository}/refs?filter=heads/main`)
  const push = (size: number, branch: string) =>
    shop.call('POST', `${repository}/pushes`, {
      body: {
        refUpdates: [{ name: `refs/heads/${branch}`, oldObjectId: json.value[0].objectId }],
        commits: [
          {
            comment: 'large',
            changes: [{ changeType: 'add', item: { path: '/large' }, newContent: { content: 'x'.repeat(size) } }],
          },
        ],
      },
    })
  const refused = await push(26_214_400, 'too-large')
  expect([refused.status, refused.json.message]).toEqual([
    400,
    'The maximum request size of 26214400 bytes was exceeded.\r\nParameter name: contentStream',
  ])
  expect((await push(26_000_000, 'large')).status).toBe(201)
}, 120_000)
