import { randomUUID } from 'node:crypto'
import { linkDays, runPass } from '@code-agent/service/run-link'
import { newRun } from '@code-agent/store/test-store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  diffOf,
  drafted,
  formerKey,
  operator,
  patched,
  type RunPageWorld,
  runningRun,
  runPageWorld,
  secret,
  tried,
} from './test-run-page.ts'

let world: RunPageWorld

beforeAll(async () => {
  world = await runPageWorld()
})
afterAll(() => world?.stop())

/** Follows a link as a browser does: the cookie takes its place. */
async function visit(link: string): Promise<{ status: number; text: string; cookie: string; headers: Headers }> {
  const first = await fetch(link, { redirect: 'manual' })
  const cookie = first.headers.get('set-cookie') ?? ''
  if (first.status !== 303) return { status: first.status, text: await first.text(), cookie, headers: first.headers }
  const target = new URL(first.headers.get('location') ?? '', link)
  expect(target.search).toBe('')
  const page = await fetch(target, { headers: { cookie: cookie.split(';')[0] ?? '' } })
  return { status: page.status, text: await page.text(), cookie, headers: page.headers }
}

const textOf = (markup: string) => markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('the signed link opens the run, and a cookie for this run alone takes its place', async () => {
  const run = await runningRun(world)
  const { status, text, cookie, headers } = await visit(await world.linkTo(run.runId))
  expect(status).toBe(200)
  expect(textOf(text)).toContain('At work on 3 drafts')
  expect(cookie).toMatch(new RegExp(`; Path=/runs/${run.runId}; Max-Age=\\d+; HttpOnly; SameSite=Lax$`))
  expect(text).not.toContain('signature')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('content-security-policy')).not.toContain('unsafe')
  const other = await runningRun(world)
  const elsewhere = await fetch(`${world.url}/runs/${other.runId}`, { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect(elsewhere.status).toBe(404)
})

test('for strangers a run that there is and one that there is not are the same, whatever they bring', async () => {
  const { runId } = await runningRun(world)
  const nobody = randomUUID()
  const right = new URL(await world.linkTo(runId)).search
  const bring: RequestInit[] = [
    {},
    { headers: { cookie: 'code-agent-run=1.x' } },
    { headers: { authorization: `Basic ${Buffer.from('ops:wrong').toString('base64')}` } },
  ]
  for (const path of ['', '/events', '?expires=1&signature=x', `?expires=9999999999&signature=${'A'.repeat(43)}`]) {
    for (const init of bring) {
      const answers = await Promise.all(
        [runId, nobody].map(async id => {
          const response = await fetch(`${world.url}/runs/${id}${path}`, { redirect: 'manual', ...init })
          return [response.status, (await response.text()).replaceAll(id, 'ID')]
        }),
      )
      expect(answers[0]).toEqual(answers[1])
      expect(answers[0]?.[0]).toBe(404)
    }
  }
  expect((await fetch(`${world.url}/runs/${nobody}${right}`, { redirect: 'manual' })).status).toBe(404)
  expect((await fetch(`${world.url}/runs/not-an-id${right}`, { redirect: 'manual' })).status).toBe(404)
})

test('an expired link says so, a link by the key before the last change works, one of no key does not', async () => {
  const { runId } = await runningRun(world)
  const longAgo = new Date(Date.now() - (linkDays + 1) * 86_400_000)
  const expired = await visit(await world.linkTo(runId, { createdAt: longAgo }))
  expect(expired.status).toBe(410)
  expect(textOf(expired.text)).toContain('This link has expired')
  expect((await visit(await world.linkTo(runId, { key: formerKey }))).status).toBe(200)
  expect((await visit(await world.linkTo(runId, { key: 'a key this gateway never had, long as it is' }))).status).toBe(
    404,
  )
  // A right signature for a run that is gone.
  const gone = runPass(formerKey, { runId: randomUUID(), expires: Math.ceil(Date.now() / 1_000) + 100 })
  const found = await visit(`${world.url}/runs/${gone.runId}?expires=${gone.expires}&signature=${gone.signature}`)
  expect(found.status).toBe(404)
})

test('each variant says where it stands: at work, tried again and why, waiting and until when, done, failed', async () => {
  const run = await runningRun(world)
  const until = new Date(Date.now() + 600_000)
  for (const variant of [1, 2, 3]) await tried(world, run, { step: 'reserve-branch', variant, outcome: 'done' })
  await tried(world, run, { step: 'write-patch', variant: 1 })
  await tried(world, run, {
    ...{ step: 'write-patch', variant: 2, outcome: 'retry', reasonClass: 'Error' },
    message: 'connect ECONNREFUSED 10.0.0.7:443',
  })
  await tried(world, run, {
    ...{ step: 'write-patch', variant: 3, outcome: 'postponed', reasonClass: 'Throttled', resumesAt: until },
    message: 'The model is asked too often.',
  })
  const say = async () => textOf((await visit(await world.linkTo(run.runId))).text)
  const first = await say()
  expect(first).toContain('Writing the patch.')
  expect(first).toContain('“Write the patch” is tried again: The model did not answer as it should.')
  expect(first).not.toContain('10.0.0.7')
  expect(first).toMatch(/Waiting for the model until \d\d:\d\d:\d\d UTC: The model is asked too often\./)
  // Who operates this reads what the server said.
  expect(textOf(await (await world.asOperator(`/runs/${run.runId}`)).text())).toContain('ECONNREFUSED 10.0.0.7:443')

  await tried(world, run, {
    step: 'commit-patch',
    variant: 3,
    outcome: 'postponed',
    reasonClass: 'Postponed',
    resumesAt: until,
    message: 'x',
  })
  await tried(world, run, { step: 'write-patch', variant: 3, attempt: 2, outcome: 'done' })
  await world.store.closeGate({ gate: 'azure-devops/contoso', until, reason: 'Azure DevOps asks for a rest.' })
  await drafted(world, run, 1)
  await world.store.variantFailed({ ...run, variant: 2, reason: 'Its edit does not fit.', reasonClass: 'rejected' })
  await expect.poll(say, { timeout: 20_000 }).toContain('Its edit does not fit.')
  const second = await say()
  expect(second).toContain('At work, 1 of 3 drafts are ready')
  expect(second).toMatch(/Waiting for Azure DevOps until \d\d:\d\d:\d\d UTC: Azure DevOps asks for a rest\./)
  await world.store.openGates()
  await world.store.conclude(run)
  await world.store.ended(run)
  await expect.poll(say, { timeout: 20_000 }).toContain('1 of 3 drafts are ready')
})

test('what it costs is added up, by variant and in all; without a price it is said without', async () => {
  const run = await runningRun(world)
  const call = {
    ...{ model: 'm-1', inputTokens: 1_000, outputTokens: 200 },
    ...{ cacheReadTokens: 0, cacheWriteTokens: 0, stop: 'end' },
  }
  for (const variant of [0, 1, 2])
    await world.store.saveAnswer({
      ...call,
      runId: run.runId,
      variant,
      call: 1,
      costUsd: variant === 2 ? null : 0.25,
      answer: '',
    })
  const text = textOf((await visit(await world.linkTo(run.runId))).text)
  expect(text).toContain('1,200 tokens, $0.25')
  expect(text).toContain('In all 3,600 tokens ')
})

const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}\u202Egnp.exe`

test('nothing that people, models or servers wrote becomes markup, and no secret is shown', async () => {
  const bad = `${evil} ${secret} Bearer abcDEF123456789`
  const { runId } = await world.store.acceptRun(
    newRun({ intent: bad, requester: { id: 'x', displayName: bad, uniqueName: bad }, variants: 3 }),
  )
  const run = { runId, generation: 0 }
  await world.query(`UPDATE runs SET state = 'running', reason = $2, admission = $3 WHERE id = $1`, [
    runId,
    bad,
    JSON.stringify({ baseCommit: bad, sourceBranch: bad, pullRequest: { title: bad, description: bad } }),
  ])
  await world.query(
    `UPDATE variants SET strategy = $2, summary = $3, branch = $3, reason = $3, outcome = CASE index WHEN 1 THEN 'done' WHEN 2 THEN 'failed' END WHERE run_id = $1`,
    [runId, JSON.stringify({ name: bad, brief: bad }), bad],
  )
  await world.query(`INSERT INTO events (run_id, kind, data) VALUES ($1, $2, $3)`, [
    runId,
    bad,
    JSON.stringify({ [bad]: bad }),
  ])
  await world.store.saveAnswer({
    answer: '',
    ...{ runId, variant: 1, call: 1, model: bad, stop: bad, costUsd: 0 },
    ...{ inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
  })
  for (const step of ['write-patch', bad])
    await tried(world, run, { step, variant: 3, outcome: 'retry', reasonClass: 'Rejected', message: bad })
  await patched(world, run, 1, diffOf(evil.replaceAll(/["\\]/g, ''), bad, bad))
  for (const text of [
    (await visit(await world.linkTo(runId))).text,
    await (await world.asOperator(`/runs/${runId}`)).text(),
  ]) {
    expect(text).toContain('&#60;script&#62;')
    expect(text).not.toMatch(/<script>|<img src=x|onerror=alert\(1\)>/)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('abcDEF123456789')
    expect(text).toContain('U+202E')
    // Every element is one of ours: no attribute that acts, no address of another host but Azure DevOps'.
    const markup = text.replace(/"[^"]*"/g, '""')
    expect(markup.match(/<[a-z][^>]*\s(?:on\w+|style)=/g)).toBeNull()
    for (const [, address = ''] of text.matchAll(/\s(?:href|src|action)="([^"]*)"/g))
      expect(address).toMatch(/^(?:$|#|\/(?!\/)|https:\/\/dev\.azure\.com\/contoso\/)/)
  }
})

test('diffs stand side by side, of the variants and in the columns that were chosen', async () => {
  const run = await runningRun(world)
  await patched(world, run, 1, diffOf('src/button.css', 'blue', 'red'))
  await patched(world, run, 3, diffOf('src/theme.css', 'blue', 'crimson'))
  const all = await (await world.asOperator(`/runs/${run.runId}`)).text()
  expect(all).toContain('columns-2')
  expect(textOf(all)).toContain('Leaves this file as it is.')
  const one = textOf(await (await world.asOperator(`/runs/${run.runId}?columns=3&v=3&v=99&v=x`)).text())
  expect(one).toContain('crimson')
  expect(one).not.toContain('src/button.css')
})

test('a diff without end is cut, and says so', async () => {
  const run = await runningRun(world)
  const lines = Array.from({ length: 5_000 }, (_, n) => `+line ${n}\n`).join('')
  await patched(
    world,
    run,
    1,
    `diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1,5000 @@\n${lines}`,
  )
  const text = await (await world.asOperator(`/runs/${run.runId}`)).text()
  expect(textOf(text)).toContain('4600 more lines: the draft shows all of them.')
  expect(text.length).toBeLessThan(300_000)
})

test('operators sign in beside the pages, and what was forgotten is not there for them either', async () => {
  const { runId } = await runningRun(world)
  const challenge = await fetch(`${world.url}/runs/sign-in?run=${runId}`)
  expect(challenge.status).toBe(401)
  expect(challenge.headers.get('www-authenticate')).toContain('Basic realm=')
  const signedIn = await world.asOperator(`/runs/sign-in?run=${runId}`)
  expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, `/runs/${runId}`])
  const strange = await world.asOperator('/runs/sign-in?run=https://evil.example')
  expect([strange.status, strange.headers.get('location')]).toEqual([200, null])
  expect((await world.asOperator(`/runs/${runId}`)).status).toBe(200)
  expect((await world.asOperator(`/runs/${randomUUID()}`)).status).toBe(404)
})

test('only operators cancel, and only by the form of the run’s own page', async () => {
  const run = await runningRun(world)
  const path = `/runs/${run.runId}/cancel`
  const guest = await visit(await world.linkTo(run.runId))
  expect(guest.text).not.toContain('Cancel this run')
  const page = await (await world.asOperator(`/runs/${run.runId}`)).text()
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const body = new URLSearchParams({ token, reason: 'The model is being replaced.' })
  const asGuest = await fetch(world.url + path, {
    method: 'POST',
    body,
    headers: { cookie: guest.cookie.split(';')[0] ?? '' },
  })
  expect(asGuest.status).toBe(404)
  const foreign: [RequestInit, number][] = [
    [{ body: new URLSearchParams({ reason: 'x' }) }, 403],
    [{ body: new URLSearchParams({ token: token.replace(/^./, '_') }) }, 403],
    [{ body, headers: { origin: 'https://evil.example' } }, 403],
    [{ body, headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    [{ body, headers: { 'sec-fetch-site': 'same-site' } }, 403],
    [{ body: JSON.stringify({ token }), headers: { 'content-type': 'application/json' } }, 404],
    [{ body: new URLSearchParams({ token, reason: 'x'.repeat(5_000) }) }, 404],
  ]
  for (const [init, status] of foreign)
    expect((await world.asOperator(path, { method: 'POST', ...init })).status).toBe(status)
  expect((await world.asOperator(path)).status).toBe(404)
  expect((await world.store.run(run.runId))?.state).toBe('running')

  const done = await world.asOperator(path, {
    method: 'POST',
    body,
    headers: { 'sec-fetch-site': 'same-origin', origin: 'null' },
  })
  expect([done.status, done.headers.get('location')]).toEqual([303, `/runs/${run.runId}`])
  expect(await world.store.run(run.runId)).toMatchObject({
    state: 'ending',
    endingCause: 'cancelled',
    reason: 'The model is being replaced.',
  })
  const timeline = await world.store.timeline(run.runId)
  expect(timeline.at(-1)).toMatchObject({ kind: 'cancel', data: { by: `operator ${operator.username}` } })
  expect((await world.asOperator(path, { method: 'POST', body })).status).toBe(409)
  // Readers with a link are not told which operator it was.
  const audit = (await visit(await world.linkTo(run.runId))).text
  expect(audit).toContain('by an operator')
  expect(audit).not.toContain(`operator ${operator.username}`)
})
