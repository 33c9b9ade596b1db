import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Turn } from './model.ts'
import type { ModelConfig } from './model-config.ts'
import { openModel } from './open-model.ts'
import { parsePlan } from './plan.ts'
import { readTools } from './read-tools.ts'
import { fileBlock } from './shared-context.ts'
import { context, request, servers, startPort } from './test-port.ts'
import { plannerTurn, variantTurn } from './turns.ts'

describe.each(servers)('$name', server => {
  test('an answer brings its text, usage, model and progress', async () => {
    const { model, emulator } = await startPort(server)
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
    const { model } = await startPort(server)
    const turns: Turn[] = [{ role: 'user', text: plannerTurn({ count: 3, intent: context.intent }) }]
    const answer = await model.generate(request({ turns, label: { runId: 'run-1', variant: 0, call: 1 } }))
    expect(parsePlan(answer.text, 3).fromModel).toBe(3)
  })

  test('a tool is called, answered and the conversation goes on, after a round through storage', async () => {
    const { model } = await startPort(server)
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

  test.runIf(server.caches)('the shared prefix is read from the cache by the second call', async () => {
    const { model } = await startPort(server)
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
    const { model, emulator } = await startPort(server)
    emulator.addFault({ stop: 'refusal' })
    expect(await model.generate(request())).toMatchObject({ stop: 'refused' })
    emulator.addFault({ stop: 'max_tokens' })
    expect(await model.generate(request())).toMatchObject({ stop: 'truncated' })
    expect(await model.generate(request({ maxOutputTokens: 5 }))).toMatchObject({ stop: 'truncated' })
  })
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
