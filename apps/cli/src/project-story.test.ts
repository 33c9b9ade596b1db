import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openStore, type Store } from '@code-agent/store/store'
import * as azure from 'azure-devops-node-api'
import type { IGitApi } from 'azure-devops-node-api/GitApi.js'
import { ItemContentType, VersionControlChangeType } from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'

/** A project that says in `.code-agent.yml` how it wants to be served, from the comment to the draft. */

const git = promisify(execFile)
const [project, repository] = ['demo', 'shop']
let installation: Installation
let store: Store
let api: IGitApi
let pullRequestId: number

beforeAll(async () => {
  installation = await startInstallation({ progress: () => {} })
  const sample = await sampleRepository()
  await installation.azureDevOps.createRepository({ project, name: repository, from: sample.bare })
  await sample.remove()
  store = openStore({ url: installation.databaseUrl })
  const { url, tokens } = installation.azureDevOps
  api = await new azure.WebApi(url, azure.getPersonalAccessTokenHandler(tokens.alice)).getGitApi()
  const [title, source] = ['Reminder', `refs/heads/${sample.sourceBranch}`]
  await pushSettings('add', "variants: 2\ndraftTarget: target\nciMarker: '[skip ci]'\npaths:\n  protect: [README.md]\n")
  const created = await api.createPullRequest(
    { title, sourceRefName: source, targetRefName: 'refs/heads/main' },
    repository,
    project,
  )
  pullRequestId = created.pullRequestId ?? 0
}, 120_000)

afterAll(async () => {
  await store?.close()
  await installation?.stop()
}, 60_000)

async function pushSettings(kind: 'add' | 'edit', content: string): Promise<void> {
  const [ref] = await api.getRefs(repository, project, 'heads/main')
  const change = {
    changeType: kind === 'add' ? VersionControlChangeType.Add : VersionControlChangeType.Edit,
    item: { path: '/.code-agent.yml' },
    newContent: { content, contentType: ItemContentType.RawText },
  }
  await api.createPush(
    {
      refUpdates: [{ name: 'refs/heads/main', oldObjectId: ref?.objectId ?? '' }],
      commits: [{ comment: 'Say how to be served', changes: [change] }],
    },
    repository,
    project,
  )
}

async function ended(content: string) {
  const comments = [{ content, parentCommentId: 0, commentType: 1 }]
  const thread = await api.createThread({ comments, status: 1 }, repository, pullRequestId, project)
  const filter = { pullRequestId, threadId: thread.id ?? 0 }
  await expect
    .poll(async () => (await store.runs({ filter }))[0]?.state, { timeout: 60_000, interval: 200 })
    .toBe('ended')
  const [row] = await store.runs({ filter })
  const run = await store.run(row?.runId ?? '')
  const said = await api.getComments(repository, pullRequestId, thread.id ?? 0, project)
  return { run, texts: said.map(comment => comment.content ?? '') }
}

test('number, target and marker are the project’s, and what it protects is not touched', {
  timeout: 90_000,
}, async () => {
  const { run } = await ended('/edit make buttons red')
  expect(run?.variants.map(({ outcome }) => outcome)).toEqual(['done', 'done'])
  for (const { pullRequestId: draft, commit } of run?.variants ?? []) {
    expect((await api.getPullRequestById(draft ?? 0, project)).targetRefName).toBe('refs/heads/main')
    const bare = `${installation.repos}/${project}/${repository}.git`
    expect((await git('git', ['-C', bare, 'log', '-1', '--format=%B', commit ?? ''])).stdout).toContain('[skip ci]')
  }
  const { run: refused } = await ended('/edit /1 replace Corner with Village in README.md')
  expect(refused?.variants[0]?.reason).toContain('README.md”, which .code-agent.yml protects')
})

test('a mistake in the file is answered in the thread, with its line, and nothing is made', {
  timeout: 90_000,
}, async () => {
  await pushSettings('edit', 'variants: 2\neffort: fast\n')
  const { run, texts } = await ended('/edit make buttons red')
  expect(run?.outcome).toBe('refused')
  expect(texts.at(-1)).toContain('refused')
  expect(texts.at(-1)).toMatch(/line 2: effort is .*fast/)
  expect(texts.at(-1)).toContain('Correct it there, then comment again.')
  expect(run?.variants.every(({ pullRequestId: draft }) => draft === null)).toBe(true)
})
