import Anthropic from '@anthropic-ai/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { startModelEmulator } from './emulator.ts'
import { type LlmScript, parseLlmScript } from './script.ts'
import { fileBlock, taskText } from './test-prompt.ts'

async function start(script: LlmScript) {
  const emulator = await startModelEmulator({ script })
  onTestFinished(() => emulator.close())
  const client = new Anthropic({ apiKey: 'key', baseURL: emulator.url, maxRetries: 0 })
  async function ask(variant: number, options: { intent?: string; run?: string } = {}): Promise<string> {
    const content = `${fileBlock('x.txt', 'a\n')}\n${taskText(options.intent ?? 'replace a with b in x.txt', variant, 3)}`
    const headers = options.run === undefined ? {} : { 'x-client-request-id': `${options.run}/${variant}/9` }
    const message = await client.messages.create(
      { model: 'claude-haiku-5-5', max_tokens: 4000, messages: [{ role: 'user', content }] },
      { headers },
    )
    return message.content.map(block => (block.type === 'text' ? block.text : '')).join('')
  }
  return { emulator, ask }
}

test('the first reply that matches and is not used up answers; the rest falls to the author', async () => {
  const { ask } = await start({
    replies: [
      { match: { variant: 2 }, text: 'two once' },
      { match: { variant: 2 }, text: 'two always', repeat: true },
      { text: 'anyone' },
    ],
  })
  expect(await ask(2)).toBe('two once')
  expect(await ask(2)).toBe('two always')
  expect(await ask(1)).toBe('anyone')
  expect(await ask(1)).toContain('```diff')
})

test('the planner is answered only by an explicit variant 0', async () => {
  const { ask } = await start({
    replies: [
      { text: 'for coders', repeat: true },
      { match: { variant: 0 }, text: 'for the planner' },
    ],
  })
  expect(await ask(0)).toBe('for the planner')
  expect(await ask(0)).toContain('strategies')
  expect(await ask(1)).toBe('for coders')
})

test('attempts count the HTTP calls of a variant of a run from 1, failed ones too', async () => {
  const { ask, emulator } = await start({
    replies: [
      { match: { variant: 1, attempt: 1 }, status: 503, repeat: true },
      { match: { variant: 1, attempt: 2 }, text: 'second', repeat: true },
    ],
  })
  for (const run of ['r1', 'r2']) {
    await expect(ask(1, { run })).rejects.toMatchObject({ status: 503 })
    expect(await ask(2, { run })).toContain('```diff')
    expect(await ask(1, { run })).toBe('second')
    expect(await ask(1, { run })).toContain('```diff')
  }
  expect(
    emulator
      .calls()
      .map(call => `${call.runId} ${call.variant} ${call.attempt} ${call.status}`)
      .slice(0, 4),
  ).toEqual(['r1 1 1 503', 'r1 2 1 200', 'r1 1 2 200', 'r1 1 3 200'])
})

test('an intent is matched by a part of it as the commenter wrote it', async () => {
  const { ask } = await start({ replies: [{ match: { intent: 'a < b & "c"' }, text: 'found', repeat: true }] })
  expect(await ask(1, { intent: 'make a < b & "c" true' })).toBe('found')
  expect(await ask(1, { intent: 'other' })).not.toBe('found')
})

test('an error reply carries its text as the message, a delay delays', async () => {
  const { ask } = await start({ replies: [{ status: 400, text: 'no such thing', delayMs: 50 }] })
  const began = Date.now()
  await expect(ask(1)).rejects.toMatchObject({ status: 400, apiMessage: 'no such thing' })
  expect(Date.now() - began).toBeGreaterThan(45)
})

test('cutAfter breaks the connection after so many bytes of the body', async () => {
  const { emulator } = await start({ replies: [{ text: 'x'.repeat(500), cutAfter: 120 }] })
  const response = await fetch(`${emulator.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-haiku-5-5',
      max_tokens: 500,
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    }),
  })
  let bytes = 0
  await expect(
    (async () => {
      for await (const chunk of response.body ?? []) bytes += chunk.length
    })(),
  ).rejects.toThrow()
  expect(bytes).toBe(120)
})

test.each([
  ['{"replies":[{"match":{"variant":"one"},"text":"x"}]}', /replies\[0\]\.match\.variant: .*number/],
  ['{"replies":[{"txt":"x"}]}', /replies\[0\]: .*"txt"/],
  ['{"reply":[]}', /replies/],
  ['{"replies":[', /not JSON/],
  ['{"replies":[{"cutAfter":-1}]}', /replies\[0\]\.cutAfter/],
])('the wrong script %s is explained', (text, message) => {
  expect(() => parseLlmScript(text)).toThrow(message)
})

test('the script of the documentation is valid', () => {
  const text =
    '{"replies":[{"match":{"intent":"…","variant":1,"attempt":1},"text":"…","status":200,"delayMs":0,"cutAfter":null,"repeat":false}]}'
  expect(parseLlmScript(text).replies).toHaveLength(1)
})

test('script, faults and calls are at hand over HTTP', async () => {
  const { emulator, ask } = await start({ replies: [] })
  const send = (method: string, path: string, body: unknown) =>
    fetch(`${emulator.adminUrl}${path}`, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  expect((await send('PUT', '/script', { replies: [{ text: 'hello' }] })).status).toBe(204)
  expect(await ask(1)).toBe('hello')
  expect((await send('POST', '/faults', { status: 500 })).status).toBe(204)
  await expect(ask(0)).rejects.toMatchObject({ status: 500 })
  expect((await send('PUT', '/script', { replies: 1 })).status).toBe(400)
  expect(await (await fetch(`${emulator.adminUrl}/calls`)).json()).toMatchObject({
    calls: [{ source: 'script' }, { source: 'fault' }],
  })
})
