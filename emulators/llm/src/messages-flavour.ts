/**
 * How servers that speak Anthropic Messages differ from Anthropic's own. From vLLM's protocol, Ollama's anthropic.go and the
 * README of llama.cpp's server, all of 2026.
 */
export type MessagesFlavour = {
  /** Anthropic's catalogue, rules, limits and cache; the others have none of them. */
  isAnthropic: boolean
  /** llama.cpp serves one model and answers to any name. */
  anyModel: boolean
  checksKey: boolean
  countsTokens: boolean
  /** Usage is two counters, and blocks bear no more than they must. */
  isPlain: boolean
  /** llama.cpp's errors are those of its other interfaces. */
  errors: 'anthropic' | 'openai'
  /** One of its models for which it refuses tools. */
  modelWithoutTools?: string
  /** Refuses longer prompts. */
  contextTokens?: number
}

const selfHosted: MessagesFlavour = {
  isAnthropic: false,
  anyModel: false,
  checksKey: true,
  countsTokens: true,
  isPlain: false,
  errors: 'anthropic',
}

export const messagesFlavours = {
  anthropic: { ...selfHosted, isAnthropic: true },
  vllm: selfHosted,
  ollama: { ...selfHosted, checksKey: false, countsTokens: false, isPlain: true, modelWithoutTools: 'gemma3:4b' },
  llamacpp: { ...selfHosted, anyModel: true, isPlain: true, errors: 'openai', contextTokens: 32_768 },
} as const satisfies Record<string, MessagesFlavour>
