import { z } from 'zod'
import { Capabilities } from './capabilities.ts'
import { EditFormat } from './edit-format.ts'
import { Prices } from './prices.ts'

/** Everything that is needed to talk to one model. */
export const ModelConfig = z.object({
  /** The protocol, not the vendor: vLLM, llama.cpp and Ollama serve Anthropic Messages as well. */
  provider: z.enum(['anthropic', 'openai-chat']),
  model: z.string().min(1),
  /** Without `/v1` for anthropic, with it for openai-chat, as their own clients take it. */
  baseUrl: z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' }).optional(),
  /** May be empty where the server asks for none. */
  apiKey: z.string(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
  temperature: z.number().min(0).max(2).optional(),
  /** False keeps a model from thinking that can be told so. */
  thinking: z.boolean().optional(),
  prices: Prices.optional(),
  editFormat: EditFormat.optional(),
  /** Corrections of what is assumed of the model. */
  capabilities: Capabilities.partial().optional(),
  /** Where the model is described, if not by the settings below; error messages send operators there. */
  describedIn: z.string().optional(),
})
export type ModelConfig = z.infer<typeof ModelConfig>

const settingNames = {
  provider: 'MODEL_PROVIDER',
  model: 'MODEL',
  baseUrl: 'MODEL_BASE_URL',
  apiKey: 'MODEL_API_KEY',
  tools: 'MODELS_FILE',
} as const

/** The name under which operators know a setting; error messages send them there. */
export function settingName({ describedIn }: ModelConfig, setting: keyof typeof settingNames): string {
  return describedIn === undefined ? settingNames[setting] : `${setting} of ${describedIn}`
}

/** Where the model is served, for people. */
export function hostOf(config: ModelConfig): string {
  if (config.baseUrl) return new URL(config.baseUrl).host
  return config.provider === 'anthropic' ? 'api.anthropic.com' : 'api.openai.com'
}

/** Rate limits belong to a model and a host, so that is what rests. */
export function gateOf(config: ModelConfig): string {
  return `model:${hostOf(config)}/${config.model}`
}
