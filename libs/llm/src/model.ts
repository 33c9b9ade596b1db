import type { Capabilities } from './capabilities.ts'

/** How hard a model thinks; ignored where it cannot be told. */
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** What a model said, in its server's own form, to be given back in the next call. Plain JSON, so that it can be stored. */
export interface AssistantTurn {
  provider: string
  content: JsonValue
}

export type Turn =
  | { role: 'user'; text: string }
  | { role: 'assistant'; turn: AssistantTurn }
  | { role: 'tools'; results: { id: string; text: string; failed?: boolean }[] }

export interface ToolDefinition {
  name: string
  description: string
  /** JSON Schema of an object. */
  inputSchema: { type: 'object'; [keyword: string]: unknown }
}

export interface ModelRequest {
  system: string
  /** The beginning that all variants of a run share, byte for byte: cached by the server where it can. */
  shared: string
  /** Begins with a user turn; after an assistant turn that called tools comes their tools turn. */
  turns: Turn[]
  /** For a cache hit the same in every call of a run: tools stand before everything else. */
  tools?: ToolDefinition[]
  maxOutputTokens: number
  effort?: Effort
  /** The deadline. */
  signal: AbortSignal
  /** Sent as a header; variant 0 is the planner, calls count from 1. */
  label: { runId: string; variant: number; call: number }
  /** Characters received so far, thinking included; called as they come. */
  onProgress?: (outputCharacters: number) => void
}

export interface ModelUsage {
  /** Paid in full: neither read from the cache nor written to it. */
  inputTokens: number
  /** Thinking included. */
  outputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
}

export interface ToolCall {
  id: string
  name: string
  /** As the model wrote it, to be checked; text when it was not even JSON. */
  input: unknown
}

export interface ModelAnswer {
  text: string
  toolCalls: ToolCall[]
  /**
   * Only `end` is a whole answer. `truncated` (at the limit of one answer) and `overfull` (prompt and answer reached what the
   * model can hold) must never be applied.
   */
  stop: 'end' | 'truncated' | 'overfull' | 'refused' | 'tools'
  /** Why it refused, as far as it says. */
  refusal?: string
  usage: ModelUsage
  /** Undefined when no price is known. */
  costUsd: number | undefined
  /** The model that answered, by its server's account. */
  model: string
  assistantTurn: AssistantTurn
}

/** A language model that answers with a text or with calls of read-only tools. */
export interface Model {
  name: string
  provider: 'anthropic' | 'openai-chat'
  /** What Throttled errors of this model name. */
  gate: string
  capabilities: Capabilities
  /** US dollars for so much; undefined when no price is known. */
  costOf(usage: ModelUsage): number | undefined
  /**
   * Asks once, without retry. Throws Rejected (never ask again so), Throttled (not before then), or a plain Error when
   * asking again may help: server errors, broken streams, network, the signal.
   */
  generate(request: ModelRequest): Promise<ModelAnswer>
  /** Finds the model's name known and the key good. Throws as generate does. */
  probe(signal: AbortSignal): Promise<void>
}
