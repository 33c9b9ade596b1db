import { z } from 'zod'
import { EditFormat } from './edit-format.ts'
import { ModelConfig } from './model-config.ts'
import { Prices } from './prices.ts'

const pricesExample = '{"my-model":{"input":0.2,"output":0.8,"cacheWrite":0.2,"cacheRead":0.2}}'

/** The settings of whatever process talks to a model, by the names of their variables. */
export const modelSettings = {
  MODEL_PROVIDER: z.enum(['anthropic', 'openai-chat']).default('anthropic').meta({
    description: 'Protocol of the model server: Anthropic Messages or OpenAI chat completions',
    example: 'openai-chat',
  }),
  MODEL: z.string().min(1).default('claude-sonnet-5-5').meta({
    description: 'Name of the model as its server knows it',
    example: 'claude-sonnet-5-5',
  }),
  MODEL_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' })
    .optional()
    .meta({
      description:
        "Address of the model server if it is not the vendor's own; with /v1 for openai-chat, without for anthropic",
      example: 'http://vllm.internal:8000',
    }),
  MODEL_API_KEY: z.string().default('').meta({
    description: 'Key of the model server; empty where it asks for none',
    example: 'sk-ant-…',
    secret: true,
  }),
  MODEL_EFFORT: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).default('low').meta({
    description: 'How hard the model thinks, where it can be told; more is slower and dearer',
    example: 'medium',
  }),
  MODEL_EDIT_FORMAT: EditFormat.optional().meta({
    description: 'How the model is asked to write edits; small models do better with search-replace or whole-file',
    example: 'search-replace',
  }),
  MODEL_PRICES: z
    .string()
    .transform((text, context) => parsePrices(text, context))
    .optional()
    .meta({
      description: 'JSON: US dollars for a million tokens, in place of the built-in list',
      example: pricesExample,
    }),
}

const ModelSettings = z.object(modelSettings)
export type ModelSettings = z.infer<typeof ModelSettings>

export function modelConfigFrom(settings: ModelSettings): ModelConfig {
  return ModelConfig.parse({
    provider: settings.MODEL_PROVIDER,
    model: settings.MODEL,
    baseUrl: settings.MODEL_BASE_URL,
    apiKey: settings.MODEL_API_KEY,
    effort: settings.MODEL_EFFORT,
    editFormat: settings.MODEL_EDIT_FORMAT,
    prices: settings.MODEL_PRICES,
  })
}

function parsePrices(text: string, context: z.RefinementCtx): Prices {
  try {
    const parsed = Prices.safeParse(JSON.parse(text))
    if (parsed.success) return parsed.data
    context.addIssue({
      code: 'custom',
      message: `expected prices as in ${pricesExample}: ${z.prettifyError(parsed.error)}`,
    })
  } catch {
    context.addIssue({ code: 'custom', message: `expected JSON such as ${pricesExample}` })
  }
  return z.NEVER
}
