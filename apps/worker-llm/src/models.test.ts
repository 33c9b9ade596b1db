import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { watchModels } from './model-watch.ts'
import { openModels } from './models.ts'
import { type TestWorld, testWorld, type WorkerOptions } from './test-world.ts'

/** The same work with models as others serve them, and with models that cannot be used. */

// git over HTTP, Postgres and models for every case: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 })

let world: TestWorld
beforeAll(async () => {
  world = await testWorld({ files: { 'a.txt': 'one\nOld\nthree\n' }, apiKeys: ['key'] })
})
afterAll(() => world.stop())
beforeEach(() => world.model.setScript({ replies: [] }))

const callsOf = (runId: string) => world.model.calls().filter(call => call.runId === runId)
const servers: [string, (url: string) => WorkerOptions][] = [
  ['Anthropic', () => ({})],
  ['vLLM by Messages', url => ({ baseUrl: `${url}/vllm`, model: 'qwen3-coder-30b' })],
  ['vLLM by chat', url => ({ provider: 'openai-chat', baseUrl: `${url}/vllm/v1`, model: 'qwen3-coder-30b' })],
  ['Ollama by Messages', url => ({ baseUrl: `${url}/ollama`, model: 'qwen3-coder-30b' })],
  ['llama.cpp by Messages', url => ({ baseUrl: `${url}/llamacpp`, model: 'any.gguf' })],
  ['TGI', url => ({ provider: 'openai-chat', baseUrl: `${url}/tgi/v1`, model: 'qwen3-coder-30b' })],
  ['OpenAI', url => ({ provider: 'openai-chat', baseUrl: `${url}/v1`, model: 'gpt-5' })],
]

test.each(servers)('%s: three variants are planned, written and differ', async (_name, options) => {
  const runId = await world.admitted({ variants: 3 })
  const run = await world.write(runId, options(world.model.url))
  expect(run.variants.map(({ reason }) => reason)).toEqual([null, null, null])
  const patches = await Promise.all([1, 2, 3].map(variant => world.database.store.patch({ runId, variant })))
  expect(new Set(patches.map(patch => patch?.resultHash)).size).toBe(3)
  for (const patch of patches) expect(patch?.diff).toContain('New')
  expect(await world.database.store.usageOf(runId)).toHaveLength(4)
})

test.each(servers)(
  '%s: a damaged edit goes back and lands repaired, a truncated one is told apart',
  async (_n, options) => {
    const block = (old: string) => `Does it.\n\na.txt\n<<<<<<< SEARCH\n${old}\n=======\nNew\n>>>>>>> REPLACE\n`
    const runId = await world.admitted()
    world.model.setScript({
      replies: [{ text: block('Odl') }, { text: block('Old'), stop: 'max_tokens' }, { text: block('Old') }],
    })
    await world.write(runId, options(world.model.url))
    expect((await world.database.store.patch({ runId, variant: 1 }))?.changes[0]?.content).toBe('one\nNew\nthree\n')
    expect(callsOf(runId).map(({ stop }) => stop)).toEqual(['end_turn', 'max_tokens', 'end_turn'])
  },
)

test.each([
  ['a bad key', { apiKey: 'wrong' }, /refused the API key: correct MODEL_API_KEY\.$/],
  [
    'a model nobody knows',
    { model: 'claude-nonsense-9' },
    /does not know the model "claude-nonsense-9": correct MODEL\.$/,
  ],
  [
    'an address without a model',
    { baseUrl: 'http://127.0.0.1:9/' },
    /can't be reached \([\w ]+\): check MODEL_BASE_URL/,
  ],
])('%s: one clear sentence at the start, and in the comment', async (what, options, sentence) => {
  const said: unknown[] = []
  const log = { info: () => {}, error: (fields: unknown) => said.push(fields) }
  const config = { provider: 'anthropic' as const, model: 'claude-sonnet-5-5', baseUrl: world.model.url, apiKey: 'key' }
  const models = openModels(new Map([['the default', { ...config, ...options }]]))
  const watch = watchModels(models, log)
  await expect(watch.check()).rejects.toThrow(sentence)
  await expect(watch.check()).rejects.toThrow(sentence)
  expect(said).toHaveLength(1)
  const runId = await world.admitted({ variants: 3 })
  const run = await world.write(runId, options)
  expect(run).toMatchObject({ state: 'ending', outcome: 'failed' })
  expect(run.reason?.replace(' It was tried several times.', ''), what).toMatch(sentence)
  expect(await world.database.store.usageOf(runId)).toEqual([])
})

test('a good model is found good, once, however often readiness is asked', async () => {
  const said: unknown[] = []
  const log = { info: (fields: unknown) => said.push(fields), error: () => {} }
  const config = { provider: 'anthropic' as const, baseUrl: world.model.url, apiKey: 'key' }
  const names = ['claude-sonnet-5-5', 'claude-haiku-5-5']
  const watch = watchModels(openModels(new Map(names.map(model => [model, { ...config, model }]))), log)
  await watch.check()
  await watch.check()
  expect(said).toEqual([{ model: 'claude-sonnet-5-5' }, { model: 'claude-haiku-5-5' }])
})

test('a spent budget ends every variant at its first call, in words', async () => {
  const runId = await world.admitted({ variants: 3 })
  await world.plan(runId)
  world.model.setScript({
    replies: [{ status: 400, text: 'over', errorCode: 'enforced_spend_limit_reached', repeat: true }],
  })
  const run = await world.write(runId)
  for (const { reason, reasonClass } of run.variants) {
    expect(reason).toMatch(/^The budget of the model's account at .* is spent/)
    expect(reasonClass).toBe('rejected')
  }
  expect(callsOf(runId).filter(({ variant }) => variant !== 0)).toHaveLength(3)
})

test('after a server error the next attempt does not wait for a lease to end', async () => {
  const runId = await world.admitted()
  world.model.setScript({ replies: [{ status: 500 }] })
  const begun = performance.now()
  const first = await world.write(runId)
  expect(first.variants[0]?.reason).toMatch(/failed with status 500.* It was tried several times\.$/)
  const claims = await world.database.query<{ state: string }>(
    `SELECT state FROM effects WHERE owner_id = $1 AND kind = 'model-call'`,
    [runId],
  )
  expect(claims).toEqual([{ state: 'free' }])
  expect(performance.now() - begun).toBeLessThan(10_000)
})
