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

test('settings and identities are remembered', async () => {
  expect(await store.setting('watermark')).toBeUndefined()
  await store.saveSetting('watermark', { at: 1 })
  await store.saveSetting('watermark', { at: 2 })
  expect(await store.setting('watermark')).toEqual({ at: 2 })
  expect(await store.isOwnIdentity({ organisation: 'contoso', identityId: 'bot' })).toBe(false)
  await store.saveIdentity({ organisation: 'contoso', id: 'bot', displayName: 'Bot' })
  expect(await store.isOwnIdentity({ organisation: 'contoso', identityId: 'bot' })).toBe(true)
  expect(await store.identity('contoso')).toEqual({ organisation: 'contoso', id: 'bot', displayName: 'Bot' })
  expect(await store.identity('fabrikam')).toBeUndefined()
})
