import OpenAI from 'openai'
import { expect, onTestFinished, test } from 'vitest'
import { startModelEmulator } from './emulator.ts'
import { fileBlock, taskText } from './test-prompt.ts'

const flavours = [
  { flavour: 'openai', prefix: '', model: 'gpt-5' },
  { flavour: 'vllm', prefix: '/vllm', model: 'qwen3-coder-30b' },
  { flavour: 'tgi', prefix: '/tgi', model: 'tgi' },
]

async function start(prefix: string, options: Parameters<typeof startModelEmulator>[0] = {}) {
  const emulator = await startModelEmulator(options)
  onTestFinished(() => emulator.close())
  const client = new OpenAI({ apiKey: 'key', baseURL: `${emulator.url}${prefix}/v1`, maxRetries: 0 })
  return { emulator, client }
}

function ask(model: string, intent = 'replace a with b in x.txt'): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const content = `${fileBlock('x.txt', 'a\n')}\n${taskText(intent, 1, 3)}`
  return {
    model,
    messages: [
      { role: 'system', content: 'edit' },
      { role: 'user', content },
    ],
  }
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('should have failed'),
    error => error,
  )
}

test.each(flavours)(
  '$flavour: streamed and not, the same text arrives, with usage when asked for',
  async ({ prefix, model }) => {
    const { client } = await start(prefix)
    const plain = await client.chat.completions.create(ask(model))
    const stream = await client.chat.completions.create({
      ...ask(model),
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let finish: string | null = null
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      finish ??= chunk.choices[0]?.finish_reason ?? null
      usage = chunk.usage ?? usage
    }
    expect(text).toBe(plain.choices[0]?.message.content)
    expect(text).toContain('```diff')
    expect(finish).toBe('stop')
    expect(usage?.completion_tokens).toBe(plain.usage?.completion_tokens)
  },
)

test.each(flavours)('$flavour: a tool call streams in parts and its result is accepted', async ({ prefix, model }) => {
  const { client } = await start(prefix)
  const tools: OpenAI.ChatCompletionTool[] = [
    { type: 'function', function: { name: 'read_file', parameters: { type: 'object' } } },
  ]
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: 'user', content: taskText('replace a with b in y.txt', 1, 1) },
  ]
  const stream = await client.chat.completions.create({ model, tools, messages, stream: true })
  let input = ''
  let id = ''
  for await (const chunk of stream) {
    const call = chunk.choices[0]?.delta.tool_calls?.[0]
    input += call?.function?.arguments ?? ''
    id ||= call?.id ?? ''
  }
  expect(JSON.parse(input)).toEqual({ path: 'y.txt' })
  const call = { id, type: 'function' as const, function: { name: 'read_file', arguments: input } }
  const second = await client.chat.completions.create({
    model,
    tools,
    messages: [
      ...messages,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: id, content: fileBlock('y.txt', 'x\na\n') },
    ],
  })
  expect(second.choices[0]?.message.content).toContain('+b')
})

test('OpenAI counts a repeated long prefix as cached', async () => {
  const { client } = await start('')
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: 'lorem ipsum '.repeat(1000) }]
  await client.chat.completions.create({ model: 'gpt-5', messages: [...messages, { role: 'user', content: 'one' }] })
  const second = await client.chat.completions.create({
    model: 'gpt-5',
    messages: [...messages, { role: 'user', content: 'two' }],
  })
  expect(second.usage?.prompt_tokens_details?.cached_tokens).toBe(2944)
})

test.each(flavours)('$flavour: models are listed', async ({ prefix, flavour }) => {
  const { client } = await start(prefix)
  const { data } = await client.models.list()
  expect(data[0]).toMatchObject({ object: 'model', owned_by: flavour })
  expect(await client.models.retrieve(data[0]?.id ?? '')).toMatchObject({ id: data[0]?.id })
})

test('an unknown model and a bad key are refused as each server does', async () => {
  const { client, emulator } = await start('', { apiKeys: ['key'] })
  expect(await failure(client.chat.completions.create(ask('gpt-0')))).toMatchObject({
    status: 404,
    code: 'model_not_found',
  })
  expect(await failure(client.chat.completions.create({ ...ask('gpt-5'), max_tokens: 5 }))).toMatchObject({
    status: 400,
    code: 'unsupported_parameter',
  })
  const vllm = new OpenAI({ apiKey: 'key', baseURL: `${emulator.url}/vllm/v1`, maxRetries: 0 })
  expect(await failure(vllm.chat.completions.create(ask('x')))).toMatchObject({ status: 404, type: 'NotFoundError' })
  const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${emulator.url}/v1`, maxRetries: 0 })
  expect(await failure(stranger.chat.completions.create(ask('gpt-5')))).toMatchObject({
    status: 401,
    code: 'invalid_api_key',
  })
  const tgi = await fetch(`${emulator.url}/tgi/v1/chat/completions`, {
    method: 'POST',
    body: '{"model":"x"}',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
  })
  expect(tgi.status).toBe(422)
  expect(await tgi.json()).toMatchObject({ error_type: 'validation' })
})

test.each(flavours)('$flavour: faults, refusal and truncation reach the client', async ({ prefix, model }) => {
  const { client, emulator } = await start(prefix)
  emulator.addFault({ status: 429, headers: { 'retry-after': '3' } })
  expect(await failure(client.chat.completions.create(ask(model)))).toMatchObject({ status: 429 })
  emulator.addFault({ errorEventAfter: 2 })
  const broken = await client.chat.completions.create({ ...ask(model), stream: true })
  expect(
    await failure(
      (async () => {
        for await (const _ of broken);
      })(),
    ),
  ).toBeInstanceOf(OpenAI.APIError)
  emulator.addFault({ stop: 'refusal' })
  expect((await client.chat.completions.create(ask(model))).choices[0]?.finish_reason).toBe('content_filter')
  emulator.addFault({ stop: 'max_tokens' })
  expect((await client.chat.completions.create(ask(model))).choices[0]?.finish_reason).toBe('length')
})

test('OpenAI’s rate limits count down in its own headers', async () => {
  const { client } = await start('', { requestsPerMinute: 1, clock: () => 45_000 })
  const { response } = await client.chat.completions.create(ask('gpt-5')).withResponse()
  expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('0')
  expect(response.headers.get('x-ratelimit-reset-requests')).toBe('15s')
  expect(await failure(client.chat.completions.create(ask('gpt-5')))).toBeInstanceOf(OpenAI.RateLimitError)
})
