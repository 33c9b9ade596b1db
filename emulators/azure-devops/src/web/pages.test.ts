import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { registerPages } from './pages.ts'
import { reader, type SampleModel, sampleModel } from './sample-model.ts'

const pullRequest = '/contoso/Web/_git/shop/pullrequest/12'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

function started(model: SampleModel = sampleModel()) {
  const app = Fastify()
  registerPages(app, model)
  onTestFinished(() => app.close())
  const get = async (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
  const post = async (url: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url, payload: new URLSearchParams(body).toString(), headers: { ...form, ...headers } })
  return { app, model, get, post }
}

test('every page is there, at the paths Azure DevOps has', async () => {
  const { get } = started()
  const paths = [
    '/',
    '/contoso',
    '/Contoso/web/_git/SHOP/pullrequests?_a=all',
    pullRequest,
    `${pullRequest}?_a=files`,
    `${pullRequest}?_a=commits`,
    `${pullRequest}/drafts?left=13&right=14`,
    `${pullRequest}/drafts?view=unified`,
    `/contoso/Web/_git/shop/commit/${'a'.repeat(40)}`,
  ]
  for (const path of paths) {
    const { statusCode, body, headers } = await get(path)
    expect(statusCode, path).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(body).toContain('<h1>')
    expect(body).not.toMatch(/undefined|\[object|NaN/)
  }
  expect((await get('/contoso/Web/_git/shop')).headers.location).toBe('/contoso/Web/_git/shop/pullrequests')
})

test('what is not there is a page that says so', async () => {
  const { get } = started()
  for (const path of [
    '/fabrikam',
    '/contoso/Web/_git/shop/pullrequest/99',
    '/contoso/Other/_git/shop/pullrequest/12',
    '/contoso/Web/_git/shop/pullrequest/x',
    '/contoso/Web/_git/none/pullrequests',
    '/contoso/Web/_git/shop/commit/beef',
    '/contoso/Web/_git/shop/commit/..%2F',
    '/contoso/Web/_git/shop/pullrequest/13/drafts',
  ]) {
    const { statusCode, body } = await get(path)
    expect(statusCode, path).toBe(404)
    expect(body).toContain('<h1>Not found</h1>')
  }
})

test('the pull request shows threads, statuses, drafts with their diffs, and hides what is hidden there', async () => {
  const { body } = await started().get(pullRequest)
  for (const shown of [
    '2 of 2 drafts',
    '@Alice Archer',
    'href="/contoso/Web/_git/shop/pullrequest/13"',
    'Suggested change',
    'Design'.toLowerCase(),
    '#4711',
    'approved with suggestions',
    '<code>make-the-buttons-red</code>',
    'Compare side by side',
    '--danger',
  ])
    expect(body, shown).toContain(shown)
  expect(body).not.toContain('code-agent:run')
  expect(
    await started()
      .get('/contoso/Web/_git/shop/pullrequest/13')
      .then(({ body }) => body),
  ).toContain('A draft beside')
})

test('nothing that a stranger wrote becomes markup, and the browser is told to run nothing but ours', async () => {
  const { model, get } = started()
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
  model.addThread(12, { ...reader, displayName: evil }, evil, {
    context: { path: evil, startLine: 1, endLine: 1, side: 'right' },
  })
  model.setDraftTitle(13, `🔧 AI Edit v1: ${evil}`)
  for (const path of [
    pullRequest,
    `${pullRequest}?_a=files`,
    `/contoso/Web/_git/shop/pullrequest/13`,
    `${pullRequest}?"><script>alert(1)`,
  ]) {
    const { body, headers } = await get(path)
    expect(body).not.toMatch(/<script>|<img/)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    for (const [address] of body.matchAll(/(?:src|href|action)="(?:https?:)?\/\/[^"]*"/g))
      expect(address).toMatch(/^href="https:\/\/contoso\.example/)
  }
})

test('a comment is posted as whom the switch chose, and a browser without scripts comes back to its page', async () => {
  const { model, post } = started()
  const switched = await post('/_page/user', { user: 'bot', back: pullRequest })
  expect([switched.statusCode, switched.headers.location]).toEqual([303, pullRequest])
  const cookie = String(switched.headers['set-cookie']).split(';')[0] ?? ''
  const posted = await post(
    '/_page/pull-requests/12/comments',
    { content: '/edit /3 x', back: pullRequest },
    { cookie },
  )
  expect(posted.statusCode).toBe(303)
  const thread = model.threads(12).at(-1)
  expect(thread?.comments.map(({ author, content }) => [author.name, content])).toEqual([['bot', '/edit /3 x']])
  await post(`/_page/pull-requests/12/threads/${thread?.id}/comments`, { content: 'and more' })
  await post(`/_page/pull-requests/12/threads/${thread?.id}/comments/2`, { content: 'and less' })
  await post(`/_page/pull-requests/12/threads/${thread?.id}/status`, { status: 'wontFix' })
  expect(thread).toMatchObject({
    status: 'wontFix',
    comments: [{}, { content: 'and less', author: { name: 'alice' } }],
  })
  await post(`/_page/pull-requests/12/threads/${thread?.id}/comments/2`, { content: '', delete: 'yes' })
  expect(thread?.comments[1]?.isDeleted).toBe(true)
  await post('/_page/pull-requests/12/comments', {
    content: 'here',
    path: '/src/button.css',
    startLine: '14',
    endLine: '',
  })
  expect(model.threads(12).at(-1)?.context).toEqual({
    path: '/src/button.css',
    startLine: 14,
    endLine: 14,
    side: 'right',
  })
})

test('a refused comment says why', async () => {
  const { post } = started()
  const cookie = 'page-user=reader'
  const refused = await post(
    '/_page/pull-requests/12/comments',
    { content: 'x' },
    { cookie, accept: 'application/json' },
  )
  expect([refused.statusCode, refused.json().message]).toEqual([400, expect.stringContaining('PullRequestContribute')])
  expect((await post('/_page/pull-requests/12/comments', { content: ' ' })).body).toContain('Write something first.')
})

test('no other site can send a form or be sent to', async () => {
  const { model, post } = started()
  const before = model.threads(12).length
  expect(
    (await post('/_page/pull-requests/12/comments', { content: 'x' }, { 'sec-fetch-site': 'cross-site' })).statusCode,
  ).toBe(403)
  expect(model.threads(12)).toHaveLength(before)
  for (const back of ['https://evil.test', '//evil.test', '/\\evil.test', 'javascript:alert(1)'])
    expect((await post('/_page/user', { user: 'bot', back })).headers.location).toBe('/')
})

test('a change reaches whoever watches, and a closing server waits for no watcher', async () => {
  const { app, model } = started()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${url}/_page/events?pullRequest=12`)
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  await expect.poll(() => model.subscribers()).toBe(1)
  model.addThread(12, reader, 'new')
  let seen = ''
  while (!seen.includes('event: change')) seen += (await stream?.read())?.value ?? ''
  await app.close()
  await expect.poll(() => model.subscribers()).toBe(0)
})
