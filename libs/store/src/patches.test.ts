import { Rejected } from '@code-agent/jobs/errors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Patch } from './patches.ts'
import type { Store } from './store.ts'
import { runIn, type TestStore, testStore } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

function patchOf(runId: string, change: Partial<Patch> = {}): Patch {
  return {
    runId,
    variant: 1,
    diff: '--- a/x\n+++ b/x\n',
    changes: [
      { path: 'x', kind: 'edit', content: 'red\r\n\u{1F534} \\u0000' },
      { path: 'y', kind: 'delete' },
    ],
    stats: { files: 2, additions: 1, deletions: 1 },
    summary: 'makes it red',
    resultHash: 'h1',
    ...change,
  }
}

test('a patch is stored exactly, once per variant, and found to be the same as another', async () => {
  const { runId } = await runIn(store, 'running')
  expect(await store.savePatch(patchOf(runId))).toEqual({ saved: true })
  expect(await store.patch({ runId, variant: 1 })).toEqual(patchOf(runId))
  expect(await store.savePatch(patchOf(runId))).toEqual({ saved: true })
  expect(await store.savePatch(patchOf(runId, { variant: 2 }))).toEqual({ sameAs: 1 })
  expect(await store.patch({ runId, variant: 2 })).toBeUndefined()
  expect(await store.savePatch(patchOf(runId, { variant: 1, resultHash: 'h2' }))).toEqual({ saved: true })
  expect((await store.patch({ runId, variant: 1 }))?.resultHash).toBe('h1')
})

test('of eight variants with one result at once, one keeps it and the others name it', async () => {
  const { runId } = await runIn(store, 'running')
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, n) => store.savePatch(patchOf(runId, { variant: n + 1 }))),
  )
  const kept = all.findIndex(result => 'saved' in result) + 1
  expect(all.filter(result => 'saved' in result)).toHaveLength(1)
  for (const result of all) if ('sameAs' in result) expect(result.sameAs).toBe(kept)
})

test('what Postgres could not give back exactly is rejected, not altered', async () => {
  const { runId } = await runIn(store, 'running')
  for (const content of ['a\0b', '\ud800']) {
    const changes = [{ path: 'x', kind: 'edit' as const, content }]
    await expect(store.savePatch(patchOf(runId, { changes }))).rejects.toBeInstanceOf(Rejected)
  }
  await expect(store.savePatch(patchOf(runId, { diff: 'a\0' }))).rejects.toBeInstanceOf(Rejected)
})
