import type { AzureDevOps, Comment, PullRequest } from '@code-agent/ado/port'
import { capabilitiesOf } from '@code-agent/llm/capabilities'
import type { Model } from '@code-agent/llm/model'
import type { RepositoryCache } from '@code-agent/repository/repository-cache'
import type { Snapshot } from '@code-agent/repository/snapshot'

/** An outside that answers at once: what is left is our own cost. */

const person = { id: 'alice', displayName: 'Alice', uniqueName: 'alice@example.com', isService: false }
const content = 'one\ntwo\nthree\n'
const file = { kind: 'text', content, executable: false } as const

/** @param of.text of the command comment, whoever asks */
export function instantAzureDevOps(of: { text: string }): AzureDevOps {
  let number = 0
  const next = () => ++number
  const comment: Comment = {
    commentId: 1,
    threadId: 1,
    author: person,
    text: of.text,
    publishedAt: new Date(0),
    edited: false,
    opensThread: false,
  }
  const pullRequest: PullRequest = {
    pullRequestId: 1,
    title: 'A change',
    description: '',
    status: 'active',
    isDraft: false,
    sourceBranch: 'feature',
    targetBranch: 'main',
    sourceCommit: 'a'.repeat(40),
    targetCommit: 'b'.repeat(40),
    fromFork: false,
    author: person,
    workItemIds: [],
    repository: { id: 'r', name: 'r', projectId: 'p', projectName: 'p', isDisabled: false },
  }
  return {
    whoAmI: async () => ({ ...person, id: 'bot' }),
    readComment: async () => ({ found: true, comment }),
    readPullRequest: async () => ({ found: true, pullRequest }),
    mayContribute: async () => ({ allowed: true, because: '' }),
    probeBranch: async () => ({ state: 'free' }),
    ensureCommit: async () => ({ commit: String(next()).padStart(40, '0') }),
    ensureDraftPr: async () => ({ pullRequestId: next() }),
    findDraftPr: async () => ({ found: false }),
    ensureComment: async () => ({ commentId: next() }),
    ensureStatus: async () => ({ statusId: next() }),
    ensureCommentDeleted: async () => {},
    ensureThreadClosed: async () => ({ closed: true }),
    serverTime: async () => new Date(),
    listCommentHooks: async () => ({ found: false }),
    ensureBranchDeleted: async () => ({ deleted: true, because: '' }),
    listCommentsSince: async function* () {},
    links: {
      pullRequest: () => 'https://x/1',
      comment: () => 'https://x/2',
      branch: () => 'https://x/3',
      clone: () => 'https://x/4',
    },
  }
}

/** One file, always the same. */
export const instantRepositories: RepositoryCache = {
  at: async ({ commit }) => instantSnapshot(commit),
  trim: async () => 0,
  close: async () => {},
}

function instantSnapshot(commit: string): Snapshot {
  const tree = {
    get: (path: string) => (path === 'a.txt' ? { path, ...file } : undefined),
    paths: () => ['a.txt'],
  }
  return {
    commit,
    tree: async () => [{ path: 'a.txt', kind: 'text', executable: false, id: '0'.repeat(40) }],
    list: async () => [],
    read: async path => (path === 'a.txt' ? file : { kind: 'absent' }),
    readMany: async paths => new Map([...paths].map(path => [path, path === 'a.txt' ? file : { kind: 'absent' }])),
    grep: async () => [],
    diff: async () => '',
    changedFiles: async () => [],
    sourceTree: async () => tree,
    withSourceTree: async (_paths, use) => use(tree),
    release: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

/** An edit that differs between variants, without a token. */
export const instantModel: Model = {
  name: 'instant',
  provider: 'anthropic',
  gate: 'model:instant',
  capabilities: { ...capabilitiesOf('instant'), tools: false },
  costOf: () => 0.001,
  generate: async ({ label }) => ({
    text: `Says ${label.variant}.\n\n\`\`\`diff\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+two of ${label.variant}\n three\n\`\`\`\n`,
    toolCalls: [],
    stop: 'end',
    usage: { inputTokens: 100, outputTokens: 50, cacheReadTokens: 0, cacheWriteTokens: 0 },
    costUsd: 0.001,
    model: 'instant',
    assistantTurn: { provider: 'anthropic', content: null },
  }),
  probe: async () => {},
}
