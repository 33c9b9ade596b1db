import Anthropic from '@anthropic-ai/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { type ModelEmulatorOptions, startModelEmulator } from './emulator.ts'
import { fileBlock, taskText } from './test-prompt.ts'

const model = 'claude-sonnet-5-5'

async function start(options: ModelEmulatorOptions = {}) {
  const emulator = await startModelEmulator(options)
  onTestFinished(() => emulator.close())
  const client = new Anthropic({ apiKey: 'key', baseURL: emulator.url, maxRetries: 0 })
  return { emulator, client }
}

function ask(intent = 'replace a with b in x.txt', variant = 1): Anthropic.MessageCreateParamsNonStreaming {
  const content = `${fileBlock('x.txt', 'a\n')}\n${taskText(intent, variant, 3)}`
  return { model, max_tokens: 4000, messages: [{ role: 'user', content }] }
}

/** A prompt whose shared part is long enough to be cached. */
function cached(tail: string): Anthropic.MessageCreateParamsNonStreaming {
  const shared: Anthropic.TextBlockParam = {
    type: 'text',
    text: 'lorem ipsum '.repeat(1000),
    cache_control: { type: 'ephemeral' },
  }
  return { model, max_tokens: 100, messages: [{ role: 'user', content: [shared, { type: 'text', text: tail }] }] }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('should have failed'),
    error => error,
  )
}

test('a stream brings its events in the order of the real service', async () => {
  const { client } = await start()
  const stream = await client.messages.create({ ...ask(), stream: true })
  const types: string[] = []
  for await (const event of stream) types.push(event.type === 'content_block_delta' ? event.delta.type : event.type)
  const runs = types.filter((type, index) => type !== types[index - 1])
  expect(runs).toEqual([
    'message_start',
    'content_block_start',
    'thinking_delta',
    'signature_delta',
    'content_block_stop',
    'content_block_start',
    'text_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
})

test('streamed and not, the same answer with thinking, text and usage arrives', async () => {
  const { client } = await start()
  const streamed = await client.messages.stream(ask()).finalMessage()
  const plain = await client.messages.create(ask())
  expect(streamed.content).toMatchObject([{ type: 'thinking' }, { type: 'text' }])
  expect(plain.content[1]).toEqual(streamed.content[1])
  expect(streamed.stop_reason).toBe('end_turn')
  expect(streamed.usage.output_tokens).toBeGreaterThan(10)
  expect(streamed.usage.output_tokens).toBe(plain.usage.output_tokens)
})

test('a tool call arrives with its input and its result is accepted', async () => {
  const { client } = await start()
  const tools: Anthropic.Tool[] = [{ name: 'read_file', input_schema: { type: 'object' } }]
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: taskText('replace a with b in y.txt', 1, 1) }]
  const first = await client.messages.stream({ model, max_tokens: 2000, tools, messages }).finalMessage()
  expect(first.stop_reason).toBe('tool_use')
  const call = first.content.find(block => block.type === 'tool_use')
  expect(call?.input).toEqual({ path: 'y.txt' })
  const result: Anthropic.ToolResultBlockParam = {
    type: 'tool_result',
    tool_use_id: call?.id ?? '',
    content: fileBlock('y.txt', 'an a\n'),
  }
  const second = await client.messages.create({
    model,
    max_tokens: 2000,
    tools,
    messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
  })
  expect(JSON.stringify(second.content)).toContain('+bn b')
})

test('a cached prefix is readable only after the first answer has begun, and until it expires', async () => {
  let now = 0
  const { client, emulator } = await start({ clock: () => now, script: { replies: [{ text: 'x', delayMs: 100 }] } })
  const slow = client.messages.create(cached('one'))
  await expect.poll(() => emulator.calls().length).toBe(1)
  const early = await client.messages.create(cached('two'))
  expect(early.usage.cache_read_input_tokens).toBe(0)
  expect(early.usage.cache_creation_input_tokens).toBe(3000)
  await slow
  const late = await client.messages.create(cached('three'))
  expect(late.usage.cache_read_input_tokens).toBe(3000)
  expect(late.usage.cache_creation_input_tokens).toBe(0)
  expect(late.usage.input_tokens).toBe(2)
  now += 299_000
  expect((await client.messages.create(cached('four'))).usage.cache_read_input_tokens).toBe(3000)
  now += 299_000
  expect((await client.messages.create(cached('refreshed by reading'))).usage.cache_read_input_tokens).toBe(3000)
  now += 301_000
  expect((await client.messages.create(cached('five'))).usage.cache_read_input_tokens).toBe(0)
})

test('max_tokens 0 warms the cache and says nothing; it cannot stream', async () => {
  const { client } = await start()
  const warm = await client.messages.create({ ...cached('x'), max_tokens: 0 })
  expect(warm).toMatchObject({ content: [], stop_reason: 'max_tokens', usage: { output_tokens: 0 } })
  expect((await client.messages.create(cached('y'))).usage.cache_read_input_tokens).toBe(3000)
  expect(await failure(client.messages.create({ ...cached('x'), max_tokens: 0, stream: true }))).toBeInstanceOf(
    Anthropic.BadRequestError,
  )
})

test('another model or key shares no cache, and a short prefix is not cached', async () => {
  const { client, emulator } = await start()
  await client.messages.create(cached('x'))
  const other = new Anthropic({ apiKey: 'other', baseURL: emulator.url, maxRetries: 0 })
  expect((await other.messages.create(cached('x'))).usage.cache_read_input_tokens).toBe(0)
  expect(
    (await client.messages.create({ ...cached('x'), model: 'claude-opus-5-5' })).usage.cache_read_input_tokens,
  ).toBe(0)
  const short = {
    ...ask(),
    system: [{ type: 'text' as const, text: 'short', cache_control: { type: 'ephemeral' as const } }],
  }
  expect((await client.messages.create(short)).usage.cache_creation_input_tokens).toBe(0)
})

test('models are listed and retrieved with capabilities; tokens are counted', async () => {
  const { client } = await start()
  const ids = (await client.models.list()).data.map(info => info.id)
  expect(ids).toContain(model)
  const info = await client.models.retrieve(model)
  expect(info.capabilities?.effort.supported).toBe(true)
  expect(info.capabilities?.thinking.types.disabled.supported).toBe(false)
  const { input_tokens } = await client.messages.countTokens({ model, messages: ask().messages })
  expect(input_tokens).toBe((await client.messages.create(ask())).usage.input_tokens)
})

test.each([
  ['an unknown model', { model: 'claude-nobody' }, 404, 'not_found_error'],
  ['a temperature', { temperature: 0.5 }, 400, 'invalid_request_error'],
  [
    'forced tools',
    { tools: [{ name: 't', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } },
    400,
    'invalid_request_error',
  ],
  [
    'a prefill',
    {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    },
    400,
    'invalid_request_error',
  ],
  [
    'thinking that cannot be off',
    { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
    400,
    'invalid_request_error',
  ],
  ['a missing limit', { max_tokens: undefined }, 400, 'invalid_request_error'],
  ['no messages', { messages: [] }, 400, 'invalid_request_error'],
])('%s is refused in the real shape', async (_what, change, status, type) => {
  const { client } = await start()
  const body = { ...ask(), ...change }
  const error = await failure(client.post('/v1/messages', { body }))
  expect(error).toMatchObject({ status, type })
})

test('a wrong key, no key and no version are refused', async () => {
  const { emulator } = await start({ apiKeys: ['good'] })
  const wrong = new Anthropic({ apiKey: 'bad', baseURL: emulator.url, maxRetries: 0 })
  expect(await failure(wrong.messages.create(ask()))).toMatchObject({ status: 401, type: 'authentication_error' })
  const body = JSON.stringify(ask())
  const post = (headers: Record<string, string>) =>
    fetch(`${emulator.url}/v1/messages`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
  expect((await post({ 'anthropic-version': '2026-10-21' })).status).toBe(401)
  expect((await post({ 'x-api-key': 'good' })).status).toBe(400)
  expect((await post({ 'x-api-key': 'good', 'anthropic-version': '2023-06-01' })).status).toBe(200)
})

test('rate-limit headers count down and a full minute is a 429 with retry-after', async () => {
  const { client } = await start({ requestsPerMinute: 2, clock: () => 30_000 })
  const { response } = await client.messages.create(ask()).withResponse()
  expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('1')
  await client.messages.create(ask())
  const error = await failure(client.messages.create(ask()))
  expect(error).toBeInstanceOf(Anthropic.RateLimitError)
  expect(error instanceof Anthropic.RateLimitError && error.headers.get('retry-after')).toBe('30')
})

test.each([
  [
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 429, type: 'rate_limit_error' },
  ],
  [
    { status: 429, errorCode: 'enforced_spend_limit_reached' },
    { status: 429, errorCode: 'enforced_spend_limit_reached' },
  ],
  [{ status: 529 }, { status: 529, type: 'overloaded_error' }],
  [{ status: 500 }, { status: 500, type: 'api_error' }],
  [{ status: 503 }, { status: 503, type: 'api_error' }],
  [{ errorEventAfter: 5 }, { status: undefined, type: 'overloaded_error' }],
  [{ cutAfter: 0 }, { message: 'terminated' }],
  [{ cutAfter: 700 }, { message: 'terminated' }],
  [{ status: 500, cutAfter: 10 }, { status: 500 }],
])('the fault %j reaches the client', async (fault, expected) => {
  const { client, emulator } = await start()
  emulator.addFault(fault)
  expect(await failure(client.messages.stream(ask()).finalMessage())).toMatchObject(expected)
  expect((await client.messages.stream(ask()).finalMessage()).stop_reason).toBe('end_turn')
})

test('a body that is not streamed can be cut as well', async () => {
  const { client, emulator } = await start()
  emulator.addFault({ cutAfter: 100 })
  expect(await failure(client.messages.create(ask()))).toBeInstanceOf(Error)
  expect(emulator.calls()[0]?.outcome).toBe('cut')
})

test.each([{ stallAfter: 900 }, { endless: true }])('%j goes on until the client leaves', async fault => {
  const { client, emulator } = await start()
  emulator.addFault(fault)
  const controller = new AbortController()
  const stream = client.messages.stream(ask(), { signal: controller.signal })
  let characters = 0
  stream.on('text', delta => {
    characters += delta.length
    if (characters > 20_000) controller.abort()
  })
  if ('stallAfter' in fault) stream.once('streamEvent', () => controller.abort())
  expect(await failure(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError)
  await expect.poll(() => emulator.calls()[0]?.outcome).not.toBe(undefined)
})

test('a refusal and every other stop reason arrive', async () => {
  const { client, emulator } = await start()
  emulator.addFault({ stop: 'refusal' })
  const refused = await client.messages.stream(ask()).finalMessage()
  expect(refused).toMatchObject({ stop_reason: 'refusal', stop_details: { category: 'cyber' } })
  for (const stop of ['max_tokens', 'stop_sequence', 'pause_turn', 'model_context_window_exceeded'] as const) {
    emulator.addFault({ stop })
    expect((await client.messages.stream(ask()).finalMessage()).stop_reason).toBe(stop)
  }
  const short = await client.messages.create({ ...ask(), max_tokens: 12 })
  expect(short).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 12 } })
})

test('a speed limit is kept', async () => {
  const { client } = await start({ tokensPerSecond: 100, script: { replies: [{ text: 'abcd'.repeat(20) }] } })
  const began = Date.now()
  await client.messages.stream(ask()).finalMessage()
  expect(Date.now() - began).toBeGreaterThan(180)
})

test('a vLLM-shaped server speaks the same messages for its one model, without key or thinking', async () => {
  const { emulator } = await start()
  const client = new Anthropic({ apiKey: 'none', baseURL: `${emulator.url}/vllm`, maxRetries: 0 })
  const message = await client.messages
    .stream({ ...ask(), model: 'qwen3-coder-30b', temperature: 0.2 } as Anthropic.MessageStreamParams)
    .finalMessage()
  expect(message.content).toMatchObject([{ type: 'text' }])
  expect(await failure(client.messages.create(ask()))).toMatchObject({ status: 404 })
})
