import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { expect, onTestFinished, test } from 'vitest'
import { capabilitiesOf } from './capabilities.ts'
import type { ModelConfig } from './model-config.ts'
import { retryAfterMs, toModelError } from './model-errors.ts'
import { openModel } from './open-model.ts'
import { costOf } from './prices.ts'
import { request } from './test-port.ts'

const usage = { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }

test('costs follow the table, its dated names, its threshold and configured prices', () => {
  expect(costOf('claude-sonnet-5-5', usage)).toBe(2)
  expect(costOf('claude-sonnet-5-5-20261001', usage)).toBe(2)
  expect(costOf('claude-haiku-5-5', usage)).toBe(0.5)
  expect(costOf('claude-haiku-5-5', { ...usage, inputTokens: 100_000 })).toBe(0.01)
  expect(costOf('claude-opus-5', usage)).toBe(5)
  expect(costOf('claude-opus-5-9', usage)).toBeUndefined()
  expect(costOf('mine', usage)).toBeUndefined()
  expect(
    costOf(
      'mine',
      { ...usage, cacheReadTokens: 1_000_000 },
      { mine: { input: 1, output: 1, cacheWrite: 1, cacheRead: 3 } },
    ),
  ).toBe(4)
})

test('capabilities are looked up by name, whatever vendor stands before it', () => {
  expect(capabilitiesOf('anthropic/claude-opus-5-5')).toMatchObject({ caching: true, editFormat: 'diff' })
  expect(capabilitiesOf('gpt-5-mini')).toMatchObject({ outputLimit: 'max_completion_tokens', effort: true })
  expect(capabilitiesOf('tiny-1b')).toMatchObject({
    caching: false,
    editFormat: 'search-replace',
    outputLimit: 'max_tokens',
  })
})

test('configuration corrects what is assumed of a model, and a wrong one is refused', () => {
  const config = { provider: 'openai-chat', model: 'tiny', apiKey: '', baseUrl: 'http://localhost:1/v1' } as const
  const model = openModel({ ...config, editFormat: 'whole-file', capabilities: { tools: false } })
  expect(model.capabilities).toMatchObject({ editFormat: 'whole-file', tools: false })
  expect(model.gate).toBe('model:localhost:1/tiny')
  expect(() => openModel({ ...config, baseUrl: 'ftp://x' })).toThrow('http://')
})

test('temperature and silence go where they are taken; asking for what a model cannot do stops the start', async () => {
  const emulator = await startModelEmulator()
  onTestFinished(() => emulator.close())
  const sent = async (config: Partial<ModelConfig>) => {
    const whole = {
      provider: 'anthropic',
      model: 'qwen3-coder-30b',
      baseUrl: `${emulator.url}/vllm`,
      apiKey: '',
    } as const
    await openModel({ ...whole, ...config }).generate(request())
    return emulator.calls().at(-1)?.body
  }
  expect(await sent({ temperature: 0.3 })).toMatchObject({ temperature: 0.3 })
  const chat = { provider: 'openai-chat', baseUrl: `${emulator.url}/tgi/v1` } as const
  expect(await sent({ ...chat, temperature: 0 })).toMatchObject({ temperature: 0 })
  const claude = { baseUrl: emulator.url, apiKey: 'key', thinking: false }
  expect(await sent({ ...claude, model: 'claude-haiku-5-5' })).toMatchObject({ thinking: { type: 'disabled' } })
  expect(await sent({ ...claude, model: 'claude-sonnet-5-5' })).toMatchObject({ thinking: { type: 'between_tools' } })
  expect(await sent({ ...claude, model: 'claude-sonnet-5-5', thinking: true })).not.toHaveProperty('thinking')
  await expect(sent({ ...claude, model: 'claude-opus-5-5' })).rejects.toThrow(
    'claude-opus-5-5 cannot be told not to think',
  )
  await expect(sent({ ...claude, model: 'claude-haiku-5-5', temperature: 1 })).rejects.toThrow('takes no temperature')
})

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('retry-after is read from %j', (headers, ms) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(ms)
})

test('retry-after may be a date', () => {
  const ms = retryAfterMs(new Headers({ 'retry-after': new Date(Date.now() + 20_000).toUTCString() }))
  expect(ms).toBeGreaterThan(18_000)
})

test('the words of a server are cut to one harmless line', () => {
  const config = { provider: 'anthropic', model: 'm', apiKey: 'secret' } as const
  const failure = {
    status: 400,
    unreached: false,
    codes: [],
    explanation: `bad\n\u202E${'x'.repeat(900)}`,
    headers: undefined,
    cause: undefined,
  }
  const { message } = toModelError(failure, config, new AbortController().signal)
  expect(message).toMatch(
    /^The model server at api\.anthropic\.com refused the request \(400\), saying "bad x{196}": check MODEL/,
  )
  expect(message).not.toContain('secret')
})
