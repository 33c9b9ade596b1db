import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { admission, dispatched, newRun, runIn, type TestStore, testStore, usageOf, wide } from './test-store.ts'

let db: TestStore
let store: Store

beforeAll(async () => {
  db = await testStore()
  store = db.store
})
afterAll(() => db.stop())

async function dispatchedIds(): Promise<string[]> {
  return (await store.dispatchNext(wide)).flatMap(flow => (flow.kind === 'task' ? [] : [flow.runId]))
}

test('a paused repository begins nothing new, others go on, and it catches up when it is resumed', async () => {
  const scope = { organisation: 'contoso', repositoryId: 'paused' }
  await store.pause({ ...scope, reason: 'Moving house.' })
  const held = await store.acceptRun(newRun({ key: { ...newRun().key, repositoryId: 'paused' } }))
  const free = await store.acceptRun(newRun())
  expect(await dispatchedIds()).toEqual([free.runId])

  expect(await store.resume(scope)).toBe(true)
  expect(await store.resume(scope)).toBe(false)
  expect(await dispatchedIds()).toEqual([held.runId])
})

test('a paused organisation holds all of its repositories back, but what runs or ends goes on', async () => {
  const running = await runIn(store, 'running')
  const ready = await runIn(store, 'ready')
  await store.pause({ organisation: 'contoso', reason: 'The model is down.' })
  const accepted = await store.acceptRun(newRun())
  await store.cancel({ runId: running.runId, by: 'operator', cause: 'cancelled', reason: 'enough' })
  expect(await dispatchedIds()).toEqual([running.runId])
  expect((await store.run(ready.runId))?.state).toBe('ready')

  expect(await store.pauses()).toMatchObject([
    { organisation: 'contoso', repositoryId: null, reason: 'The model is down.' },
  ])
  expect(await store.waitsDue({ seconds: 0 })).toBe(2)
  expect(await store.waitsDue({ seconds: 0 })).toBe(0)
  const waits = await store.dispatchNext(wide)
  expect(waits.map(flow => flow.kind === 'task' && flow.task)).toEqual(['show-wait', 'show-wait'])

  await store.resume({ organisation: 'contoso' })
  expect((await dispatchedIds()).toSorted()).toEqual([ready.runId, accepted.runId].toSorted())
})

test('a failed request is begun again as a run of its own, once, and its comment still starts nothing by itself', async () => {
  const asked = newRun()
  const { runId } = await store.acceptRun(asked)
  const flow = await dispatched(store, runId)
  expect(await store.retryRun({ runId, by: 'operator' })).toMatchObject({ retried: false })
  await store.failAdmission({ ...flow, reason: 'Azure DevOps was away.' })
  const closing = await dispatched(store, runId)
  await store.conclude(closing)
  await store.ended(closing)

  const both = await Promise.all([store.retryRun({ runId, by: 'operator' }), store.retryRun({ runId, by: 'operator' })])
  expect(both.filter(one => one.retried)).toHaveLength(1)
  const again = both.find(one => one.retried)
  const second = again?.retried ? await store.run(again.runId) : undefined
  expect(second).toMatchObject({ state: 'accepted', retry: 1, intent: asked.intent, key: asked.key })
  expect(second?.variants).toHaveLength(3)
  expect(await store.acceptRun({ ...newRun(), key: asked.key })).toEqual({ accepted: false, runId })
  expect(await store.timeline(runId)).toContainEqual(expect.objectContaining({ kind: 'retried' }))
  await dispatched(store, second?.runId ?? '')
})

test('a run that is done is not begun again', async () => {
  const { runId } = await runIn(store, 'running')
  await db.query(`UPDATE runs SET state = 'ended', outcome = 'done', ended_at = now() WHERE id = $1`, [runId])
  expect(await store.retryRun({ runId, by: 'operator' })).toMatchObject({ retried: false })
})

test('forgetting a person takes out of their ended runs all that was written, keeps the skeleton, and spares open runs', async () => {
  const mallory = { id: 'mallory-id', displayName: 'Mallory Secretname', uniqueName: 'mallory@contoso.com' }
  const secret = 'xyzzy-plugh'
  const asked = newRun({ requester: mallory, intent: secret, commentText: `/edit ${secret}`, variants: 1 })
  const { runId } = await store.acceptRun(asked)
  const open = await store.acceptRun(newRun({ requester: mallory }))
  const flow = await dispatched(store, runId)
  const slug = await store.allocateSlug({
    ...{ organisation: 'contoso', repositoryId: asked.key.repositoryId, userSegment: 'mallory', slug: secret, runId },
  })
  const pinned = { ...admission, slug, pullRequest: { title: secret, description: secret } }
  await store.admit({ ...flow, admission: pinned })
  await store.planned({ ...flow, strategies: [{ name: secret, brief: secret }] })
  const stats = { files: 1, additions: 1, deletions: 0 }
  const changes = [{ path: secret, kind: 'add' as const, content: secret }]
  await store.savePatch({ runId, variant: 1, diff: secret, changes, stats, summary: secret, resultHash: 'h' })
  await store.saveAnswer({ ...usageOf(runId), answer: { text: secret } })
  await db.query(`UPDATE runs SET state = 'ended', outcome = 'failed', reason = $2, ended_at = now() WHERE id = $1`, [
    runId,
    secret,
  ])

  const user = 'Mallory@contoso.com'
  expect(await store.forget({ user, dryRun: true })).toEqual({ runs: 1, tasks: 0, stillOpen: 1 })
  expect(await store.forget({ user })).toEqual({ runs: 1, tasks: 0, stillOpen: 1 })
  expect(await store.forget({ user })).toEqual({ runs: 0, tasks: 0, stillOpen: 1 })

  const tables = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  )
  for (const { name } of tables) {
    const left = await db.query(
      `SELECT * FROM ${name} all_of_it WHERE all_of_it::text ~* $1 AND all_of_it::text !~ $2`,
      [`${secret}|mallory`, open.runId],
    )
    expect(
      left.filter(row => name !== 'events' || JSON.stringify(row).includes(secret)),
      name,
    ).toEqual([])
  }
  expect(await store.run(runId)).toMatchObject({ state: 'ended', outcome: 'failed', variantCount: 1, intent: '' })
  expect((await store.timeline(runId)).map(event => event.kind)).toContain('planned')
  expect(await store.acceptRun({ ...newRun(), key: asked.key })).toEqual({ accepted: false, runId })
  expect(await store.retryRun({ runId, by: 'operator' })).toMatchObject({ retried: false })
})

test('what is older than an age is forgotten, answered comments too, and what is younger stays', async () => {
  const { runId } = await runIn(store, 'ended')
  const young = await runIn(store, 'ended')
  await db.query(`UPDATE runs SET created_at = now() - interval '100 days' WHERE id = $1`, [runId])
  const taskId = '0b8f6a0e-6f0f-4c88-8a53-5b3c9c1f9a01'
  await store.acceptTask({ taskId, kind: 'answer-comment', uniqueKey: 'old', payload: { commentText: '/help' } })
  await db.query(`UPDATE tasks SET created_at = now() - interval '100 days', state = 'done' WHERE id = $1`, [taskId])

  expect(await store.forget({ olderThanMs: 90 * 86_400_000 })).toEqual({ runs: 1, tasks: 1, stillOpen: 0 })
  expect((await store.run(runId))?.forgottenAt).toBeInstanceOf(Date)
  expect((await store.run(young.runId))?.intent).not.toBe('')
  expect((await store.task(taskId))?.payload).toEqual({})
})
