import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelEmulator, type ModelEmulatorOptions, startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { Superseded } from '@code-agent/jobs/errors'
import type { JobName } from '@code-agent/jobs/steps'
import type { ModelConfig } from '@code-agent/llm/model-config'
import type { HandlerJob, Handlers } from '@code-agent/queue/handlers'
import { openRepositoryCache, type RepositoryCache } from '@code-agent/repository/repository-cache'
import { servedRepositories, type TestRepository } from '@code-agent/repository/served-repositories'
import type { Run } from '@code-agent/store/read'
import type { Store } from '@code-agent/store/store'
import { admission, dispatched, newRun, type TestStore, testStore } from '@code-agent/store/test-store'
import { llmHandlers } from './handlers.ts'
import { openModels } from './models.ts'
import { contextReader } from './read-context.ts'

/** The two steps of worker-llm over real parts: Postgres, git over HTTP, models by HTTP. Only the queue is played. */
export type TestWorld = {
  database: TestStore
  model: ModelEmulator
  repository: TestRepository
  /** What a worker takes jobs with, for tests with a real queue. */
  handlers(options?: WorkerOptions): Handlers
  /** A run that was admitted, on these commits. */
  admitted(of?: Partial<Asked>): Promise<string>
  /** plan-run as a worker does it. @returns the run afterwards */
  plan(runId: string, world?: Partial<WorkerOptions>): Promise<Run>
  /** plan-run, dispatch, then write-patch for every variant at once. @returns the run afterwards */
  write(runId: string, world?: Partial<WorkerOptions>): Promise<Run>
  stop(): Promise<void>
}

export type Asked = { intent: string; variants: number; comment: string; base: string; target: string }
export type WorkerOptions = Partial<ModelConfig> & {
  /** Names of the same server. */
  others?: string[]
  /** Models of other servers. */
  elsewhere?: Record<string, ModelConfig>
  callSeconds?: number
  attempt?: number
}

export async function testWorld(options: ModelEmulatorOptions & { files: Record<string, string> }): Promise<TestWorld> {
  const [database, model, served] = await Promise.all([testStore(), startModelEmulator(options), servedRepositories()])
  const dir = await mkdtemp(join(tmpdir(), 'worker-llm-'))
  const cache = openRepositoryCache({ dir })
  const repository = served.repository('shop')
  const { store } = database
  const base = repository.commit(options.files)

  const handlersFor = (options: WorkerOptions) =>
    handlersOver({ store, cache, cloneUrl: repository.cloneUrl, modelUrl: model.url }, options)
  const runOf = async (runId: string) => {
    const run = await store.run(runId)
    if (!run) throw new Error(`there is no run ${runId}`)
    return run
  }

  async function work(
    name: 'plan-run' | 'write-patch',
    of: { runId: string; variant?: number },
    options: WorkerOptions,
  ) {
    const { generation } = await runOf(of.runId)
    await asTheQueueDoes(handlersFor(options), name, { ...of, generation }, options.attempt ?? 1)
  }

  return {
    database,
    model,
    repository,
    handlers: (options = {}) => handlersFor(options),
    async admitted({ intent = 'replace Old with New in a.txt', variants = 1, ...of } = {}) {
      const commentText = of.comment ?? `/edit ${variants === 1 ? '' : `/${variants} `}${intent}`
      const { runId } = await store.acceptRun(
        newRun({ intent, variants, commentText, repositoryId: `r${Math.random()}` }),
      )
      const flow = await dispatched(store, runId)
      const pinned = { ...admission, baseCommit: of.base ?? base, targetCommit: of.target ?? of.base ?? base }
      await store.admit({ runId, generation: flow.generation, admission: pinned })
      return runId
    },
    async plan(runId, options = {}) {
      await work('plan-run', { runId }, options)
      return runOf(runId)
    },
    async write(runId, options = {}) {
      if ((await runOf(runId)).state === 'accepted') await work('plan-run', { runId }, options)
      if ((await runOf(runId)).state !== 'ready') return runOf(runId)
      await dispatched(store, runId)
      const { variants } = await runOf(runId)
      await Promise.all(variants.map(({ variant }) => work('write-patch', { runId, variant }, options)))
      return runOf(runId)
    },
    async stop() {
      await cache.close()
      await Promise.all([database.stop(), model.close(), served.stop()])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function handlersOver(
  of: { store: Store; cache: RepositoryCache; cloneUrl: string; modelUrl: string },
  { others = [], elsewhere = {}, callSeconds = 20, attempt: _, ...config }: WorkerOptions,
): Handlers {
  const base = { provider: 'anthropic' as const, baseUrl: of.modelUrl, apiKey: 'key', ...config }
  const names = [config.model ?? 'claude-sonnet-5-5', ...others]
  const same = names.map((model): [string, ModelConfig] => [model, { ...base, model }])
  const models = openModels(new Map([...same, ...Object.entries(elsewhere)]))
  const readContext = contextReader({
    cache: of.cache,
    cloneUrl: () => of.cloneUrl,
    credential: { token: 'token', kind: 'basic' },
    offer: { models: models.offered, maxVariants: 8 },
  })
  const settings = { MODEL_MAX_OUTPUT_TOKENS: 8_000, MODEL_CALL_SECONDS: callSeconds, MODEL_EFFORT: 'low' as const }
  return llmHandlers({ store: of.store, models, readContext, holder: 'test', settings })
}

/** A failure is the last one: what is written down then is what the commenter reads. */
async function asTheQueueDoes(
  handlers: Handlers,
  name: 'plan-run' | 'write-patch',
  data: { runId: string; variant?: number; generation: number },
  attempt: number,
): Promise<void> {
  const { variant = 1 } = data
  const job: HandlerJob<typeof data & { variant: number }> = {
    name: name satisfies JobName,
    data: { ...data, variant },
    jobId: `${name}-${variant}`,
    attempt,
    isLastAttempt: true,
    signal: AbortSignal.timeout(60_000),
  }
  const handler = handlers[name]
  try {
    await handler?.handle(job)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Superseded) throw error
    await handler?.onExhausted?.(job, error)
  }
}
