import { z } from 'zod'
import { EditFormat } from './edit-format.ts'

/** What a model and its server can do; data, so that a new model is a line. */
export const Capabilities = z.object({
  tools: z.boolean(),
  /** The server caches prompts where it is told to. */
  caching: z.boolean(),
  effort: z.boolean(),
  /** The server takes a temperature; Claude's of today and OpenAI's reasoning models do not. */
  temperature: z.boolean(),
  /** How it is told not to think (Anthropic Messages only); null where it cannot be told. */
  thinkingOff: z.enum(['disabled', 'between_tools']).nullable(),
  /** The name under which the server takes the limit of output tokens (chat completions only). */
  outputLimit: z.enum(['max_tokens', 'max_completion_tokens']),
  editFormat: EditFormat,
  /** Tokens of one answer, thinking included. */
  maxOutputTokens: z.number().int().min(1),
  /** Tokens of prompt and answer together. */
  contextTokens: z.number().int().min(1),
})
export type Capabilities = z.infer<typeof Capabilities>

/** What is assumed of a model nobody has described: a small one, served by somebody. */
const unknownModel: Capabilities = {
  tools: true,
  caching: false,
  effort: false,
  temperature: true,
  thinkingOff: null,
  outputLimit: 'max_tokens',
  editFormat: 'search-replace',
  maxOutputTokens: 8_000,
  contextTokens: 32_000,
}

const claude: Partial<Capabilities> = {
  caching: true,
  effort: true,
  temperature: false,
  editFormat: 'diff',
  maxOutputTokens: 128_000,
  contextTokens: 1_000_000,
}
/** Claude before the fifth generation's fives: smaller, thinks only when told to. */
const older: Partial<Capabilities> = {
  ...claude,
  effort: false,
  thinkingOff: 'disabled',
  maxOutputTokens: 64_000,
  contextTokens: 200_000,
}

/** The first pattern that matches describes the model. */
const known: { model: RegExp; can: Partial<Capabilities> }[] = [
  { model: /^claude-(?:haiku|sonnet|opus)-4-5/, can: older },
  { model: /^claude-haiku-5-5/, can: { ...claude, thinkingOff: 'disabled' } },
  { model: /^claude-sonnet-5-5/, can: { ...claude, thinkingOff: 'between_tools' } },
  { model: /^claude-/, can: claude },
  {
    model: /^(?:gpt-[5-9]|o\d)/,
    can: {
      effort: true,
      temperature: false,
      outputLimit: 'max_completion_tokens',
      editFormat: 'diff',
      maxOutputTokens: 128_000,
      contextTokens: 400_000,
    },
  },
  {
    model: /^(?:gpt-|chatgpt-)/,
    can: { outputLimit: 'max_completion_tokens', editFormat: 'diff', maxOutputTokens: 16_000, contextTokens: 128_000 },
  },
  {
    model: /(?:qwen3?.*coder|devstral|deepseek|glm-|kimi-|gpt-oss)/i,
    can: { maxOutputTokens: 16_000, contextTokens: 128_000 },
  },
]

/** Looks a model up by its name, without regard to a vendor's prefix (`anthropic/claude-…`). */
export function capabilitiesOf(model: string): Capabilities {
  const name = model.split('/').at(-1) ?? model
  return { ...unknownModel, ...known.find(entry => entry.model.test(name))?.can }
}
