import { z } from 'zod'
import type { JsonValue, ModelAnswer } from './model.ts'

const count = z.number().min(0)
const StoredAnswer = z.object({
  text: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), input: z.unknown() })),
  stop: z.enum(['end', 'truncated', 'refused', 'tools']),
  refusal: z.string().optional(),
  usage: z.object({ inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWriteTokens: count }),
  costUsd: z.number().optional(),
  model: z.string(),
  assistantTurn: z.object({ provider: z.string(), content: z.json() }),
})

/** An answer as it is kept, so that no crash buys it again. */
export function toStored(answer: ModelAnswer): JsonValue {
  return JSON.parse(JSON.stringify(answer))
}

/** The answer that was kept. Throws a ZodError when it is none. */
export function fromStored(value: unknown): ModelAnswer {
  const { refusal, costUsd, toolCalls, ...stored } = StoredAnswer.parse(value)
  return {
    ...stored,
    toolCalls: toolCalls.map(({ id, name, input }) => ({ id, name, input })),
    costUsd,
    ...(refusal === undefined ? {} : { refusal }),
  }
}
