import { randomUUID } from 'node:crypto'
import { testPostgres } from '@code-agent/tools/test-servers'
import pg from 'pg'
import type { NewRun } from './accept.ts'
import type { Admission } from './admission.ts'
import type { Dispatch, DispatchWindow } from './dispatch.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store } from './store.ts'
import type { Usage } from './usage.ts'

/** A migrated database of one test, with a door of its own for looking and for moving time. */
export type TestStore = {
  store: Store
  url: string
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>
  stop(): Promise<void>
}

export async function testStore(): Promise<TestStore> {
  const server = await testPostgres()
  await migrate({ url: server.url })
  const store = openStore({ url: server.url, max: 10 })
  const door = backDoor(server.url)
  return {
    store,
    url: server.url,
    query: door.query,
    stop: async () => {
      await Promise.all([store.close(), door.stop()])
      await server.stop()
    },
  }
}

/** For looking into a database, and moving its time, past the store. */
export function backDoor(url: string): Pick<TestStore, 'query' | 'stop'> {
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  pool.on('error', () => {})
  return { query: async (text, values) => (await pool.query(text, values)).rows, stop: () => pool.end() }
}

export const wide: DispatchWindow = { admissions: 1_000, running: 1_000, perRepository: 1_000, limit: 1_000 }

let comments = 0

export function newRun(change: Partial<NewRun> & { repositoryId?: string } = {}): NewRun {
  comments += 1
  const { repositoryId = 'repository-1', ...rest } = change
  return {
    runId: randomUUID(),
    key: { organisation: 'contoso', repositoryId, pullRequestId: 7, threadId: 3, commentId: comments },
    projectId: 'project-1',
    requester: { id: 'alice-id', displayName: 'Alice', uniqueName: 'alice@contoso.com' },
    commentText: '/edit /3 make buttons red',
    intent: 'make buttons red',
    variants: 3,
    ...rest,
  }
}

export const admission: Admission = {
  baseCommit: 'a'.repeat(40),
  targetCommit: 'b'.repeat(40),
  sourceBranch: 'feature/buttons',
  targetBranch: 'main',
  slug: 'make-buttons-red',
  userSegment: 'alice',
  pullRequest: { title: 'Buttons', description: '' },
  draftTarget: 'feature/buttons',
  workItemIds: ['12'],
  opensThread: true,
  location: null,
}

export const strategies = ['one', 'two', 'three'].map(name => ({ name, brief: `the way called ${name}` }))

export type TestRun = { runId: string; generation: number }

/** A run that was brought into a state the way production does it. */
export async function runIn(
  store: Store,
  state: 'accepted' | 'ready' | 'running' | 'ending' | 'ended',
): Promise<TestRun> {
  const { runId } = await store.acceptRun(newRun())
  let flow = await dispatched(store, runId)
  if (state === 'accepted') return flow
  await store.admit({ ...flow, admission })
  await store.planned({ ...flow, strategies })
  if (state === 'ready') return flow
  flow = await dispatched(store, runId)
  if (state === 'running') return flow
  await store.conclude(flow)
  if (state === 'ending') return flow
  await store.ended(flow)
  return flow
}

/** Dispatches everything and gives back this run's new flow. */
export async function dispatched(store: Store, runId: string): Promise<TestRun & Dispatch> {
  const found = (await store.dispatchNext(wide)).find(flow => flow.kind !== 'task' && flow.runId === runId)
  if (found === undefined || found.kind === 'task') throw new Error(`run ${runId} was not due`)
  return found
}

/** What the first call of a run's first variant cost. */
export function usageOf(runId: string): Usage {
  return {
    runId,
    variant: 1,
    call: 1,
    model: 'm',
    inputTokens: 3_000_000_000,
    outputTokens: 20,
    cacheReadTokens: 5,
    cacheWriteTokens: 6,
    costUsd: 0.01234567,
    stop: 'end_turn',
  }
}
