import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Run } from '@code-agent/store/read'
import { openStore, type Store } from '@code-agent/store/store'
import * as azure from 'azure-devops-node-api'
import type { IGitApi } from 'azure-devops-node-api/GitApi.js'
import { PullRequestStatus } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'

/** The story of the product, told through public clients: two pull requests, several comments at once, one variant that fails. */

const git = promisify(execFile)
const project = 'demo'
const repository = 'shop'
let installation: Installation
let store: Store
let api: IGitApi
let first: number
let second: number

const script = {
  replies: [
    { match: { intent: 'replace color with colour', variant: 2 }, text: 'I cannot do this one.', repeat: true },
    {
      match: { intent: 'say hello', attempt: 1 },
      text: 'Greets.\n\n```diff\n--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n-# Another Shop\n+# Hello, Corner Shop\n \n A page with a few buttons.\n```\n',
    },
    {
      match: { intent: 'say hello', attempt: 2 },
      text: 'Greets.\n\n```diff\n--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n-# Corner Shop\n+# Hello, Corner Shop\n \n A page with a few buttons. Open `index.html` in a browser.\n```\n',
    },
  ],
}

beforeAll(async () => {
  installation = await startInstallation({ progress: () => {}, script })
  const sample = await sampleRepository()
  await installation.azureDevOps.createRepository({ project, name: repository, from: sample.bare })
  await sample.remove()
  store = openStore({ url: installation.databaseUrl })
  const { url, tokens } = installation.azureDevOps
  api = await new azure.WebApi(url, azure.getPersonalAccessTokenHandler(tokens.alice)).getGitApi()
  first = await openPullRequest('First', 'main', sample.sourceBranch)
  await pushBranch('feature/second', sample.sourceBranch)
  second = await openPullRequest('Second', 'main', 'feature/second')
}, 120_000)

afterAll(async () => {
  await store?.close()
  await installation?.stop()
}, 60_000)

async function openPullRequest(title: string, target: string, source: string): Promise<number> {
  const created = await api.createPullRequest(
    { title, sourceRefName: `refs/heads/${source}`, targetRefName: `refs/heads/${target}` },
    repository,
    project,
  )
  return created.pullRequestId ?? 0
}

async function pushBranch(name: string, from: string): Promise<void> {
  const [ref] = await api.getRefs(repository, project, `heads/${from}`)
  await api.updateRefs(
    [{ name: `refs/heads/${name}`, oldObjectId: '0'.repeat(40), newObjectId: ref?.objectId ?? '' }],
    repository,
    project,
  )
}

async function comment(pullRequestId: number, content: string): Promise<number> {
  const thread = await api.createThread(
    { comments: [{ content, parentCommentId: 0, commentType: 1 }], status: 1 },
    repository,
    pullRequestId,
    project,
  )
  return thread.id ?? 0
}

/** The run of a thread, once it has ended. */
async function ended(pullRequestId: number, threadId: number): Promise<Run> {
  let run: Run | undefined
  await expect
    .poll(
      async () => {
        const [found] = await store.runs({ filter: { pullRequestId, threadId } })
        run = found && (await store.run(found.runId))
        return run?.state
      },
      { timeout: 90_000, interval: 200 },
    )
    .toBe('ended')
  if (!run) throw new Error('there is no run')
  return run
}

async function textsIn(pullRequestId: number, threadId: number): Promise<string[]> {
  const comments = await api.getComments(repository, pullRequestId, threadId, project)
  return comments.map(({ content }) => content ?? '')
}

function bare(...args: string[]): Promise<string> {
  return git('git', ['-C', `${installation.repos}/${project}/${repository}.git`, ...args]).then(({ stdout }) =>
    stdout.trim(),
  )
}

test('comments with 1, 3 and 8 variants at once each end in what was asked, nothing doubled', {
  timeout: 120_000,
}, async () => {
  const threads = await Promise.all([
    comment(first, '/edit rename later to afterwards'),
    comment(second, '/edit /3 make buttons red'),
    comment(first, '/edit /8 replace Corner with Village in README.md'),
  ])
  const runs = [await ended(first, threads[0]), await ended(second, threads[1]), await ended(first, threads[2])]
  expect(runs.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done'])
  expect(runs.map(({ variants }) => variants.filter(variant => variant.outcome === 'done').length)).toEqual([1, 3, 8])

  for (const run of runs) {
    const drafts = run.variants.map(({ branch, commit, pullRequestId }) => ({ branch, commit, pullRequestId }))
    for (const { branch, commit, pullRequestId } of drafts) {
      expect(branch).toMatch(/^users\/alice\/[a-z0-9-]+\/v\d$/)
      expect(await bare('rev-parse', `refs/heads/${branch}`)).toBe(commit)
      expect(await bare('rev-parse', `${commit}^`)).toBe(run.admission?.baseCommit)
      const draft = await api.getPullRequestById(pullRequestId ?? 0, project)
      expect(draft).toMatchObject({
        isDraft: true,
        status: PullRequestStatus.Active,
        sourceRefName: `refs/heads/${branch}`,
      })
      expect(draft.title).toMatch(/^🔧 AI Edit v\d: /)
    }
    const diffs = await Promise.all(drafts.map(({ commit }) => bare('diff', `${commit}^`, `${commit}`)))
    expect(new Set(diffs).size).toBe(diffs.length)
    const texts = await textsIn(run.key.pullRequestId, run.key.threadId)
    // The command, the start, one for each variant, the overview.
    expect(texts).toHaveLength(1 + 1 + run.variantCount + 1)
    expect(texts.at(-1)).toContain('| Variant |')
  }
  const statuses = await api.getPullRequestStatuses(repository, first, project)
  const latest = new Map(statuses.map(status => [status.context?.name, status]))
  expect(
    [...latest.values()].map(({ description }) => description ?? '').toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['1 of 1 draft', '8 of 8 drafts'])
})

test('a variant that fails leaves the others done, and the overview says which and why', {
  timeout: 60_000,
}, async () => {
  const thread = await comment(first, '/edit /3 replace color with colour in styles/main.css')
  const run = await ended(first, thread)
  expect(run.outcome).toBe('done')
  expect(run.variants.map(({ outcome }) => outcome)).toEqual(['done', 'failed', 'done'])
  expect(run.variants[1]?.reason).toContain('I cannot do this one')
  const texts = await textsIn(first, thread)
  expect(texts.at(-1)).toContain('2 of 3 drafts')
  expect(texts.at(-1)).toContain('I cannot do this one')
  expect(texts.filter(text => text.includes('v2 failed'))).toHaveLength(1)
})

test('a damaged diff is reported back and the repaired one becomes the draft', { timeout: 60_000 }, async () => {
  const run = await ended(second, await comment(second, '/edit say hello'))
  expect(run.outcome).toBe('done')
  expect(await store.usageOf(run.runId)).toHaveLength(2)
  expect(await bare('show', `${run.variants[0]?.commit}:README.md`)).toContain('# Hello, Corner Shop')
})

test('what the author cannot do ends as failed, honestly, with the status saying so', { timeout: 60_000 }, async () => {
  const thread = await comment(second, '/edit compose a symphony')
  const run = await ended(second, thread)
  expect(run.outcome).toBe('failed')
  expect((await textsIn(second, thread)).at(-1)).toContain('No draft this time')
})

test('the command comment edited afterwards starts nothing', { timeout: 60_000 }, async () => {
  const [run] = await store.runs({ filter: { pullRequestId: first }, limit: 1 })
  const before = await store.runs({ limit: 1_000 })
  await api.updateComment({ content: '/edit /2 something else' }, repository, first, run?.key.threadId ?? 0, 1, project)
  const marker = await ended(first, await comment(first, '/edit rename order to purchase'))
  expect(marker.outcome).toBe('done')
  expect(await store.runs({ limit: 1_000 })).toHaveLength(before.length + 1)
})

test('a wrong command gets one helpful answer, a plain comment none, and neither leaves a run', {
  timeout: 60_000,
}, async () => {
  const before = await store.runs({ limit: 1_000 })
  const [wrong, help, plain, other] = [
    await comment(first, '/edit /0 x'),
    await comment(first, '/help'),
    await comment(first, 'nice'),
    await comment(first, '/review'),
  ]
  await expect.poll(() => textsIn(first, wrong), { timeout: 20_000 }).toHaveLength(2)
  await expect.poll(() => textsIn(first, help), { timeout: 20_000 }).toHaveLength(2)
  expect(await textsIn(first, plain)).toHaveLength(1)
  expect(await textsIn(first, other)).toHaveLength(1)
  expect(await store.runs({ limit: 1_000 })).toHaveLength(before.length)
})

test('somebody who may not contribute is told so, once, and nothing is made', { timeout: 60_000 }, async () => {
  const { url, tokens } = installation.azureDevOps
  const reader = await new azure.WebApi(url, azure.getPersonalAccessTokenHandler(tokens.reader)).getGitApi()
  const thread = await reader.createThread(
    { comments: [{ content: '/edit make buttons red', parentCommentId: 0, commentType: 1 }], status: 1 },
    repository,
    first,
    project,
  )
  const run = await ended(first, thread.id ?? 0)
  expect(run).toMatchObject({ outcome: 'refused', admission: null })
  const texts = await textsIn(first, thread.id ?? 0)
  expect(texts).toHaveLength(2)
  expect(texts[1]).toContain('refused')
})
