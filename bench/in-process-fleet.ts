import { randomUUID } from 'node:crypto'
import { createProducer } from '@code-agent/queue/producer'
import { startWorker } from '@code-agent/queue/worker-host'
import { createLog, type Log } from '@code-agent/service/log'
import { attemptRecorder } from '@code-agent/store/attempt-recorder'
import { openStore, type Store } from '@code-agent/store/store'
import { concludeRun } from '../apps/flow-supervisor/src/conclude-run.ts'
import { startDispatcher } from '../apps/gateway/src/dispatcher.ts'
import { adoHandlers } from '../apps/worker-ado/src/handlers.ts'
import { llmHandlers } from '../apps/worker-llm/src/handlers.ts'
import { contextReader } from '../apps/worker-llm/src/read-context.ts'
import { instantAzureDevOps, instantModel, instantRepositories } from './instant-outside.ts'

const text = '/edit make it so'
const concurrency = 50

/** All apps in one process, with the real store and queues and an outside that answers at once. */
export async function startInProcessFleet(of: { redisUrl: string; databaseUrl: string; inFlight: number }) {
  const log = createLog({ service: 'bench', level: 'silent' })
  const store = openStore({ url: of.databaseUrl, max: 30 })
  const prefix = `{bench-${randomUUID().slice(0, 8)}}`
  const queue = { redisUrl: of.redisUrl, prefix }
  const producer = createProducer(queue)
  const workers = startWorkers({ store, queue, log })
  const windows = { admissions: of.inFlight, running: of.inFlight, perRepository: of.inFlight }
  const dispatcher = await startDispatcher({ store, producer, windows, log })
  let comment = 0
  return {
    store,
    prefix,
    async accept(variants: number): Promise<string> {
      comment += 1
      const { runId } = await store.acceptRun({
        runId: randomUUID(),
        key: { organisation: 'bench', repositoryId: 'r', pullRequestId: 1, threadId: 1, commentId: comment },
        projectId: 'p',
        requester: { id: 'alice', displayName: 'Alice', uniqueName: 'alice@example.com' },
        commentText: text,
        intent: `make it so ${comment}`,
        variants,
      })
      return runId
    },
    async untilEnded(): Promise<void> {
      while ((await store.runs({ filter: { open: true }, limit: 1 })).length > 0)
        await new Promise(resolve => setTimeout(resolve, 20))
    },
    async stop() {
      await dispatcher.stop()
      await Promise.all(workers.map(worker => worker.close(5_000)))
      await producer.close()
      await store.close()
    },
  }
}

function startWorkers({ store, queue, log }: { store: Store; queue: { redisUrl: string; prefix: string }; log: Log }) {
  const shared = { ...queue, concurrency, recorder: attemptRecorder(store), log }
  const readContext = contextReader({
    cache: instantRepositories,
    cloneUrl: () => 'https://x/',
    credential: { token: 'x', kind: 'basic' },
    offer: { maxVariants: 8, models: [] },
  })
  const conclude = concludeRun(store)
  const ado = adoHandlers({
    store,
    ado: instantAzureDevOps({ text }),
    holder: 'bench',
    organisation: 'bench',
    log,
    settings: { DRAFT_TARGET: 'source', CI_MARKER: undefined, MAX_VARIANTS: 8, WEBHOOK_URL: undefined },
  })
  const llm = llmHandlers({
    store,
    models: { offered: [], named: () => instantModel },
    readContext,
    holder: 'bench',
    settings: { MODEL_MAX_OUTPUT_TOKENS: 1_000, MODEL_CALL_SECONDS: 60, MODEL_EFFORT: 'low' },
  })
  return [
    startWorker({ ...shared, queue: 'ado', handlers: ado }),
    startWorker({ ...shared, queue: 'llm', handlers: llm }),
    startWorker({ ...shared, queue: 'flow', handlers: { 'conclude-run': { handle: job => conclude(job.data) } } }),
  ]
}
