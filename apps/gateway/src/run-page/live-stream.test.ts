import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { drafted, type RunPageWorld, runningRun, runPageWorld, tried } from './test-run-page.ts'
import { type Tell, watchRuns } from './watch-runs.ts'

let world: RunPageWorld
const patient = { timeout: 25_000 }

beforeAll(async () => {
  world = await runPageWorld()
})
afterAll(() => world?.stop())

/** The events of a run as they come. */
async function follow(runId: string, version = ''): Promise<{ events: string[]; ended: Promise<void> }> {
  const leave = new AbortController()
  onTestFinished(() => leave.abort())
  const response = await world.asOperator(`/runs/${runId}/events?version=${encodeURIComponent(version)}`, {
    signal: leave.signal,
  })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const events: string[] = []
  const ended = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? [])
      events.push(...[...decoder.decode(chunk).matchAll(/^event: (\w+)$/gm)].map(([, name = '']) => name))
  })()
  ended.catch(() => {})
  return { events, ended }
}

test('whoever looks is told of each change, and the stream ends with the run', async () => {
  const run = await runningRun(world)
  const page = await (await world.asOperator(`/runs/${run.runId}`)).text()
  const version = /data-version="([^"]+)"/.exec(page)?.[1] ?? ''
  const { events, ended } = await follow(run.runId, version)
  await tried(world, run, { step: 'reserve-branch', variant: 1 })
  await expect.poll(() => events, patient).toEqual(['changed'])
  await drafted(world, run, 1)
  await expect.poll(() => events, patient).toEqual(['changed', 'changed'])
  await world.store.conclude(run)
  await world.store.ended(run)
  await ended
  expect(events.at(-1)).toBe('over')
})

test('a run that ended before one looks is over at once', async () => {
  const run = await runningRun(world)
  await world.store.conclude(run)
  await world.store.ended(run)
  const { events, ended } = await follow(run.runId)
  await ended
  expect(events).toEqual(['over'])
})

test('a change between the page and its stream is not missed', async () => {
  const run = await runningRun(world)
  const { events } = await follow(run.runId, 'what the page showed before')
  await expect.poll(() => events, patient).toEqual(['changed'])
})

/** A database that is only asked when somebody looks. */
function counted(versions: () => { runId: string; version: string; ended: boolean }[]) {
  const asked: string[][] = []
  const store = {
    async versionsOf(runIds: string[]) {
      asked.push(runIds)
      return versions()
    },
  }
  return { asked, store }
}

test('many readers of one run cost one question, trouble is survived, and whoever left is not asked for', async () => {
  let trouble = true
  const { asked, store } = counted(() => {
    if (trouble) throw new Error('the database is away')
    return [{ runId: 'r', version: '2', ended: false }]
  })
  const warnings: unknown[] = []
  const watch = watchRuns({ store, log: { warn: (fields: unknown) => warnings.push(fields) }, everyMs: 5 })
  const told: string[] = []
  const tell: Tell = what => told.push(what)
  const ends = Array.from({ length: 30 }, () => watch.watch({ runId: 'r', version: '1', tell }))
  expect(ends).not.toContain(undefined)
  // The thirty-first looks now and then.
  expect(watch.watch({ runId: 'r', version: '1', tell })).toBeUndefined()
  await expect.poll(() => warnings.length, patient).toBeGreaterThan(0)
  trouble = false
  await expect.poll(() => told, patient).toEqual(Array.from({ length: 30 }, () => 'changed'))
  expect(new Set(asked.map(ids => ids.join()))).toEqual(new Set(['r']))
  for (const end of ends) end?.()
  const before = asked.length
  watch.watch({ runId: 's', version: '', tell })
  await expect.poll(() => asked.at(-1), patient).toEqual(['s'])
  // One question may have been under way.
  expect(asked.slice(before + 1).flat()).not.toContain('r')
  watch.stop()
})

test('closing the gateway ends every stream', async () => {
  const other = await runPageWorld()
  const run = await runningRun(other)
  const response = await other.asOperator(`/runs/${run.runId}/events`)
  await other.stop()
  await expect(response.text()).resolves.toContain('retry')
})
