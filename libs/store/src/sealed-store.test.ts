import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rotateKeys } from './rotate-keys.ts'
import { openSeal } from './sealed-text.ts'
import { openStore, type Store } from './store.ts'
import { admission, dispatched, newRun, type TestStore, testStore, usageOf } from './test-store.ts'

const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('hex')]
const canary = 'never-readable-canary'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = openStore({ url: database.url, dataKeys: [first] })
})
afterAll(async () => {
  await store?.close()
  await database?.stop()
})

/** All rows of all tables, as a dump would show them. */
async function dump(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => database.query(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`)),
  )
  return JSON.stringify(rows)
}

async function written(into: Store) {
  const run = newRun({ intent: `${canary} intent`, commentText: `/edit ${canary}`, variants: 1 })
  const { runId } = await into.acceptRun(run)
  const flow = await dispatched(into, runId)
  await into.admit({
    ...flow,
    admission: { ...admission, pullRequest: { title: `${canary} title`, description: `${canary} text` } },
  })
  const patch = {
    ...{ runId, variant: 1, diff: `+${canary}\n`, summary: `${canary} done`, resultHash: runId },
    changes: [{ path: `src/${canary}.ts`, kind: 'add' as const, content: `${canary} ünï\n` }],
    stats: { files: 1, additions: 1, deletions: 0 },
  }
  await into.savePatch(patch)
  await into.saveAnswer({ ...usageOf(runId), answer: { text: canary } })
  const task = { taskId: crypto.randomUUID(), kind: 'answer-comment' as const, uniqueKey: runId }
  await into.acceptTask({ ...task, payload: { commentText: `/help ${canary}`, authorId: 'a' } })
  return { runId, run, patch, taskId: task.taskId }
}

async function readBack(from: Store, { runId, run, patch, taskId }: Awaited<ReturnType<typeof written>>) {
  expect(await from.run(runId)).toMatchObject({
    ...{ intent: run.intent, commentText: run.commentText },
    admission: { pullRequest: { title: `${canary} title`, description: `${canary} text` } },
  })
  expect((await from.runs({})).find(one => one.runId === runId)?.intent).toBe(run.intent)
  expect(await from.patch({ runId, variant: 1 })).toEqual(patch)
  expect(await from.answer({ runId, variant: 1, call: 1 })).toEqual({ text: canary })
  expect((await from.task(taskId))?.payload).toEqual({ commentText: `/help ${canary}`, authorId: 'a' })
}

describe('at rest', () => {
  test('a dump of the database has no readable line of what people asked, models wrote, or code', async () => {
    const those = await written(store)
    expect((await dump()).includes(canary)).toBe(false)
    await readBack(store, those)
  })

  test('what was stored before there was a key stays readable', async () => {
    const those = await written(database.store)
    await readBack(store, those)
  })

  test('the same patch again is known as the same, and text no file has is refused as ever', async () => {
    const { patch } = await written(store)
    expect(await store.savePatch(patch)).toEqual({ saved: true })
    await expect(store.savePatch({ ...patch, diff: 'a\0b' })).rejects.toThrow(/characters that no text file has/)
  })

  test('another key reads what the former one sealed, and after the rotation needs it no more', async () => {
    const those = await written(store)
    const both = openStore({ url: database.url, dataKeys: [second, first] })
    await readBack(both, those)
    expect((await rotateKeys({ url: database.url, keys: [second, first] })).sealedAnew).toBeGreaterThanOrEqual(9)
    expect(await rotateKeys({ url: database.url, keys: [second, first] })).toEqual({ sealedAnew: 0 })
    const later = openStore({ url: database.url, dataKeys: [second] })
    await readBack(later, those)
    await expect(store.run(those.runId)).rejects.toThrow(/data key [0-9a-f]{8} is not configured/)
    await Promise.all([both.close(), later.close()])
  })
})

test('any text opens as it was sealed, only as the same kind, and not when a bit is changed', () => {
  const seal = openSeal([first])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), text => {
      const sealed = seal?.seal('intent', text) ?? ''
      expect(seal?.open('intent', sealed)).toBe(text)
      expect(() => seal?.open('comment', sealed)).toThrow()
      const at = sealed.length - 6
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      expect(() => seal?.open('intent', changed)).toThrow()
    }),
  )
  expect(openSeal([])).toBeUndefined()
  expect(() => openSeal(['short'])).toThrow(/32 bytes/)
})
