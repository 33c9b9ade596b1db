/** The models this server knows, with what the real ones accept. */
export interface CatalogModel {
  id: string
  displayName: string
  line: string | null
  createdAt: string
  maxInputTokens: number
  maxOutputTokens: number
  /** Shorter prefixes are not cached; the real minimum of the 5.5 models is not published, so this is the harder guess. */
  minCacheTokens: number
  /** Thinking types the model accepts. */
  thinking: readonly ('adaptive' | 'between_tools' | 'disabled' | 'enabled')[]
  /** Whether `tool_choice` any/tool is accepted. */
  forcedTools: boolean
}

function claude(id: string, displayName: string, line: string, rest: Partial<CatalogModel> = {}): CatalogModel {
  return {
    id,
    displayName,
    line,
    createdAt: '2026-09-29T00:00:00Z',
    maxInputTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheTokens: 1024,
    thinking: ['adaptive'],
    forcedTools: false,
    ...rest,
  }
}

export const claudeModels: readonly CatalogModel[] = [
  claude('claude-fable-5-2', 'Claude Fable 5.2', 'fable'),
  claude('claude-opus-5-5', 'Claude Opus 5.5', 'opus'),
  claude('claude-sonnet-5-5', 'Claude Sonnet 5.5', 'sonnet', { thinking: ['adaptive', 'between_tools'] }),
  claude('claude-haiku-5-5', 'Claude Haiku 5.5', 'haiku', { thinking: ['adaptive', 'disabled'], forcedTools: true }),
  claude('claude-opus-5', 'Claude Opus 5', 'opus', {
    minCacheTokens: 512,
    forcedTools: true,
    thinking: ['adaptive', 'disabled'],
  }),
  claude('claude-haiku-4-5', 'Claude Haiku 4.5', 'haiku', {
    minCacheTokens: 4096,
    forcedTools: true,
    maxInputTokens: 200_000,
    maxOutputTokens: 64_000,
    thinking: ['disabled', 'enabled'],
  }),
]

/** Self-hosted servers serve one model under one name. */
export const servedModel = 'qwen3-coder-30b'
export const openaiModels: readonly string[] = ['gpt-5', 'gpt-5-mini', 'gpt-4.1']

export function findClaude(id: string): CatalogModel | undefined {
  return claudeModels.find(model => model.id === id)
}

function supported(value: boolean): { supported: boolean } {
  return { supported: value }
}

/** A model as `GET /v1/models/{id}` shows it. */
export function modelInfo(model: CatalogModel): Record<string, unknown> {
  const effort = model.id !== 'claude-haiku-4-5'
  const levels = Object.fromEntries(['low', 'medium', 'high', 'xhigh', 'max'].map(level => [level, supported(effort)]))
  const types = (['adaptive', 'between_tools', 'disabled', 'enabled'] as const).map(type => [
    type,
    supported(model.thinking.includes(type)),
  ])
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    lifecycle: 'active',
    line: model.line,
    deprecated_at: null,
    retires_at: null,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxOutputTokens,
    capabilities: {
      batch: supported(true),
      citations: supported(true),
      code_execution: supported(true),
      context_management: {
        clear_thinking_20251015: supported(true),
        clear_tool_uses_20250919: supported(true),
        compact_20260112: supported(true),
        supported: true,
      },
      effort: { supported: effort, ...levels },
      image_input: supported(true),
      pdf_input: supported(true),
      server_tools: { supported: true, code_execution: supported(true), web_search: supported(true) },
      structured_outputs: supported(true),
      thinking: { supported: true, types: Object.fromEntries(types) },
    },
  }
}
