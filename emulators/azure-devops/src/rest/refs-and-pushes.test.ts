import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository, type Shop, startShop } from '../test-shop.ts'

let shop: Shop
let tip: string
beforeAll(async () => {
  shop = await startShop()
  tip = (await shop.call('GET', `${repository}/refs?filter=heads/main`)).json.value[0].objectId
})
afterAll(() => shop.stop())

const zeros = '0'.repeat(40)
const bot = () => ({ token: shop.azure.tokens.bot })

async function update(name: string, oldObjectId: string, newObjectId: string, token = shop.azure.tokens.bot) {
  const { status, json } = await shop.call('POST', `${repository}/refs`, {
    body: [{ name, oldObjectId, newObjectId }],
    token,
  })
  expect(status).toBe(200)
  return json.value[0].updateStatus
}

async function push(name: string, oldObjectId: string, changes: unknown[], token = shop.azure.tokens.bot) {
  const body = { refUpdates: [{ name: `refs/heads/${name}`, oldObjectId }], commits: [{ comment: 'c', changes }] }
  return shop.call('POST', `${repository}/pushes`, { body, token })
}

const add = (path: string, content = 'x') => ({
  changeType: 'add',
  item: { path },
  newContent: { content, contentType: 'rawtext' },
})

test('a refs update always says 200 and tells by its status what became of it', async () => {
  expect(await update('refs/heads/a', zeros, tip)).toBe('succeeded')
  expect(await update('refs/heads/a', zeros, tip)).toBe('staleOldObjectId')
  expect(await update('refs/heads/a/b', zeros, tip)).toBe('refNameConflict')
  expect(await update('refs/heads/A', zeros, tip)).toBe('refNameConflict')
  expect(await update('refs/heads/a..b', zeros, tip)).toBe('invalidRefName')
  expect(await update('refs/heads/none', zeros, '1'.repeat(40))).toBe('unresolvableToCommit')
  expect(await update('refs/heads/x', zeros, tip, shop.azure.tokens.reader)).toBe('writePermissionRequired')
  expect(await update('refs/heads/main', tip, zeros)).toBe('forcePushRequired')
  expect(await update('refs/heads/a', tip, zeros)).toBe('succeeded')
  expect(await update('refs/heads/a', zeros, zeros)).toBe('succeededNonExistentRef')
  shop.azure.setRights({ user: 'bot', allow: ['GenericRead', 'GenericContribute'], project: 'web', repository: 'shop' })
  expect(await update('refs/heads/y', zeros, tip)).toBe('createBranchPermissionRequired')
  shop.azure.setRights({ user: 'bot', allow: 16384 + 16 + 6, project: 'web', repository: 'shop' })
})

test('the filter is a prefix, and nothing found is an empty list', async () => {
  await update('refs/heads/pre', zeros, tip)
  await update('refs/heads/prefix', zeros, tip)
  const names = async (filter: string) =>
    (await shop.call('GET', `${repository}/refs?filter=${filter}`)).json.value.map((ref: { name: string }) => ref.name)
  expect(await names('heads/pre')).toEqual(['refs/heads/pre', 'refs/heads/prefix'])
  expect(await names('heads/unknown')).toEqual([])
})

test('a push adds, edits, renames and deletes, keeps modes and exact bytes', async () => {
  const exact = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a, 0x00, 0xff])
  const made = await push('bytes', tip, [
    { changeType: 1, item: { path: '/b in.bin' }, newContent: { content: exact.toString('base64'), contentType: 1 } },
    { changeType: 'edit', item: { path: '/README.md' }, newContent: { content: 'new\r\n', contentType: 'rawtext' } },
    { changeType: 'rename', sourceServerItem: '/src/button.css', item: { path: '/style/knöpfe "x".css' } },
    { changeType: 'delete', item: { path: '/src/a b#ü.txt' } },
  ])
  expect(made.status).toBe(201)
  expect(made.json.refUpdates[0]).toMatchObject({ oldObjectId: zeros })
  const read = await fetch(`${shop.azure.url}/${repository}/items?path=/b%20in.bin&versionDescriptor.version=bytes`, {
    headers: { authorization: `Bearer ${shop.azure.tokens.bot}`, accept: 'application/octet-stream' },
  })
  expect(Buffer.from(await read.arrayBuffer())).toEqual(exact)
  const listed = await shop.call(
    'GET',
    `${repository}/items?scopePath=/&recursionLevel=Full&versionDescriptor.version=bytes`,
  )
  const files = listed.json.value.filter((item: { isFolder?: boolean }) => !item.isFolder)
  expect(files.map((item: { path: string }) => item.path)).toEqual(['/README.md', '/b in.bin', '/style/knöpfe "x".css'])
  const changes = await shop.call('GET', `${repository}/commits/${made.json.commits[0].commitId}/changes`)
  expect(changes.json.changes.map((one: { changeType: string }) => one.changeType)).toEqual([
    'edit',
    'add',
    'delete',
    'rename',
  ])
})

test('a stale push is a conflict with its message, one that contradicts the tree is refused', async () => {
  await push('moving', tip, [add('/one')])
  const stale = await push('moving', tip, [add('/two')])
  expect(stale.status).toBe(409)
  expect(stale.json.message).toBe(
    "TF401028: The reference 'refs/heads/moving' has already been updated by another client, so you cannot update it. Please try again.",
  )
  const refused: [unknown, string][] = [
    [add('/README.md'), 'GitTargetPathExistsException'],
    [add('/README.md/below'), 'GitTargetPathExistsException'],
    [add('/src'), 'GitTargetPathExistsException'],
    [{ changeType: 'edit', item: { path: '/none' }, newContent: { content: 'x' } }, 'GitSourcePathNotFoundException'],
    [{ changeType: 'delete', item: { path: '/none' } }, 'GitSourcePathNotFoundException'],
    [{ changeType: 'rename', sourceServerItem: '/none', item: { path: '/x' } }, 'GitSourcePathNotFoundException'],
    [add('/../etc/passwd'), 'InvalidArgumentValueException'],
    [add('/.git/config'), 'InvalidArgumentValueException'],
    [{ ...add('/x'), newContent: { content: '***', contentType: 'base64encoded' } }, 'InvalidArgumentValueException'],
  ]
  for (const [change, typeKey] of refused) {
    const answer = await push('refused', tip, [change])
    expect([answer.status, answer.json.typeKey], JSON.stringify(change)).toEqual([400, typeKey])
  }
  expect((await shop.call('GET', `${repository}/refs?filter=heads/refused`)).json.count).toBe(0)
  const bare = await shop.git('-C', `${shop.dir}/repos/web/shop.git`, 'for-each-ref', 'refs/emulator')
  expect(bare).toBe('')
})

test('pushing needs rights, and an empty repository begins with forty zeros', async () => {
  const refused = await push('reader', tip, [add('/x')], shop.azure.tokens.reader)
  expect([refused.status, refused.json.typeKey]).toEqual([403, 'GitNeedsPermissionException'])
  expect(refused.json.message).toContain("TF401027: You need the Git 'GenericContribute' permission")
  await shop.azure.createRepository({ project: 'web', name: 'empty' })
  const empty = 'web/_apis/git/repositories/empty'
  expect((await shop.call('GET', empty)).json).not.toHaveProperty('defaultBranch')
  const body = {
    refUpdates: [{ name: 'refs/heads/main', oldObjectId: zeros }],
    commits: [{ comment: 'first', changes: [add('/x')] }],
  }
  expect((await shop.call('POST', `${empty}/pushes`, { body, ...bot() })).status).toBe(201)
  expect((await shop.call('GET', empty)).json.defaultBranch).toBe('refs/heads/main')
})

test('a protected branch changes by pull requests only', async () => {
  await update('refs/heads/kept', zeros, tip)
  shop.azure.protectBranch({ project: 'web', repository: 'shop', branch: 'kept' })
  const [feature] = (await shop.call('GET', `${repository}/refs?filter=heads/feature`)).json.value
  expect(await update('refs/heads/kept', tip, feature.objectId)).toBe('rejectedByPolicy')
  const refused = await push('kept', tip, [add('/x')])
  expect([refused.status, refused.json.message]).toEqual([403, expect.stringContaining('TF402455')])
})

test('a file comes as JSON, text, bytes or zip, by Accept or $format', async () => {
  const path = `${repository}/items?path=/README.md`
  const get = (accept: string, query = '') => shop.call('GET', `${path}${query}`, { headers: { accept } })
  expect((await get('application/json', '&includeContent=true')).json.content).toBe('# Shop\n')
  expect((await get('text/plain')).text).toBe('# Shop\n')
  expect((await get('application/octet-stream')).headers.get('content-type')).toBe('application/octet-stream')
  expect((await get('application/json', '&$format=zip')).text.slice(0, 2)).toBe('PK')
  expect((await get('application/json', '&$format=text')).text).toBe('# Shop\n')
})

test('rights of another person show in the access control list, those of a group don’t', async () => {
  const { json } = await shop.call('GET', '_apis/projects')
  const people = await shop.call(
    'GET',
    '_apis/identities?searchFilter=General&filterValue=carol&queryMembership=Expanded',
  )
  const carol = people.json.value[0]
  expect(carol.memberOf).toHaveLength(1)
  const namespace = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
  const { json: shopJson } = await shop.call('GET', repository)
  const token = `repoV2/${json.value[0].id}/${shopJson.id}`
  const effective = async (descriptor: string) => {
    const query = `token=${token}&descriptors=${encodeURIComponent(descriptor)}&includeExtendedInfo=true&recurse=false`
    const list = await shop.call('GET', `_apis/accesscontrollists/${namespace}?${query}`)
    return list.json.value[0].acesDictionary[descriptor].extendedInfo
  }
  const me = (await shop.call('GET', '_apis/connectionData')).json.authenticatedUser
  expect((await effective(me.descriptor)).effectiveAllow & 4).toBe(4)
  expect(await effective(carol.descriptor)).toEqual({})
  expect((await effective(carol.memberOf[0])).effectiveAllow & 4).toBe(4)
})
