import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { Rejected, Throttled } from '@code-agent/jobs/errors'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkModel } from './check-model.ts'
import type { ModelConfig } from './model-config.ts'
import { openModel } from './open-model.ts'
import { readTools } from './read-tools.ts'
import { closedUrl, failure, request, servers, startPort } from './test-port.ts'

describe.each(servers)('$name', server => {
  const { config, path, keyed, anyModel, anyKey } = server

  test('429 and overload throttle the model, until the time the server names if it does', async () => {
    const { model, emulator } = await startPort(server)
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
    const { model, emulator } = await startPort(server)
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
    const { model, emulator } = await startPort(server, {
      script: { replies: [{ text: 'a short text', repeat: true }] },
    })
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
    const { model, emulator } = await startPort(server)
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
    const { model, emulator } = await startPort(server)
    emulator.addFault({ status: 402 })
    expect(await failure(model.generate(request()))).toMatchObject({
      name: 'Rejected',
      message: expect.stringContaining('budget'),
    })
  })

  test('what cannot help to repeat is rejected with the setting to correct', async () => {
    const { model, emulator } = await startPort(server)
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
    const { model, emulator } = await startPort(server, { apiKeys: ['key'] })
    expect(await checkModel(model)).toEqual({ ok: true })
    const url = `${emulator.url}${path}`
    const sentence = async (change: Partial<ModelConfig>) => {
      const check = await checkModel(openModel({ ...config, baseUrl: url, apiKey: 'key', ...change }), {
        timeoutMs: 5_000,
      })
      return check.ok ? 'fine' : check.sentence
    }
    if (!anyModel)
      expect(await sentence({ model: 'nobody-5' })).toMatch(/does not know the model "nobody-5": correct MODEL\.$/)
    if (!anyKey) expect(await sentence({ apiKey: 'wrong' })).toMatch(/refused the API key: correct MODEL_API_KEY\.$/)
    expect(await sentence({ baseUrl: await closedUrl() })).toMatch(/can't be reached \(ECONNREFUSED\)/)
    expect(await sentence({ baseUrl: `${emulator.url}/nowhere` })).toMatch(
      /^There is no model server at .*: correct MODEL_BASE_URL( \(it usually ends with \/v1\))?\.$/,
    )
    if (keyed) expect(await sentence({ apiKey: '' })).toContain('MODEL_API_KEY')
  })
})

test('a prompt that llama.cpp has no room for, and tools an Ollama model does not take, are told by what to do', async () => {
  const emulator = await startModelEmulator()
  onTestFinished(() => emulator.close())
  const asked = (path: string, model: string) =>
    openModel({ provider: 'anthropic', model, baseUrl: `${emulator.url}${path}`, apiKey: '' })
  const long = request({ system: 'a rule of many words\n'.repeat(12_000) })
  expect(await failure(asked('/llamacpp', 'any').generate(long))).toMatchObject({
    name: 'Rejected',
    message: expect.stringContaining('are too much for the model "any": ask for less at once'),
  })
  const withTools = request({ tools: [...readTools] })
  expect(await failure(asked('/ollama', 'gemma3:4b').generate(withTools))).toMatchObject({
    name: 'Rejected',
    message: expect.stringMatching(
      /"gemma3:4b" at .* takes no tools: say "capabilities": \{ "tools": false \} of it in MODELS_FILE\.$/,
    ),
  })
  expect((await asked('/ollama', 'gemma3:4b').generate(request())).stop).toBe('end')
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
