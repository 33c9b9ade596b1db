import { afterAll, beforeAll, expect, test } from 'vitest'
import { repository, type Shop, startShop, until } from './test-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.stop())

test('a browser gets the pull request’s page where Azure DevOps has it', async () => {
  const page = shop.azure.pageOf({ project: 'web', repository: 'shop', pullRequestId: 1 })
  const response = await fetch(page)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  expect(await response.text()).toContain('Green buttons')
  expect(await (await fetch(`${page}?_a=files`)).text()).toContain('src/button.css')
})

test('a comment written on the page is a comment, told to hooks and ledger like any other', async () => {
  const response = await fetch(`${shop.azure.url.replace(/\/demo$/, '')}/_page/pull-requests/1/comments`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ content: '/edit /3 make buttons red', user: 'alice' }),
  })
  expect(response.status).toBeLessThan(400)
  await until(() => shop.azure.ledger.effects('comment-created').length === 1)
  const threads = await shop.call('GET', `${repository}/pullRequests/1/threads`)
  expect(threads.json.value[0].comments[0].content).toBe('/edit /3 make buttons red')
})
