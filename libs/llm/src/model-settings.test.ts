import { expect, test } from 'vitest'
import { z } from 'zod'
import { modelConfigFrom, modelSettings } from './model-settings.ts'
import { fromStored, toStored } from './stored-answer.ts'

const decode = (values: Record<string, string>) => z.object(modelSettings).parse(values)

test('nothing set is a model at its vendor, with little effort', () => {
  expect(modelConfigFrom(decode({}))).toEqual({
    provider: 'anthropic',
    model: 'claude-sonnet-5-5',
    apiKey: '',
    effort: 'low',
  })
})

test('prices come as JSON; wrong ones are explained', () => {
  const MODEL_PRICES = '{"m":{"input":1,"output":2,"cacheWrite":1,"cacheRead":0.1}}'
  expect(modelConfigFrom(decode({ MODEL_PRICES })).prices).toMatchObject({ m: { output: 2 } })
  expect(() => decode({ MODEL_PRICES: '{' })).toThrow('expected JSON')
  expect(() => decode({ MODEL_PRICES: '{"m":{}}' })).toThrow('expected prices')
})

test('an answer comes back from storage as it was', () => {
  const answer = {
    text: 'x',
    toolCalls: [{ id: '1', name: 'grep', input: { text: 'y' } }],
    stop: 'tools' as const,
    usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 },
    costUsd: undefined,
    model: 'm',
    assistantTurn: { provider: 'anthropic', content: [{ type: 'text', text: 'x' }] },
  }
  expect(fromStored(JSON.parse(JSON.stringify(toStored(answer))))).toEqual(answer)
  expect(() => fromStored({ text: 'x' })).toThrow()
})
