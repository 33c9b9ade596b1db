import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { Rejected, Throttled } from '@code-agent/jobs/errors'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkModel } from './check-model.ts'
import type { EditContext } from './edit-context.ts'
import type { Model, ModelRequest, Turn } from './model.ts'
import type { ModelConfig } from './model-config.ts'
import { openModel } from './open-model.ts'
import { parsePlan } from './plan.ts'
import { readTools } from './read-tools.ts'
import { fileBlock, sharedContext } from './shared-context.ts'
import { systemPrompt } from './system-prompt.ts'
import { plannerTurn, variantTurn } from './turns.ts'

/** One suite for the port, held by every adapter before every kind of server. */
const servers: {
  name: string
  config: Omit<ModelConfig, 'baseUrl' | 'apiKey'>
  path: string
  keyed: boolean
  caches: boolean
}[] = [
  {
    name: 'Anthropic',
    config: { provider: 'anthropic', model: 'claude-sonnet-5-5' },
    path: '',
    keyed: true,
    caches: true,
  },
  {
    name: 'vLLM (Messages)',
    config: { provider: 'anthropic', model: 'qwen3-coder-30b' },
    path: '/vllm',
    keyed: false,
    caches: false,
  },
  { name: 'OpenAI', config: { provider: 'openai-chat', model: 'gpt-5' }, path: '/v1', keyed: true, caches: true },
  {
    name: 'vLLM (chat)',
    config: { provider: 'openai-chat', model: 'qwen3-coder-30b' },
    path: '/vllm/v1',
    keyed: false,
    caches: false,
  },
  { name: 'TGI', config: { provider: 'openai-chat', model: 'tgi' }, path: '/tgi/v1', keyed: false, caches: false },
]

const strategy = { name: 'Smallest edit', brief: 'Change little.' }
const context: EditContext = {
  intent: 'replace old with new in src/a.ts',
  pullRequest: { title: 'A title', description: 'Words', sourceBranch: 'feature', targetBranch: 'main' },
  comment: { path: 'src/a.ts', startLine: 1 },
  diff: '',
  changedFiles: ['src/a.ts'],
  tree: ['src/a.ts', 'src/b.ts'],
  files: [{ path: 'src/a.ts', content: 'const a = "old"\n', reason: 'commented' }],
  notes: [],
}

function request(change: Partial<ModelRequest> & { intent?: string; context?: EditContext } = {}): ModelRequest {
  const { intent = context.intent, context: given = context, ...rest } = change
  return {
    system: systemPrompt({ editFormat: 'diff' }),
    shared: sharedContext(given),
    turns: [{ role: 'user', text: variantTurn({ variant: 1, of: 3, strategy, intent }) }],
    maxOutputTokens: 4000,
    signal: AbortSignal.timeout(20_000),
    label: { runId: 'run-1', variant: 1, call: 1 },
    ...rest,
  }
}

/** Where nobody listens any more. */
async function closedUrl(): Promise<string> {
  const gone = await startModelEmulator()
  await gone.close()
  return gone.url
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('should have failed'),
    error => error,
  )
}

describe.each(servers)('$name', ({ config, path, keyed, caches }) => {
  async function start(options: Parameters<typeof startModelEmulator>[0] = {}, change: Partial<ModelConfig> = {}) {
    const emulator = await startModelEmulator(options)
    onTestFinished(() => emulator.close())
    const model: Model = openModel({ ...config, baseUrl: `${emulator.url}${path}`, apiKey: 'key', ...change })
    return { emulator, model }
  }

  test('an answer brings its text, usage, model and progress', async () => {
    const { model, emulator } = await start()
    const progress: number[] = []
    const answer = await model.generate(request({ onProgress: characters => progress.push(characters) }))
    expect(answer).toMatchObject({ stop: 'end', toolCalls: [] })
    expect(answer.text).toContain('+const a = "new"')
    expect(answer.usage.inputTokens + answer.usage.cacheWriteTokens).toBeGreaterThan(500)
    expect(answer.usage.outputTokens).toBeGreaterThan(20)
    expect(progress.at(-1)).toBeGreaterThanOrEqual(answer.text.length)
    expect(emulator.calls()[0]).toMatchObject({ runId: 'run-1', variant: 1, attempt: 1, intent: context.intent })
  })

  test('the planner plans', async () => {
    const { model } = await start()
    const turns: Turn[] = [{ role: 'user', text: plannerTurn({ count: 3, intent: context.intent }) }]
    const answer = await model.generate(request({ turns, label: { runId: 'run-1', variant: 0, call: 1 } }))
    expect(parsePlan(answer.text, 3).fromModel).toBe(3)
  })

  test('a tool is called, answered and the conversation goes on, after a round through storage', async () => {
    const { model } = await start()
    const intent = 'replace x with y in src/b.ts'
    const tools = [...readTools]
    const first = request({ intent, tools })
    const asked = await model.generate(first)
    expect(asked.stop).toBe('tools')
    expect(asked.toolCalls).toMatchObject([{ name: 'read_file', input: { path: 'src/b.ts' } }])
    const [call] = asked.toolCalls
    const text = fileBlock({ path: 'src/b.ts', content: 'let x\n', reason: 'asked' })
    const stored = JSON.parse(JSON.stringify(asked.assistantTurn))
    const turns: Turn[] = [
      ...first.turns,
      { role: 'assistant', turn: stored },
      { role: 'tools', results: [{ id: call?.id ?? '', text }] },
    ]
    const answer = await model.generate({ ...first, turns, label: { runId: 'run-1', variant: 1, call: 2 } })
    expect(answer.stop).toBe('end')
    expect(answer.text).toContain('+let y')
    const again: Turn[] = [
      ...turns,
      { role: 'assistant', turn: answer.assistantTurn },
      { role: 'user', text: 'Again, please.\n' },
    ]
    expect((await model.generate({ ...first, turns: again })).text).toBe(answer.text)
  })

  test.runIf(caches)('the shared prefix is read from the cache by the second call', async () => {
    const { model } = await start()
    const large = {
      ...context,
      files: [...context.files, { path: 'src/c.ts', content: 'const c = 1\n'.repeat(1000), reason: 'changed' }],
    }
    const first = await model.generate(request({ context: large }))
    const turns: Turn[] = [
      {
        role: 'user',
        text: variantTurn({ variant: 2, of: 3, strategy: { name: 'Other', brief: 'Else.' }, intent: context.intent }),
      },
    ]
    const second = await model.generate(request({ context: large, turns }))
    expect(first.usage.cacheReadTokens).toBe(0)
    expect(second.usage.cacheReadTokens).toBeGreaterThan(3000)
    expect(second.usage.inputTokens).toBeLessThan(300)
  })

  test('a refusal and a truncated answer are told apart from an answer', async () => {
    const { model, emulator } = await start()
    emulator.addFault({ stop: 'refusal' })
    expect(await model.generate(request())).toMatchObject({ stop: 'refused' })
    emulator.addFault({ stop: 'max_tokens' })
    expect(await model.generate(request())).toMatchObject({ stop: 'truncated' })
    expect(await model.generate(request({ maxOutputTokens: 5 }))).toMatchObject({ stop: 'truncated' })
  })

  test('429 and overload throttle the model, until the time the server names if it does', async () => {
    const { model, emulator } = await start()
    emulator.addFault({ status: 429, headers: { 'retry-after': '30' } })
    const named = await failure(model.generate(request()))
    expect(named).toBeInstanceOf(Throttled)
    if (!(named instanceof Throttled)) return
    expect(named.gate).toBe(model.gate)
    expect(Math.abs(named.until.getTime() - Date.now() - 30_000)).toBeLessThan(3_000)
    for (const status of [429, 529]) {
      emulator.addFault({ status })
      const unnamed = await failure(model.generate(request()))
      expect(unnamed).toBeInstanceOf(Throttled)
      expect(unnamed instanceof Throttled && unnamed.until.getTime()).toBeGreaterThan(Date.now() + 5_000)
    }
  })

  test.each([
    ['a server error', { status: 500 }],
    ['a server that is down for maintenance', { status: 503 }],
    ['an error within the stream', { errorEventAfter: 3 }],
    ['a cut before the first byte', { cutAfter: 0 }],
    ['a cut in the middle', { cutAfter: 900 }],
  ])('%s may be tried again, once each time', async (what, fault) => {
    const { model, emulator } = await start()
    emulator.addFault(fault)
    const error = await failure(model.generate(request()))
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(Rejected)
    // Anthropic names the overload that broke the stream, so it may rest.
    if (what !== 'an error within the stream') expect(error).not.toBeInstanceOf(Throttled)
    expect(error instanceof Error && error.cause).toBeDefined()
    expect(emulator.calls()).toHaveLength(1)
    expect((await model.generate(request())).stop).toBe('end')
  })

  test('every cut of the stream is an error, never a shorter answer', async () => {
    const { model, emulator } = await start({ script: { replies: [{ text: 'a short text', repeat: true }] } })
    for (let bytes = 0; bytes < 1400; bytes += 97) {
      emulator.addFault({ cutAfter: bytes, text: 'a short text' })
      const result = await model.generate(request()).catch(error => error)
      if (emulator.calls().at(-1)?.outcome === 'cut' && !(result instanceof Error))
        expect(result).toMatchObject({ text: 'a short text', stop: 'end' })
    }
    emulator.addFault({ cutAfter: 300 })
    expect(await failure(model.generate(request()))).toBeInstanceOf(Error)
  })

  test('a stalled and an endless stream end with the deadline, and the server notices', async () => {
    const { model, emulator } = await start()
    for (const fault of [{ stallAfter: 700 }, { endless: true }, { delayMs: 60_000 }]) {
      emulator.addFault(fault)
      const error = await failure(model.generate(request({ signal: AbortSignal.timeout(150) })))
      expect(error).toMatchObject({ message: 'The model did not finish in time.' })
      expect(error).not.toBeInstanceOf(Rejected)
      await expect.poll(() => emulator.calls().at(-1)?.outcome).toBeDefined()
    }
    expect(await failure(model.generate(request({ signal: AbortSignal.abort() })))).toMatchObject({
      message: 'The model was stopped.',
    })
  })

  test('a spent budget is final', async () => {
    const { model, emulator } = await start()
    emulator.addFault({ status: 402 })
    expect(await failure(model.generate(request()))).toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining('budget'),
    })
  })

  test('what cannot help to repeat is rejected with the setting to correct', async () => {
    const { model, emulator } = await start()
    for (const [status, word] of [
      [400, 'MODEL'],
      [401, 'MODEL_API_KEY'],
      [403, 'MODEL_API_KEY'],
      [404, 'MODEL'],
      [413, 'ask for less'],
    ] as const) {
      emulator.addFault({ status })
      const error = await failure(model.generate(request()))
      expect(error).toBeInstanceOf(Rejected)
      expect(error instanceof Error && error.message).toContain(word)
    }
  })

  test('a good model passes the check; a bad one is explained in a sentence', async () => {
    const { model, emulator } = await start({ apiKeys: ['key'] })
    expect(await checkModel(model)).toEqual({ ok: true })
    const url = `${emulator.url}${path}`
    const sentence = async (change: Partial<ModelConfig>) => {
      const check = await checkModel(openModel({ ...config, baseUrl: url, apiKey: 'key', ...change }), {
        timeoutMs: 5_000,
      })
      return check.ok ? 'fine' : check.sentence
    }
    if (config.model !== 'tgi')
      expect(await sentence({ model: 'nobody-5' })).toMatch(/does not know the model "nobody-5": correct MODEL\.$/)
    expect(await sentence({ apiKey: 'wrong' })).toMatch(/refused the API key: correct MODEL_API_KEY\.$/)
    expect(await sentence({ baseUrl: await closedUrl() })).toMatch(/can't be reached \(ECONNREFUSED\)/)
    expect(await sentence({ baseUrl: `${emulator.url}/nowhere` })).toMatch(
      /^There is no model server at .*: correct MODEL_BASE_URL( \(it usually ends with \/v1\))?\.$/,
    )
    if (keyed) expect(await sentence({ apiKey: '' })).toContain('MODEL_API_KEY')
  })
})

test('Anthropic’s spend limits are final although they come as 429', async () => {
  const emulator = await startModelEmulator()
  onTestFinished(() => emulator.close())
  const model = openModel({ provider: 'anthropic', model: 'claude-opus-5-5', baseUrl: emulator.url, apiKey: 'key' })
  emulator.addFault({ status: 429, errorCode: 'enforced_spend_limit_reached', headers: { 'retry-after': '5' } })
  expect(await failure(model.generate(request()))).toBeInstanceOf(Rejected)
  const openai = openModel({ provider: 'openai-chat', model: 'gpt-5', baseUrl: `${emulator.url}/v1`, apiKey: 'key' })
  emulator.addFault({ status: 429, errorCode: 'insufficient_quota' })
  expect(await failure(openai.generate(request()))).toBeInstanceOf(Rejected)
})

test('effort, cost and cache breakpoints go the way the capabilities say', async () => {
  const emulator = await startModelEmulator()
  onTestFinished(() => emulator.close())
  const config: ModelConfig = {
    provider: 'anthropic',
    model: 'claude-haiku-5-5',
    baseUrl: emulator.url,
    apiKey: 'key',
    effort: 'low',
  }
  const answer = await openModel(config).generate(request({ tools: [...readTools] }))
  const { usage } = answer
  expect(answer.costUsd).toBeCloseTo(
    (usage.inputTokens * 0.1 + usage.cacheWriteTokens * 0.125 + usage.outputTokens * 0.5) / 1e6,
    12,
  )
  const body = JSON.stringify(emulator.calls()[0]?.body)
  expect(body).toContain('"output_config":{"effort":"low"}')
  expect(body.match(/cache_control/g)).toHaveLength(2)
  const plain = await openModel({
    ...config,
    provider: 'openai-chat',
    model: 'tgi',
    baseUrl: `${emulator.url}/tgi/v1`,
  }).generate(request())
  expect(plain.costUsd).toBeUndefined()
  expect(JSON.stringify(emulator.calls()[1]?.body)).toContain('"max_tokens":4000')
})
