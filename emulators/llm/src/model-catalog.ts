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
  /** Whether temperature, top_p and top_k are accepted. */
  sampling: boolean
  effort: boolean
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
    sampling: false,
    effort: true,
    ...rest,
  }
}

const thinkingCanBeOff = ['adaptive', 'disabled'] as const
const fifth = { minCacheTokens: 512, forcedTools: true, thinking: thinkingCanBeOff, createdAt: '2026-03-03T00:00:00Z' }
const fourth = {
  minCacheTokens: 1024,
  forcedTools: true,
  thinking: ['adaptive', 'disabled', 'enabled'] as const,
  createdAt: '2026-01-20T00:00:00Z',
}
const small = {
  maxInputTokens: 200_000,
  maxOutputTokens: 64_000,
  thinking: ['disabled', 'enabled'] as const,
  sampling: true,
  effort: false,
  createdAt: '2025-10-01T00:00:00Z',
}

/** Newest first, as the list shows them. */
export const claudeModels: readonly CatalogModel[] = [
  claude('claude-fable-5-2', 'Claude Fable 5.2', 'fable'),
  claude('claude-mythos-5-2', 'Claude Mythos 5.2', 'mythos'),
  claude('claude-haiku-5-5', 'Claude Haiku 5.5', 'haiku', { thinking: thinkingCanBeOff, forcedTools: true }),
  claude('claude-sonnet-5-5', 'Claude Sonnet 5.5', 'sonnet', { thinking: ['adaptive', 'between_tools'] }),
  claude('claude-fable-5-1', 'Claude Fable 5.1', 'fable'),
  claude('claude-opus-5-5', 'Claude Opus 5.5', 'opus'),
  claude('claude-mythos-5-1', 'Claude Mythos 5.1', 'mythos'),
  claude('claude-sonnet-5', 'Claude Sonnet 5', 'sonnet', { ...fifth, minCacheTokens: 1024 }),
  claude('claude-fable-5', 'Claude Fable 5', 'fable', fifth),
  claude('claude-mythos-5', 'Claude Mythos 5', 'mythos', fifth),
  claude('claude-opus-5', 'Claude Opus 5', 'opus', fifth),
  claude('claude-opus-4-8', 'Claude Opus 4.8', 'opus', fourth),
  claude('claude-opus-4-7', 'Claude Opus 4.7', 'opus', fourth),
  claude('claude-opus-4-6', 'Claude Opus 4.6', 'opus', { ...fourth, sampling: true }),
  claude('claude-sonnet-4-6', 'Claude Sonnet 4.6', 'sonnet', { ...fourth, sampling: true }),
  claude('claude-opus-4-5', 'Claude Opus 4.5', 'opus', { ...fourth, ...small }),
  claude('claude-haiku-4-5', 'Claude Haiku 4.5', 'haiku', { ...fourth, ...small, minCacheTokens: 4096 }),
  claude('claude-sonnet-4-5', 'Claude Sonnet 4.5', 'sonnet', { ...fourth, ...small }),
]

/** Self-hosted servers serve one model under one name. */
export const servedModel = 'qwen3-coder-30b'
export const openaiModels: readonly string[] =
  'gpt-6.1-sol gpt-6-astra gpt-5.6-sol gpt-5.5 gpt-5.4 gpt-5.4-mini gpt-5.2 gpt-5.1 gpt-5 gpt-5-mini gpt-5-nano gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini o3 o4-mini'.split(
    ' ',
  )

/** By its name, with or without a date behind it. */
export function findClaude(id: string): CatalogModel | undefined {
  return claudeModels.find(model => model.id === id.replace(/-\d{8}$/, ''))
}

function supported(value: boolean): { supported: boolean } {
  return { supported: value }
}

/** A model as `GET /v1/models/{id}` shows it. */
export function modelInfo(model: CatalogModel): Record<string, unknown> {
  const levels = Object.fromEntries(
    ['low', 'medium', 'high', 'xhigh', 'max'].map(level => [level, supported(model.effort)]),
  )
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
      effort: { supported: model.effort, ...levels },
      image_input: supported(true),
      pdf_input: supported(true),
      server_tools: { supported: true, code_execution: supported(true), web_search: supported(true) },
      structured_outputs: supported(true),
      thinking: { supported: true, types: Object.fromEntries(types) },
    },
  }
}
