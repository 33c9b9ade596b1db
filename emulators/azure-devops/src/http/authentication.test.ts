import { getBearerHandler, getHandlerFromToken, WebApi } from 'azure-devops-node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository, type Shop, startShop } from '../test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

const bare = (path: string, init: RequestInit = {}) =>
  fetch(`${shop.azure.url}/${path}`, { redirect: 'manual', ...init })
const wrong = { authorization: `Basic ${Buffer.from(':nonsense').toString('base64')}` }

test('a wrong token gets the sign-in page as 203, or JSON for PATCH', async () => {
  const get = await bare(repository, { headers: wrong })
  expect([get.status, get.headers.get('content-type')]).toEqual([203, 'text/html; charset=utf-8'])
  const patch = await bare(repository, { method: 'PATCH', headers: wrong, body: '{}' })
  expect([patch.status, await patch.json()]).toMatchObject([401, { typeKey: 'UnauthorizedRequestException' }])
})

test('with redirects suppressed it gets an empty 401, and without any token a redirect', async () => {
  const suppressed = await bare(repository, { headers: { ...wrong, 'X-TFS-FedAuthRedirect': 'Suppress' } })
  expect([suppressed.status, await suppressed.text()]).toEqual([401, ''])
  expect(suppressed.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
  const stranger = await bare(repository)
  expect([stranger.status, stranger.headers.get('location')]).toEqual([302, `${shop.azure.url}/_signin`])
})

test('bearer and personal access tokens work, whatever the user name', async () => {
  const { bot } = shop.azure.tokens
  for (const handler of [getBearerHandler(bot), getHandlerFromToken(bot)]) {
    const git = await new WebApi(shop.azure.url, handler).getGitApi()
    expect(await git.getRepositories('web')).toHaveLength(1)
  }
  const named = { authorization: `Basic ${Buffer.from(`somebody:${bot}`).toString('base64')}` }
  expect((await bare(repository, { headers: named })).status).toBe(200)
})

test('the forms of a Server’s URL and any case lead to the same place', async () => {
  const { url } = shop.azure
  const repositories = [
    'web/_apis/git/repositories/shop',
    'WEB/_APIS/Git/Repositories/SHOP',
    '_apis/git/repositories/ID',
  ]
  const { json } = await shop.call('GET', repository)
  const headers = { authorization: `Bearer ${shop.azure.tokens.bot}` }
  for (const base of [url, url.replace(/demo$/, 'DEMO'), url.replace(/demo$/, 'tfs/DefaultCollection')]) {
    for (const path of repositories) {
      const found = await fetch(`${base}/${path.replace('ID', json.id)}`, { headers })
      expect([found.status, ((await found.json()) as { url: string }).url.startsWith(base)]).toEqual([200, true])
    }
  }
  const server = await new WebApi(
    url.replace(/demo$/, 'tfs/DefaultCollection'),
    getBearerHandler(shop.azure.tokens.bot),
  ).getGitApi()
  expect(await server.getRefs('shop', 'web', 'heads/main')).toHaveLength(1)
})

test('versions are negotiated as the service does', async () => {
  const get = (accept: string) => shop.call('GET', repository, { headers: { accept } })
  expect((await get('application/json;api-version=7.2-preview.1')).headers.get('content-type')).toContain(
    '7.2-preview.1',
  )
  expect((await get('application/json;api-version=9.0')).json.typeKey).toBe('VssVersionOutOfRangeException')
  expect((await get('application/json;api-version=7.2')).json.typeKey).toBe('VssInvalidPreviewVersionException')
  expect((await get('application/json')).status).toBe(200)
  const threads = `${repository}/pullRequests/1/threads`
  const unversioned = await shop.call('POST', threads, {
    body: { comments: [{ content: 'x' }] },
    headers: { accept: '*/*' },
  })
  expect(unversioned.json.typeKey).toBe('VssVersionNotSpecifiedException')
})

test('an unknown route is plain text, a wrong method 405', async () => {
  const unknown = await shop.call('GET', 'web/_apis/git/nothing')
  expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining('does not implement IController')])
  expect((await shop.call('PUT', repository, { body: {} })).status).toBe(405)
})
