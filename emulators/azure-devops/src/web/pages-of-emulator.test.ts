import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Shop, startShop, until } from '../test-shop.ts'

let shop: Shop
let origin: string

beforeAll(async () => {
  shop = await startShop()
  origin = new URL(shop.azure.url).origin
})
afterAll(() => shop.stop())

const pullRequest = '/demo/web/_git/shop/pullrequest/1'

async function text(path: string): Promise<string> {
  const response = await fetch(origin + path)
  expect(response.status, path).toBe(200)
  return response.text()
}

async function send(path: string, form: Record<string, string>, user = 'alice'): Promise<Response> {
  return fetch(origin + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { cookie: `page-user=${user}`, accept: 'application/json' },
  })
}

test('the emulator’s pages show what lies in its repositories', async () => {
  expect(await text('/')).toContain(`git clone ${origin}/demo/web/_git/shop`.replaceAll("'", '&#39;'))
  expect(await text('/demo/web/_git/shop/pullrequests')).toContain('Green buttons')
  expect(await text(pullRequest)).toContain('They were blue.')
  const files = await text(`${pullRequest}?_a=files`)
  expect(files).toContain('<span class="word">green</span>')
  expect(files).toContain('src/new.ts')
  const commits = await text(`${pullRequest}?_a=commits`)
  const [, commit] = /(\/demo\/web\/_git\/shop\/commit\/[0-9a-f]{40})/.exec(commits) ?? []
  expect(await text(commit ?? '')).toContain('<h1>Make it green</h1>')
})

test('the web address of a pull request, as the service gives it, opens its page', async () => {
  const page = shop.azure.pageOf({ project: 'web', repository: 'shop', pullRequestId: 1 })
  expect(await text(new URL(page).pathname)).toContain('<h1>Green buttons</h1>')
})

test('what is written on the page is a comment like any other to a client', async () => {
  await send('/_page/pull-requests/1/comments', { content: '/edit /3 make the buttons red' })
  await send('/_page/pull-requests/1/comments', {
    content: 'here',
    path: 'src/button.css',
    startLine: '1',
    endLine: '1',
  })
  const git = await shop.as('alice')
  const threads = (await git.getThreads('shop', 1, 'web')).filter(({ comments }) => comments?.[0]?.commentType === 1)
  expect(
    threads.map(({ comments, threadContext }) => [comments?.[0]?.content, threadContext?.filePath ?? null]),
  ).toEqual([
    ['/edit /3 make the buttons red', null],
    ['here', '/src/button.css'],
  ])
  const files = await text(`${pullRequest}?_a=files`)
  expect(files).toMatch(/<tr class="talk">[\s\S]*here/)
})

test('what a client does is told to the page at once', async () => {
  const response = await fetch(`${origin}/_page/events?pullRequest=1`)
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const git = await shop.as('bot')
  await git.createPullRequestStatus(
    { context: { name: 'edit', genre: 'code-agent' }, state: 2, description: '3 of 3 drafts' },
    'shop',
    1,
    'web',
  )
  const seen = await until(async () => {
    const value = (await stream?.read())?.value ?? ''
    return value.includes('event: change') && value
  })
  expect(seen).toContain('data: status')
  await stream?.cancel()
  expect(await text(pullRequest)).toContain('3 of 3 drafts')
})

test('drafts beside a pull request are shown with it and compared', async () => {
  const { azure } = shop
  const at = { project: 'web', repository: 'shop' }
  for (const [variant, colour] of Object.entries({ 1: 'red', 2: 'crimson' })) {
    const branch = `users/alice/make-the-buttons-red/v${variant}`
    const files = { 'src/button.css': `.button { color: ${colour}; }\n` }
    await azure.commitFiles({ ...at, branch, base: 'feature', files, message: `Make it ${colour}` })
    await azure.createPullRequest({
      ...at,
      title: `🔧 AI Edit v${variant}: make-the-buttons-red`,
      description: '',
      sourceBranch: branch,
      targetBranch: 'feature',
      isDraft: true,
    })
  }
  expect(await text(pullRequest)).toContain('<span class="variant">v2</span>')
  const compared = await text(`${pullRequest}/drafts`)
  expect(compared).toContain('<span class="word">red</span>')
  expect(compared).toContain('<span class="word">crimson</span>')
})
