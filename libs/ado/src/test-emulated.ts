import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkExchange } from '@code-agent/emulator-azure-devops/contract/check'
import { startAzureDevOps } from '@code-agent/emulator-azure-devops/emulator'
import type { GitApi } from 'azure-devops-node-api/GitApi.js'
import {
  CommentThreadStatus,
  CommentType,
  VersionControlChangeType,
} from 'azure-devops-node-api/interfaces/GitInterfaces.js'
import { connectAzureDevOps } from './azure-devops.ts'
import { connect } from './connection.ts'
import { losingProxy } from './test-losing-proxy.ts'

export type Emulated = Awaited<ReturnType<typeof emulatedAzureDevOps>>

/** The adapter before the emulator, with a proxy between them that can lose answers, and Alice, who acts without it. */
export async function emulatedAzureDevOps() {
  const reposDir = await mkdtemp(join(tmpdir(), 'code-agent-ado-'))
  let exchanges = 0
  const contradictions: string[] = []
  const emulator = await startAzureDevOps({
    reposDir,
    observe(exchange) {
      exchanges += 1
      contradictions.push(...checkExchange(exchange))
    },
    projects: [{ name: 'My Project', repositories: [{ name: 'app' }] }],
  })
  const proxy = await losingProxy(emulator.url)
  const ado = connectAzureDevOps({ url: proxy.url, token: emulator.tokens.bot, kind: 'pat', gate: 'g' })
  const others = (['alice', 'reader'] as const).map(name =>
    connect({ url: emulator.url, token: emulator.tokens[name], kind: 'pat', gate: name }),
  )
  const [alice, reader] = await Promise.all(others.map(other => other.git()))
  if (alice === undefined || reader === undefined) throw new Error('nobody is there')
  return {
    ...{ ado, proxy, alice, emulator },
    /** What our requests and the answers to them contradict of the contract, over everything asked so far. */
    conformance: () => ({ exchanges, contradictions }),
    aliceId: await idOf(alice),
    readerId: await idOf(reader),
    async close() {
      for (const open of [ado, ...others]) open.close()
      await proxy.close()
      await emulator.close()
      await rm(reposDir, { recursive: true, force: true })
    },
  }
}

async function idOf(git: GitApi): Promise<string> {
  const { result } = await git.rest.get<{ authenticatedUser: { id: string } }>(
    git.vsoClient.resolveUrl('/_apis/connectionData'),
  )
  if (result === null) throw new Error('nobody is there')
  return result.authenticatedUser.id
}

/** A pull request by Alice on branches of its own, with a command in a thread on a line of code. */
export async function commandedPullRequest(alice: GitApi, name: string) {
  const repository = (await alice.getRepositories())[0]
  const repositoryId = demanded(repository?.id)
  const projectId = demanded(repository?.project?.id)
  const base = await commit(alice, repositoryId, {
    branch: `base-${name}`,
    onto: '0'.repeat(40),
    path: `/${name}.txt`,
    content: 'one\n',
  })
  const tip = await commit(alice, repositoryId, {
    branch: `work-${name}`,
    onto: base,
    path: `/${name}-more.txt`,
    content: 'two\n',
  })
  const pullRequest = await alice.createPullRequest(
    {
      title: name,
      description: 'd',
      sourceRefName: `refs/heads/work-${name}`,
      targetRefName: `refs/heads/base-${name}`,
    },
    repositoryId,
  )
  const pullRequestId = demanded(pullRequest.pullRequestId)
  const line = { line: 1, offset: 1 }
  const thread = await alice.createThread(
    {
      comments: [{ content: '/edit x', parentCommentId: 0, commentType: CommentType.Text }],
      status: CommentThreadStatus.Active,
      threadContext: { filePath: `/${name}-more.txt`, rightFileStart: line, rightFileEnd: line },
    },
    repositoryId,
    pullRequestId,
  )
  return { projectId, repositoryId, pullRequestId, threadId: demanded(thread.id), tip, sourceBranch: `work-${name}` }
}

async function commit(
  git: GitApi,
  repositoryId: string,
  of: { branch: string; onto: string; path: string; content: string },
): Promise<string> {
  const changes = [
    {
      changeType: VersionControlChangeType.Add,
      item: { path: of.path },
      newContent: { content: of.content, contentType: 0 },
    },
  ]
  const refUpdates = [{ name: `refs/heads/${of.branch}`, oldObjectId: of.onto }]
  const pushed = await git.createPush({ refUpdates, commits: [{ comment: 'by Alice', changes }] }, repositoryId)
  return demanded(pushed.commits?.[0]?.commitId)
}

export function demanded<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the emulator left out what every test needs')
  return value
}
