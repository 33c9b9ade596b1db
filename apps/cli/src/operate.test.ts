import { randomBytes, randomUUID } from 'node:crypto'
import { openStore, type Store } from '@code-agent/store/store'
import * as azure from 'azure-devops-node-api'
import type { IGitApi } from 'azure-devops-node-api/GitApi.js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { command } from './command-line.ts'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'

/** What those on call do, by the commands they type, on an installation of real processes. */

let installation: Installation
let api: IGitApi
let store: Store
let pullRequestId: number
let env: Record<string, string>

beforeAll(async () => {
  // Whoever tests on a machine that knows an installation means another one.
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'QUEUE_PREFIX']) vi.stubEnv(name, undefined)
  installation = await startInstallation({
    progress: () => {},
    settings: { 'flow-supervisor': { SHOW_WAIT_SECONDS: '1' } },
  })
  const { azureDevOps, gateway, databaseUrl, redisUrl, model } = installation
  store = openStore({ url: databaseUrl, max: 2 })
  const sample = await sampleRepository()
  await azureDevOps.createRepository({ project: 'demo', name: 'shop', from: sample.bare })
  await sample.remove()
  api = await new azure.WebApi(
    azureDevOps.url,
    azure.getPersonalAccessTokenHandler(azureDevOps.tokens.alice),
  ).getGitApi()
  const { title, sourceBranch, targetBranch } = sample
  const created = await api.createPullRequest(
    { title, sourceRefName: `refs/heads/${sourceBranch}`, targetRefName: `refs/heads/${targetBranch}` },
    'shop',
    'demo',
  )
  pullRequestId = created.pullRequestId ?? 0
  env = {
    ...{ AZURE_DEVOPS_URL: azureDevOps.url, AZURE_DEVOPS_TOKEN: azureDevOps.tokens.bot },
    ...{ AZURE_DEVOPS_READ_TOKEN: azureDevOps.tokens.reader, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl },
    ...{ WEBHOOK_URL: gateway.webhook, WEBHOOK_USERNAME: gateway.username, WEBHOOK_PASSWORD: gateway.password },
    ...{ MODEL_BASE_URL: model.url, MODEL_API_KEY: 'emulated' },
    ...{ BULL_BOARD_USERNAME: 'ops', BULL_BOARD_PASSWORD: 'a-long-password' },
    ...{ PUBLIC_URL: installation.runPage.url, LINK_KEY: installation.runPage.linkKey },
  }
}, 120_000)

afterAll(async () => {
  await store?.close()
  await installation?.stop()
}, 60_000)

type Said = { code: number; json: unknown; text: string }

/** Types a command, in this process: with --json its one line is read. */
async function type(line: string, change: Record<string, string> = {}): Promise<Said> {
  const lines: string[] = []
  let text = ''
  for (const [name, value] of Object.entries({ ...env, ...change })) vi.stubEnv(name, value)
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => lines.push(String(chunk)) > 0)
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(chunk => {
    text += String(chunk)
    return true
  })
  try {
    const code = await command(line.split(' '))
    expect(lines.length, lines.join('')).toBeLessThanOrEqual(line.includes('--json') ? 1 : 0)
    return { code, json: lines[0] === undefined ? undefined : JSON.parse(lines[0]), text }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
    vi.unstubAllEnvs()
  }
}

const Checks = z.object({ checks: z.array(z.object({ name: z.string(), state: z.string(), message: z.string() })) })

/** Of an organisation that is paused, so that nobody works on it. */
const requestElsewhere = {
  runId: randomUUID(),
  key: { organisation: 'elsewhere', repositoryId: 'r', pullRequestId: 1, threadId: 9_999, commentId: 1 },
  ...{ projectId: 'p', requester: { id: 'a', displayName: 'A', uniqueName: 'a' }, variants: 1 },
  ...{ commentText: '/edit x', intent: 'x' },
}

async function comment(content: string): Promise<number> {
  const thread = { comments: [{ content, parentCommentId: 0, commentType: 1 }], status: 1 }
  return (await api.createThread(thread, 'shop', pullRequestId, 'demo')).id ?? 0
}

/** The newest run of a thread, once it is in this state or has this outcome. */
async function runIn(threadId: number, wanted: string): Promise<string> {
  let runId = ''
  const look = async () => {
    const [run] = await store.runs({ filter: { threadId }, limit: 1 })
    runId = run?.runId ?? ''
    return run?.state === 'ended' ? run.outcome : run?.state
  }
  await expect.poll(look, { timeout: 60_000, interval: 200 }).toBe(wanted)
  return runId
}

async function textsIn(threadId: number): Promise<string> {
  const comments = await api.getComments('shop', pullRequestId, threadId, 'demo')
  return comments.map(({ content }) => content ?? '').join('\n')
}

test('the doctor finds a sound installation sound, and says of each thing that is wrong which it is', {
  timeout: 60_000,
}, async () => {
  const untold = Checks.parse((await type('doctor --json')).json).checks.find(check => check.name === 'queue prefix')
  expect(untold?.state).toBe('warn')
  env = { ...env, QUEUE_PREFIX: /the processes use (\S+)/.exec(untold?.message ?? '')?.[1] ?? '' }
  const sound = await type('doctor --json')
  const { checks } = Checks.parse(sound.json)
  expect(checks.filter(check => check.state === 'fail')).toEqual([])
  expect(sound.code).toBe(0)
  expect(checks.map(check => check.name)).toEqual(
    expect.arrayContaining([
      'postgres schema',
      'workers of llm',
      'rights on demo/shop',
      'webhook and strangers',
      'run page',
      'model',
    ]),
  )

  const { azureDevOps } = installation
  const failing = async (change: Record<string, string>) => {
    const { json, code, text } = await type('doctor --json', change)
    expect(code).toBe(1)
    for (const secret of Object.values(change)) expect(text + JSON.stringify(json)).not.toContain(`"${secret}"`)
    return Checks.parse(json)
      .checks.filter(check => check.state === 'fail')
      .map(check => check.name)
  }
  const readsOnly = azureDevOps.issueToken({ user: 'bot', scopes: ['vso.code'] })
  expect(await failing({ AZURE_DEVOPS_TOKEN: 'nobodys-token' })).toEqual(['write credential'])
  expect(await failing({ AZURE_DEVOPS_TOKEN: readsOnly })).toEqual(
    expect.arrayContaining(['scope Code (write)', 'look up of rights']),
  )
  expect(await failing({ AZURE_DEVOPS_READ_TOKEN: azureDevOps.tokens.alice })).toEqual(['read credential is harmless'])
  expect(await failing({ LINK_KEY: 'a link key that is another one than theirs' })).toEqual(['run page'])
  expect(await failing({ WEBHOOK_PASSWORD: 'not-the-password' })).toEqual(['webhook and Azure DevOps'])
  expect(await failing({ DATABASE_URL: 'postgres://127.0.0.1:1/none', MODEL_BASE_URL: 'http://127.0.0.1:9/' })).toEqual(
    ['postgres', 'model'],
  )
  const [key, other] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
  const sealing = openStore({ url: installation.databaseUrl, max: 1, dataKeys: [other] })
  await store.pause({ organisation: 'elsewhere', reason: 'Nobody works here.' })
  await sealing.acceptRun(requestElsewhere)
  await sealing.close()
  expect(await failing({ DATA_KEY: key })).toEqual(['data at rest'])
  expect((await type('doctor --json', { DATA_KEY: key, DATA_KEY_PREVIOUS: other })).code).toBe(0)
  azureDevOps.setRights({ user: 'bot', deny: ['CreateBranch'] })
  expect(await failing({})).toEqual(['rights on demo/shop'])
  azureDevOps.setRights({ user: 'bot', deny: [] })
})

test('the doctor explains why somebody is refused', async () => {
  expect(await type('doctor --user alice')).toMatchObject({ code: 0 })
  const robin = await type('doctor --user robin --repository demo/shop')
  expect(robin).toMatchObject({ code: 1, text: expect.stringContaining('no right "Contribute"') })
  expect(await type('doctor --user bot')).toMatchObject({ code: 1, text: expect.stringContaining('the bot itself') })
  expect(await type('doctor --user nobody')).toMatchObject({ code: 1, text: expect.stringContaining('knows nobody') })
})

test('service hooks are installed once, looked at, tested and removed', async () => {
  await type('hooks remove')
  expect((await type('hooks install --dry-run --json')).json).toMatchObject({ hooks: [{ action: 'create', id: null }] })
  expect((await type('hooks status')).code).toBe(1)
  expect((await type('hooks install --project demo --json')).json).toMatchObject({ hooks: [{ action: 'create' }] })
  expect((await type('hooks install --json')).json).toMatchObject({ hooks: [{ action: 'keep', project: 'demo' }] })
  expect((await type('hooks test --json')).json).toMatchObject({ tests: [{ result: 'succeeded' }] })
  expect(await type('hooks status --json')).toMatchObject({
    code: 0,
    json: { hooks: [{ status: 'enabled', deliveries: [{ result: 'succeeded' }] }], projectsWithout: [] },
  })
  expect((await type('hooks install --renew --json')).json).toMatchObject({ hooks: [{ action: 'replace' }] })
  expect((await type('hooks test')).code).toBe(0)
})

test('a pause holds requests back and tells who waits; resumed, they end as they should', {
  timeout: 90_000,
}, async () => {
  expect((await type('pause --repository demo/shop --reason Moving.')).code).toBe(0)
  const thread = await comment('/edit make buttons red')
  const runId = await runIn(thread, 'accepted')
  await expect.poll(() => textsIn(thread), { timeout: 30_000 }).toContain('paused for this repository: Moving.')
  expect((await type(`runs show ${runId.slice(0, 8)} --json`)).json).toMatchObject({ runId, state: 'accepted' })
  expect((await type('resume --repository demo/shop')).code).toBe(0)
  expect(await runIn(thread, 'done')).toBe(runId)
  await theLinkOf(runId, await textsIn(thread))
  expect((await type('resume --repository demo/shop')).code).toBe(1)
})

/** The link in the comments and of `runs show` is one, and opens the run. */
async function theLinkOf(runId: string, texts: string): Promise<void> {
  const { page } = z.object({ page: z.string() }).parse((await type(`runs show ${runId} --json`)).json)
  expect(texts).toContain(`[Watch it](${page})`)
  expect(texts).toContain(`[Steps, diffs side by side, audit](${page})`)
  const opened = await fetch(page, { redirect: 'manual' })
  expect([opened.status, opened.headers.get('location')]).toEqual([303, `/runs/${runId}`])
  const statuses = await api.getPullRequestStatuses('shop', pullRequestId, 'demo')
  expect(statuses.map(({ targetUrl }) => targetUrl)).toContain(page)
}

test('a failed run is begun again in its thread, a done one is not, and what was written can be forgotten', {
  timeout: 90_000,
}, async () => {
  const thread = await comment('/edit write a symphony')
  const failed = await runIn(thread, 'failed')
  const retried = await type(`runs retry ${failed} --json`)
  const { runId } = z.object({ runId: z.string() }).parse(retried.json)
  expect((await type(`runs retry ${failed}`)).text).toContain('begun again already')
  await expect
    .poll(async () => (await type(`runs show ${runId} --json`)).json, { timeout: 60_000 })
    .toMatchObject({
      ...{ state: 'ended', outcome: 'failed', retry: 1, threadId: thread },
    })
  expect((await type(`runs cancel ${runId}`)).code).toBe(1)

  expect((await type(`forget --run ${failed} --dry-run --json`)).json).toMatchObject({ runs: 1, dryRun: true })
  expect((await type(`forget --run ${failed} --json`)).json).toMatchObject({ runs: 1 })
  expect((await type(`runs show ${failed} --json`)).json).toMatchObject({ intent: '', outcome: 'failed' })
  expect((await type('forget')).code).toBe(1)
})

test('what was typed wrong is answered with what there is', async () => {
  for (const line of ['runs frobnicate', 'runs list --nonsense', 'migrate --nonsense', 'runs show aaaa bbbb']) {
    const { code, text } = await type(line)
    expect(code, line).toBe(1)
    expect(text, line).toContain('npm run')
  }
  expect(await type('runs show zzzz')).toMatchObject({
    code: 1,
    text: expect.stringContaining('“zzzz” is no run’s id'),
  })
  expect((await type('migrate --json')).json).toEqual({ migrated: [] })
})
