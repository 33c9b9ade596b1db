import { afterAll, beforeAll, expect, test } from 'vitest'
import { newRun, type TestStore, testStore } from './test-store.ts'

let database: TestStore
beforeAll(async () => {
  database = await testStore()
})
afterAll(() => database.stop())

const requester = (id: string) => ({ id, displayName: id, uniqueName: id })

async function accepted(user: string, over: Parameters<typeof newRun>[0] = {}): Promise<string> {
  return (await database.store.acceptRun(newRun({ requester: requester(user), ...over }))).runId
}

test('the run after the last one allowed is refused, saying when the limit renews', async () => {
  const limits = [{ scope: 'user', of: 'runs', most: 2 } as const]
  const runs = [await accepted('ann'), await accepted('ann'), await accepted('ann'), await accepted('ben')]
  const reached = await Promise.all(runs.map(runId => database.store.runLimitReached({ runId, limits })))
  expect(reached.map(one => one !== undefined)).toEqual([false, false, true, false])
  const renewsAt = reached[2]?.renewsAt?.toISOString() ?? ''
  expect(renewsAt).toMatch(/T00:00:00\.000Z$/)
  expect(Date.parse(renewsAt)).toBeGreaterThan(Date.now())
})

test('what was refused, or failed by our own fault, takes nobody’s place', async () => {
  const limits = [{ scope: 'user', of: 'runs', most: 1 } as const]
  const [first, second] = [await accepted('cid'), await accepted('cid')]
  expect(await database.store.runLimitReached({ runId: second, limits })).toBeDefined()
  await database.query(`UPDATE runs SET outcome = 'failed', ending_cause = 'failed', state = 'ending' WHERE id = $1`, [
    first,
  ])
  expect(await database.store.runLimitReached({ runId: second, limits })).toBeUndefined()
})

test('row 5: the breaker counts a user on one pull request within an hour', async () => {
  const limits = [{ scope: 'pull-request', of: 'runs-per-hour', most: 3 } as const]
  const runs = []
  for (let n = 0; n < 5; n++) runs.push(await accepted('dan'))
  const reached = await Promise.all(runs.map(runId => database.store.runLimitReached({ runId, limits })))
  expect(reached.map(one => one !== undefined)).toEqual([false, false, false, true, true])
  const elsewhere = await accepted('dan', { repositoryId: 'another' })
  expect(await database.store.runLimitReached({ runId: elsewhere, limits })).toBeUndefined()
})

test('variants in work at once are counted together, and free their place when their run ends', async () => {
  const limits = [{ scope: 'user', of: 'variants', most: 5 } as const]
  const [first, second] = [await accepted('eve', { variants: 3 }), await accepted('eve', { variants: 3 })]
  expect(await database.store.runLimitReached({ runId: first, limits })).toBeUndefined()
  expect(await database.store.runLimitReached({ runId: second, limits })).toEqual({ limit: limits[0] })
  await database.query(`UPDATE runs SET state = 'ended', outcome = 'done', ended_at = now() WHERE id = $1`, [first])
  expect(await database.store.runLimitReached({ runId: second, limits })).toBeUndefined()
})

test('row 18: calls at once never reserve more than the limit; what they did not use is free again', async () => {
  const limits = [{ scope: 'user', of: 'usd', most: 1 } as const, { scope: 'user', of: 'tokens', most: 1e9 } as const]
  const runId = await accepted('fay')
  const ask = (call: number) => database.store.reserve({ runId, variant: 1, call, tokens: 100, usd: 0.3, limits })
  const reached = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(ask))
  expect(reached.filter(one => one === undefined)).toHaveLength(3)
  const granted = reached.indexOf(undefined) + 1
  expect(await ask(granted)).toBeUndefined()
  await database.store.settleReservation({ runId, variant: 1, call: granted, tokens: 10, usd: 0.01 })
  expect(await ask(20)).toBeUndefined()
  expect(await ask(21)).toMatchObject({ limit: limits[0] })
  await database.store.releaseReservation({ runId, variant: 1, call: granted })
  await database.store.releaseReservation({ runId, variant: 1, call: 20 })
  expect(await ask(22)).toBeUndefined()
})
