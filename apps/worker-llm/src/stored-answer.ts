import type { ModelAnswer } from '@code-agent/llm/model'
import type { JsonValue } from '@code-agent/store/json'
import { z } from 'zod'

/** An answer as Postgres keeps it; JSON has no undefined, so an unknown price is left out. */
const StoredAnswer = z.object({
  text: z.string(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), input: z.json() })),
  stop: z.enum(['end', 'truncated', 'overfull', 'refused', 'tools']),
  refusal: z.string().optional(),
  usage: z.object({
    inputTokens: z.number(),
    outputTokens: z.number(),
    cacheReadTokens: z.number(),
    cacheWriteTokens: z.number(),
  }),
  costUsd: z.number().optional(),
  model: z.string(),
  assistantTurn: z.object({ provider: z.string(), content: z.json() }),
})

export function toStored(answer: ModelAnswer): JsonValue {
  return StoredAnswer.parse(answer)
}

export function fromStored(stored: JsonValue): ModelAnswer {
  const { refusal, costUsd, ...answer } = StoredAnswer.parse(stored)
  return { ...answer, costUsd, ...(refusal === undefined ? {} : { refusal }) }
}
