import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from './store.ts'
import { type TestStore, testStore } from './test-store.ts'

let database: TestStore
let store: Store
beforeAll(async () => {
  database = await testStore()
  store = database.store
})
afterAll(() => database.stop())

const wish = (slug: string, change: { runId?: string; userSegment?: string } = {}) => ({
  organisation: 'contoso',
  repositoryId: 'r',
  userSegment: 'alice',
  slug,
  runId: randomUUID(),
  ...change,
})

test('the first gets the name, the others numbers, however many ask at once', async () => {
  const slugs = await Promise.all(Array.from({ length: 20 }, () => store.allocateSlug(wish('red'))))
  expect(new Set(slugs)).toEqual(new Set(['red', ...Array.from({ length: 19 }, (_, n) => `red-${n + 2}`)]))
  expect(await store.allocateSlug(wish('red', { userSegment: 'bob' }))).toBe('red')
})

test('a run keeps its name until it is rejected, and never gets that one again', async () => {
  const run = wish('blue')
  expect(await store.allocateSlug(run)).toBe('blue')
  expect(await store.allocateSlug(run)).toBe('blue')
  await store.rejectSlug({ runId: run.runId, slug: 'blue' })
  expect(await store.allocateSlug(run)).toBe('blue-2')
  await store.rejectSlug({ runId: run.runId, slug: 'blue' })
  expect(await store.allocateSlug(run)).toBe('blue-2')
  expect(await store.allocateSlug(wish('blue'))).toBe('blue-3')
})

test('one run asking many times at once has one name', async () => {
  const run = wish('green')
  const slugs = await Promise.all(Array.from({ length: 8 }, () => store.allocateSlug(run)))
  expect(new Set(slugs).size).toBe(1)
})
