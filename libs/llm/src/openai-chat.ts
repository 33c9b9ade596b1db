import OpenAI from 'openai'
import type { Capabilities } from './capabilities.ts'
import { type ChatCollector, collectChat } from './chat-collector.ts'
import type { AssistantTurn, Model, ModelAnswer, ModelRequest, ModelUsage, Turn } from './model.ts'
import { gateOf, type ModelConfig } from './model-config.ts'
import { type Failure, toModelError } from './model-errors.ts'
import { costOf } from './prices.ts'

/** OpenAI chat completions: OpenAI itself, TGI, vLLM, gateways. */
export function openaiChatModel(config: ModelConfig, capabilities: Capabilities): Model {
  const client = new OpenAI({
    apiKey: config.apiKey || 'none',
    baseURL: config.baseUrl ?? 'https://api.openai.com/v1',
    // Otherwise the SDK takes these from the environment.
    organization: null,
    project: null,
    maxRetries: 0,
    // The key goes with its header wherever a redirect leads.
    fetchOptions: { redirect: 'error' },
  })
  const failed = (error: unknown, signal: AbortSignal) => toModelError(failureOf(error), config, signal)
  return {
    name: config.model,
    provider: 'openai-chat',
    gate: gateOf(config),
    capabilities,
    costOf: usage => costOf(config.model, usage, config.prices),
    async generate(request) {
      try {
        const { label, signal } = request
        const headers = { 'x-client-request-id': `${label.runId}/${label.variant}/${label.call}` }
        const chunks = await client.chat.completions.create(requestBody(request, config, capabilities), {
          headers,
          signal,
        })
        return answerOf(await collectChat(chunks, request.onProgress), config)
      } catch (error) {
        throw failed(error, request.signal)
      }
    },
    async probe(signal) {
      try {
        await client.models.retrieve(config.model, { signal })
      } catch (error) {
        if (!(error instanceof OpenAI.APIError && (error.status === 404 || error.status === 405)))
          throw failed(error, signal)
        const body = {
          model: config.model,
          messages: [{ role: 'user' as const, content: 'Hi' }],
          [capabilities.outputLimit]: 16,
        }
        await client.chat.completions.create(body, { signal }).catch(reason => {
          throw failed(reason, signal)
        })
      }
    },
  }
}

function requestBody(
  request: ModelRequest,
  config: ModelConfig,
  can: Capabilities,
): OpenAI.ChatCompletionCreateParamsStreaming {
  const effort = request.effort ?? config.effort
  const [first, ...rest] = request.turns
  const opening = first?.role === 'user' ? `${request.shared}\n${first.text}` : request.shared
  return {
    model: config.model,
    messages: [
      { role: 'system', content: request.system },
      { role: 'user', content: opening },
      ...rest.flatMap(toMessages),
    ],
    stream: true,
    stream_options: { include_usage: true },
    [can.outputLimit]: Math.min(request.maxOutputTokens, can.maxOutputTokens),
    ...(request.tools && can.tools
      ? {
          tools: request.tools.map(tool => ({
            type: 'function' as const,
            function: { name: tool.name, description: tool.description, parameters: tool.inputSchema },
          })),
        }
      : {}),
    ...(effort && can.effort ? { reasoning_effort: effort } : {}),
    ...(config.temperature === undefined || !can.temperature ? {} : { temperature: config.temperature }),
  }
}

function toMessages(turn: Turn): OpenAI.ChatCompletionMessageParam[] {
  if (turn.role === 'user') return [{ role: 'user', content: turn.text }]
  if (turn.role === 'assistant') return [ownMessage(turn.turn)]
  return turn.results.map(result => ({
    role: 'tool',
    tool_call_id: result.id,
    content: result.failed ? `Error: ${result.text}` : result.text,
  }))
}

function ownMessage(turn: AssistantTurn): OpenAI.ChatCompletionAssistantMessageParam {
  if (turn.provider !== 'openai-chat') throw new Error(`an answer of ${turn.provider} cannot be continued here`)
  // What answerOf stored.
  return turn.content as unknown as OpenAI.ChatCompletionAssistantMessageParam
}

const stops: Record<string, ModelAnswer['stop']> = {
  length: 'truncated',
  content_filter: 'refused',
  tool_calls: 'tools',
  function_call: 'tools',
}

function answerOf(chat: ChatCollector, config: ModelConfig): ModelAnswer {
  const usage = usageOf(chat.usage)
  const toolCalls = chat.toolCalls.map(call => ({
    id: call.id,
    name: call.function.name,
    input: parsed(call.function.arguments),
  }))
  const stop = stops[chat.finishReason] ?? (chat.refusal ? 'refused' : toolCalls.length > 0 ? 'tools' : 'end')
  return {
    text: chat.text,
    toolCalls: stop === 'tools' ? toolCalls : [],
    stop,
    ...(chat.refusal ? { refusal: chat.refusal } : {}),
    usage,
    costUsd: costOf(chat.model, usage, config.prices) ?? costOf(config.model, usage, config.prices),
    model: chat.model,
    assistantTurn: {
      provider: 'openai-chat',
      content: {
        role: 'assistant',
        content: chat.text === '' ? null : chat.text,
        ...(chat.toolCalls.length > 0 ? { tool_calls: chat.toolCalls } : {}),
      },
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    // The tool's own check tells the model what it wrote.
    return text
  }
}

function usageOf(usage: OpenAI.CompletionUsage | undefined): ModelUsage {
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0
  return {
    inputTokens: Math.max(0, (usage?.prompt_tokens ?? 0) - cached),
    outputTokens: usage?.completion_tokens ?? 0,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
  }
}

function failureOf(error: unknown): Failure {
  const explanation = error instanceof Error ? error.message : String(error)
  if (!(error instanceof OpenAI.APIError)) {
    return { status: undefined, unreached: false, codes: [], explanation, headers: undefined, cause: error }
  }
  return {
    status: error.status,
    unreached: error instanceof OpenAI.APIConnectionError,
    codes: [error.code, error.type],
    explanation: explanation.replace(/^\d+ /, ''),
    headers: error.headers,
    cause: error,
  }
}
