import { join } from 'node:path'
import { runLink } from '@code-agent/service/run-link'
import type { Run } from '@code-agent/store/read'
import { openStore } from '@code-agent/store/store'
import { givenServers } from './given-servers.ts'
import { readLlmScript } from './llm-script-file.ts'
import { type Installation, startInstallation } from './local-installation.ts'
import { copiedRepository, type PreparedRepository, sampleRepository } from './prepare-repository.ts'
import { progressOf } from './progress.ts'
import { realModel } from './real-model.ts'
import { untilSignal } from './until-signal.ts'

export type DemoOptions = {
  once: boolean
  json: boolean
  repo?: string
  comment?: string
  llmScript?: string
  model: boolean
}

export const defaultComment = '/edit /3 make buttons red'
const project = 'demo'

/** Posts a comment on a real git repository and shows what becomes of it. Exit code 0 when done, 2 for another outcome. */
export async function demo(options: DemoOptions): Promise<number> {
  const say = (message: string) => process.stderr.write(`${message}\n`)
  const prepared = options.repo ? await copiedRepository(options.repo) : await sampleRepository()
  const script = options.llmScript ? await readLlmScript(options.llmScript) : undefined
  const signal = untilSignal()
  const installation = await startInstallation({
    progress: say,
    servers: givenServers(),
    ...(script ? { script } : {}),
    ...(options.model ? { realModel: realModel() } : {}),
  })
  try {
    const asked = await ask(installation, prepared, options.comment ?? defaultComment)
    await prepared.remove()
    say(`\n${asked.page}\n${options.comment ?? defaultComment}\n`)
    const watched = await Promise.race([watch(installation, asked, say), signal.then(() => undefined)])
    if (!watched) return 130
    const { result, page } = watched
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else say(summary(installation, asked, result))
    if (!options.once) {
      say(
        `\nStays up for browsing; Ctrl-C ends it.\n  pull request  ${asked.page}${page ? `\n  run page      ${page}` : ''}\n  Bull Board    ${installation.bullBoard.url} (${installation.bullBoard.username} / ${installation.bullBoard.password})\n  logs          ${installation.logs}`,
      )
      await signal
    }
    return result.outcome === 'done' ? 0 : 2
  } finally {
    await installation.stop()
  }
}

type Asked = {
  pullRequestId: number
  threadId: number
  commentId: number
  postedAt: number
  page: string
  gitDir: string
  repositoryId: string
}

/** A pull request as a developer would make it, and the comment under it. */
async function ask(
  { azureDevOps, repos }: Installation,
  prepared: PreparedRepository,
  comment: string,
): Promise<Asked> {
  const repository = await azureDevOps.createRepository({ project, name: 'shop', from: prepared.bare })
  const pullRequestId = await azureDevOps.createPullRequest({
    project,
    repository: 'shop',
    user: 'alice',
    title: prepared.title,
    description: '',
    sourceBranch: prepared.sourceBranch,
    targetBranch: prepared.targetBranch,
  })
  const postedAt = Date.now()
  const { threadId, commentId } = await azureDevOps.postComment({ pullRequestId, user: 'alice', content: comment })
  return {
    pullRequestId,
    threadId,
    commentId,
    postedAt,
    page: azureDevOps.pageOf({ project, repository: 'shop', pullRequestId }),
    gitDir: join(repos, project, 'shop.git'),
    repositoryId: repository.id,
  }
}

export type DemoResult = {
  runId: string | null
  outcome: string | null
  pullRequestId: number
  gitDir: string
  variants: {
    index: number
    outcome: string | null
    reason: string | null
    branch: string | null
    commit: string | null
    pullRequestId: number | null
  }[]
  timings: { ackMs: number | null; firstDraftMs: number | null; overviewMs: number | null }
}

/** How long a run may take before the demo says that something is wrong. */
const patienceMs = 15 * 60_000
/** A comment that is no /edit, or is wrong, starts no run: it is answered in the thread, and this is how long that may take. */
const acceptMs = 15_000

async function watch(
  installation: Installation,
  asked: Asked,
  say: (line: string) => void,
): Promise<{ result: DemoResult; page: string | undefined }> {
  const store = openStore({ url: installation.databaseUrl, applicationName: 'demo' })
  const { url: publicUrl, linkKey: key } = installation.runPage
  const pageOf = (run: Run) => runLink({ publicUrl, key }, run)
  const progress = progressOf(say, pageOf)
  try {
    let run: Run | undefined
    for (const started = Date.now(); Date.now() - started < patienceMs; await pause()) {
      const [found] = await store.runs({
        filter: { repositoryId: asked.repositoryId, pullRequestId: asked.pullRequestId },
        limit: 1,
      })
      run = found && (await store.run(found.runId))
      if (!run && Date.now() - started > acceptMs) break
      if (run) progress(run)
      if (run?.state === 'ended') break
    }
    return { result: resultOf(run, asked), page: run && pageOf(run) }
  } finally {
    await store.close()
  }
}

function resultOf(run: Run | undefined, asked: Asked): DemoResult {
  const since = (at: Date | null | undefined) => (at ? Math.max(0, at.getTime() - asked.postedAt) : null)
  const drafts = (run?.variants ?? []).flatMap(({ outcome, endedAt }) =>
    outcome === 'done' && endedAt ? [endedAt] : [],
  )
  return {
    runId: run?.runId ?? null,
    outcome: run?.outcome ?? null,
    pullRequestId: asked.pullRequestId,
    gitDir: asked.gitDir,
    variants: (run?.variants ?? []).map(variant => ({
      index: variant.variant,
      outcome: variant.outcome,
      reason: variant.reason,
      branch: variant.branch,
      commit: variant.commit,
      pullRequestId: variant.pullRequestId,
    })),
    timings: {
      ackMs: since(run?.createdAt),
      firstDraftMs: since(drafts.toSorted((a, b) => a.getTime() - b.getTime())[0]),
      overviewMs: since(run?.endedAt),
    },
  }
}

function summary({ azureDevOps }: Installation, asked: Asked, result: DemoResult): string {
  const rows = result.variants.map(variant =>
    variant.outcome === 'done'
      ? `  v${variant.index}  done    ${variant.branch}\n      ${azureDevOps.pageOf({ project, repository: 'shop', pullRequestId: variant.pullRequestId ?? 0 })}`
      : `  v${variant.index}  ${variant.outcome}  ${variant.reason ?? ''}`,
  )
  const seconds = result.timings.overviewMs === null ? '' : ` after ${(result.timings.overviewMs / 1000).toFixed(1)} s`
  return [
    `\n${result.outcome ?? 'The comment started no run; the answer, if it deserved one, stands in its thread.'}${seconds}`,
    ...rows,
    `  git   ${asked.gitDir}`,
  ].join('\n')
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 150))
}
