import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { versionsStatement } from './run-page-reads.ts'
import { openStore } from './store.ts'
import { newRun, runIn, type TestStore, testStore } from './test-store.ts'

let database: TestStore

beforeAll(async () => {
  database = await testStore()
})
afterAll(() => database?.stop())

test('every start of a step is told, with how it ended, and what time it is on the clock of all that', async () => {
  const { store } = database
  const run = await runIn(store, 'running')
  const none = await store.attemptsOf(run.runId)
  expect(none.attempts).toEqual([])
  const at = { scope: { runId: run.runId }, generation: run.generation, jobId: 'j', attempt: 1 }
  const id = await store.attemptStarted({ ...at, step: 'write-patch', variant: 2 })
  await store.attemptStarted({ ...at, step: 'plan-run' })
  await store.attemptEnded({ id, outcome: 'retry', reasonClass: 'Error', message: 'no answer' })
  const { now, attempts } = await store.attemptsOf(run.runId)
  expect(now.getTime()).toBeGreaterThanOrEqual(none.now.getTime())
  expect(attempts).toMatchObject([
    { variant: 2, step: 'write-patch', outcome: 'retry', message: 'no answer', reasonClass: 'Error' },
    { variant: 0, step: 'plan-run', outcome: null, endedAt: null },
  ])
})

test('diffs that are sealed in the database are read as they were written', async () => {
  const key = randomBytes(32).toString('base64')
  const sealing = openStore({ url: database.url, max: 1, dataKeys: [key] })
  const { runId } = await runIn(database.store, 'running')
  const patch = { runId, changes: [], stats: { files: 1, additions: 1, deletions: 0 }, summary: 's' }
  await sealing.savePatch({ ...patch, variant: 2, diff: 'diff two', resultHash: '2' })
  await sealing.savePatch({ ...patch, variant: 1, diff: 'diff one', resultHash: '1' })
  expect(await sealing.diffsOf(runId)).toEqual([
    { variant: 1, diff: 'diff one' },
    { variant: 2, diff: 'diff two' },
  ])
  expect(JSON.stringify(await database.store.diffsOf(runId))).not.toContain('diff one')
  await sealing.close()
})

test('whatever a page shows changes its run’s version, what it does not show leaves it', async () => {
  const { store } = database
  const { runId } = await store.acceptRun(newRun())
  const { runId: other } = await store.acceptRun(newRun())
  const seen = new Set<string>()
  const changedBy = async (change: () => Promise<unknown>) => {
    await change()
    const [row] = await store.versionsOf([runId])
    const isNew = row !== undefined && !seen.has(row.version)
    seen.add(row?.version ?? '')
    return isNew
  }
  const flow = { runId, generation: 0 }
  const at = { scope: { runId }, generation: 0, jobId: 'j', attempt: 1, step: 'admit-run' }
  let id = 0
  expect(await changedBy(async () => {})).toBe(true)
  expect(await changedBy(async () => {})).toBe(false)
  expect(await changedBy(async () => (id = await store.attemptStarted(at)))).toBe(true)
  expect(await changedBy(() => store.attemptEnded({ id, outcome: 'done' }))).toBe(true)
  const calls = { model: 'm', inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, stop: '' }
  expect(
    await changedBy(() => store.saveAnswer({ ...calls, runId, variant: 1, call: 1, costUsd: 1, answer: '' })),
  ).toBe(true)
  const until = new Date(Date.now() + 60_000)
  expect(await changedBy(() => store.closeGate({ gate: 'model/m', until, reason: 'rest' }))).toBe(true)
  expect(await changedBy(() => store.openGates())).toBe(false)
  expect(await changedBy(() => store.pause({ organisation: 'contoso', reason: 'x' }))).toBe(true)
  expect(await changedBy(() => store.cancel({ runId: other, by: 'x', cause: 'cancelled', reason: 'y' }))).toBe(false)
  expect(await changedBy(() => store.refuse({ ...flow, reason: 'no' }))).toBe(true)
  expect(await changedBy(() => store.resume({ organisation: 'contoso' }))).toBe(true)
  expect((await store.versionsOf([runId, other])).map(({ ended }) => ended)).toEqual([false, false])
  expect(await store.versionsOf([])).toEqual([])
})

test('with a long history behind it a page is read by indexes alone', { timeout: 60_000 }, async () => {
  const { store, query } = database
  const { runId } = await runIn(store, 'running')
  await query(`INSERT INTO runs (id, organisation, repository_id, pull_request_id, thread_id, comment_id, project_id, requester,
      comment_text, intent, variant_count, state, outcome, ended_at)
    SELECT gen_random_uuid(), 'contoso', 'r', n, 1, 1, 'p', '{}', '', '', 1, 'ended', 'done', now() FROM generate_series(1, 20000) n`)
  await query(
    `INSERT INTO variants (run_id, index) SELECT id, 1 FROM runs WHERE state = 'ended' ON CONFLICT DO NOTHING`,
  )
  await query(`INSERT INTO events (run_id, kind) SELECT id, 'ended' FROM runs WHERE state = 'ended'`)
  await query(`INSERT INTO attempts (owner, owner_id, step, generation, job_id, attempt)
    SELECT 'run', id, 'plan-run', 1, '', 1 FROM runs WHERE state = 'ended'`)
  await query(`INSERT INTO usage (run_id, variant, call, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, stop)
    SELECT id, 1, 1, '', 1, 1, 1, 1, '' FROM runs WHERE state = 'ended'`)
  await query(`INSERT INTO patches (run_id, variant, diff, changes, stats, summary, result_hash)
    SELECT id, 1, '', '[]', '{}', '', '' FROM runs WHERE state = 'ended'`)
  await query('ANALYZE')
  const { db } = openDatabase({ url: database.url, max: 1 })
  const { rows } = await sql`EXPLAIN ${versionsStatement([runId])}`.execute(db)
  await db.destroy()
  const asked = [
    `SELECT * FROM runs WHERE id = '${runId}'`,
    ...['variants', 'patches', 'usage', 'events'].map(table => `SELECT * FROM ${table} WHERE run_id = '${runId}'`),
    `SELECT * FROM attempts WHERE owner_id = '${runId}' ORDER BY id`,
    // Of the wait: how many are ahead.
    `SELECT count(*) FROM runs WHERE dispatched_at IS NULL AND state = (SELECT state FROM runs WHERE id = '${runId}') AND state <> 'ended'`,
  ]
  const plans = await Promise.all(asked.map(async text => ({ text, plan: await query(`EXPLAIN ${text}`) })))
  for (const { text, plan } of [...plans, { text: 'versionsOf', plan: rows }]) {
    expect(JSON.stringify(plan), text).toContain('Index')
    expect(JSON.stringify(plan), text).not.toMatch(/Seq Scan on (runs|variants|events|attempts|usage|patches)/)
  }
})
