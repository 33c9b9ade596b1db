import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { Rejected, Throttled } from '@code-agent/jobs/errors'
import { expect, onTestFinished, test } from 'vitest'
import { type ModelCallRecord, observedModel } from './observed-model.ts'
import { openModel } from './open-model.ts'

async function observed(replies: { status?: number; text: string }[]) {
  const emulator = await startModelEmulator({ script: { replies: replies.map(reply => ({ match: {}, ...reply })) } })
  onTestFinished(() => emulator.close())
  const calls: ModelCallRecord[] = []
  const config = {
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    baseUrl: emulator.url,
    apiKey: 'emulated',
  } as const
  const model = observedModel(openModel(config), call => calls.push(call))
  const ask = (signal = AbortSignal.timeout(10_000)) =>
    model.generate({
      system: 'Edit.',
      shared: 'A shop.',
      turns: [{ role: 'user', text: 'make buttons red' }],
      maxOutputTokens: 200,
      signal,
      label: { runId: 'a-run', variant: 1, call: 1 },
    })
  return { calls, ask }
}

test('each call is told with what it used and cost, and whoever asked gets the answer as ever', async () => {
  const { calls, ask } = await observed([{ text: 'Done.' }])
  const answer = await ask()
  expect(answer.text).toBe('Done.')
  expect(calls).toMatchObject([{ status: 'answered', usage: answer.usage, costUsd: answer.costUsd }])
  expect(calls[0]?.seconds).toBeGreaterThan(0)
})

test('a call that failed is told by its kind, and its error goes on unchanged', async () => {
  const { calls, ask } = await observed([
    { status: 429, text: 'later' },
    { status: 400, text: 'no' },
    { status: 500, text: 'oh' },
    { text: 'too late' },
  ])
  await expect(ask()).rejects.toBeInstanceOf(Throttled)
  await expect(ask()).rejects.toBeInstanceOf(Rejected)
  await expect(ask()).rejects.toThrow(/500/)
  await expect(ask(AbortSignal.abort())).rejects.toThrow()
  expect(calls.map(({ status }) => status)).toEqual(['throttled', 'rejected', 'failed', 'stopped'])
})
