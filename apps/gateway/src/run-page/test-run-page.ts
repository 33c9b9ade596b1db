import { createHash } from 'node:crypto'
import { linksAt } from '@code-agent/ado/links'
import { boundPort } from '@code-agent/service/health'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { redactor } from '@code-agent/service/redact'
import { runLink } from '@code-agent/service/run-link'
import {
  admission,
  dispatched,
  newRun,
  strategies,
  type TestRun,
  type TestStore,
  testStore,
} from '@code-agent/store/test-store'
import type { FastifyInstance } from 'fastify'
import { buildGateway } from '../gateway.ts'

export const operator = { username: 'ops', password: 'a password for operators' }
const linkKey = 'a link key of at least thirty-two characters'
export const formerKey = 'the link key before it, also long enough'
/** A secret of the process: it must not stand in any page. */
export const secret = 'canary-9f1c2b7a55d04e'

export type RunPageWorld = TestStore & {
  app: FastifyInstance
  url: string
  linkTo(runId: string, over?: { key?: string; createdAt?: Date }): Promise<string>
  /** As a browser with the operator's credentials. */
  asOperator(path: string, init?: RequestInit): Promise<Response>
  stop(): Promise<void>
}

/** The gateway with its run page before a real Postgres. The tests are the fleet: they say what happens when. */
export async function runPageWorld(): Promise<RunPageWorld> {
  const database = await testStore()
  const app = await buildGateway({
    store: database.store,
    credentials: { basic: { username: 'hook', passwords: ['correct horse'] } },
    organisation: 'contoso',
    maxVariants: 8,
    runPage: {
      store: database.store,
      keys: { linkKeys: [linkKey, formerKey], operator },
      publicUrl: undefined,
      redact: redactor([secret]),
      pullRequestUrl: linksAt('https://dev.azure.com/contoso').pullRequest,
    },
    metrics: createMetrics('gateway'),
    log: createLog({ service: 'gateway', level: 'silent' }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${boundPort(app)}`
  const basic = `Basic ${Buffer.from(`${operator.username}:${operator.password}`).toString('base64')}`
  return {
    ...database,
    ...{ app, url },
    async linkTo(runId, over = {}) {
      const createdAt = over.createdAt ?? (await database.store.run(runId))?.createdAt ?? new Date()
      return runLink({ publicUrl: url, key: over.key ?? linkKey }, { runId, createdAt })
    },
    asOperator: (path, init = {}) =>
      fetch(url + path, { redirect: 'manual', ...init, headers: { authorization: basic, ...init.headers } }),
    async stop() {
      await app.close()
      await database.stop()
    },
  }
}

/** A run whose variants are being made. */
export async function runningRun({ store }: RunPageWorld, intent = 'make buttons red'): Promise<TestRun> {
  const { runId } = await store.acceptRun(newRun({ intent }))
  const admitted = await dispatched(store, runId)
  await store.admit({ ...admitted, admission })
  await store.planned({ ...admitted, strategies })
  const { generation } = await dispatched(store, runId)
  return { runId, generation }
}

/** A try of a step, ended as said; without `outcome` it is at work. */
export async function tried(
  { store }: RunPageWorld,
  run: TestRun,
  of: {
    step: string
    variant?: number
    attempt?: number
    outcome?: 'done' | 'retry' | 'postponed' | 'failed'
    reasonClass?: string
    message?: string
    resumesAt?: Date
  },
): Promise<void> {
  const { step, variant, attempt = 1, outcome, ...ending } = of
  const scope = { runId: run.runId }
  const at = { step, generation: run.generation, jobId: `${run.runId}-${step}`, attempt }
  const id = await store.attemptStarted({ scope, ...at, ...(variant === undefined ? {} : { variant }) })
  if (outcome) await store.attemptEnded({ id, outcome, ...ending })
}

export async function patched({ store }: RunPageWorld, run: TestRun, variant: number, diff: string): Promise<void> {
  await store.savePatch({
    ...{ runId: run.runId, variant, diff, summary: 'Makes them red.' },
    changes: [{ path: 'src/button.css', kind: 'edit', content: diff }],
    stats: { files: 1, additions: 2, deletions: 1 },
    resultHash: createHash('sha256').update(`${variant}${diff}`).digest('hex'),
  })
}

export async function drafted({ store }: RunPageWorld, run: TestRun, variant: number): Promise<void> {
  await store.variantDone({
    ...{ runId: run.runId, variant, branch: `users/alice/make-buttons-red/v${variant}`, commit: 'c'.repeat(40) },
    ...{ pullRequestId: 100 + variant, summary: 'Makes them red.', files: 1, additions: 2, deletions: 1 },
  })
}

export function diffOf(path: string, removed: string, added: string): string {
  return `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1,2 +1,2 @@\n-${removed}\n+${added}\n same\n`
}
