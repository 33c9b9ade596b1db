import { z } from 'zod'
import type { ModelUsage } from './model.ts'

const Rates = z.object({
  input: z.number().min(0),
  output: z.number().min(0),
  /** Of what is kept for five minutes. */
  cacheWrite: z.number().min(0),
  cacheRead: z.number().min(0),
})
const Price = Rates.extend({
  /** Other rates when the whole prompt has more tokens than this. */
  above: Rates.extend({ promptTokens: z.number().int().min(1) }).optional(),
})

/** US dollars for a million tokens, by the model's name or the beginning of it; the longest that fits counts. */
export const Prices = z.record(z.string().min(1), Price)
export type Prices = z.infer<typeof Prices>

/** Anthropic's list prices, October 2026. Self-hosted models have none unless configured. */
const listPrices: Prices = {
  'claude-haiku-5-5': {
    input: 0.1,
    output: 0.5,
    cacheWrite: 0.125,
    cacheRead: 0.01,
    above: { promptTokens: 100_000, input: 0.5, output: 2.5, cacheWrite: 0.625, cacheRead: 0.05 },
  },
  'claude-sonnet-5-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 },
  'claude-opus-5-5': { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 },
  'claude-opus-5': { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 },
  'claude-fable-5-2': { input: 8, output: 40, cacheWrite: 10, cacheRead: 0.2 },
}

/** US dollars for one call, or undefined when the table does not know the model. */
export function costOf(model: string, usage: ModelUsage, prices: Prices = listPrices): number | undefined {
  const name = Object.keys(prices).filter(
    key => model === key || model.startsWith(`${key}-20`) || model.startsWith(`${key}@`),
  )
  const price = prices[name.toSorted((a, b) => b.length - a.length)[0] ?? '']
  if (!price) return undefined
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  const rates = price.above && prompt > price.above.promptTokens ? price.above : price
  const millionths =
    usage.inputTokens * rates.input +
    usage.outputTokens * rates.output +
    usage.cacheWriteTokens * rates.cacheWrite +
    usage.cacheReadTokens * rates.cacheRead
  return millionths / 1_000_000
}
