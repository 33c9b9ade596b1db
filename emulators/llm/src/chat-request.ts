import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { Conversation, Message, Part } from './conversation.ts'
import type { PromptBlock } from './prompt-cache.ts'
import { countTokens } from './tokens.ts'
import { pieces } from './wire.ts'

/** Whose server the answers look like: OpenAI's own, vLLM's or Text Generation Inference's. */
export type Flavour = 'openai' | 'vllm' | 'tgi'

const Content = z
  .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
  .nullish()

const ChatMessage = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: Content,
  tool_calls: z
    .array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
  tool_call_id: z.string().optional(),
})
type ChatMessage = z.infer<typeof ChatMessage>

export const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(ChatMessage).min(1),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

export function parseChatRequest(body: unknown, flavour: Flavour): ChatRequest {
  const parsed = ChatRequest.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ApiError(flavour === 'tgi' ? 422 : 400, `${issue?.path.join('.')}: ${issue?.message}`)
}

export function chatConversation(request: ChatRequest): Conversation {
  const isSystem = (message: ChatMessage) => message.role === 'system' || message.role === 'developer'
  return {
    model: request.model,
    system: request.messages
      .filter(isSystem)
      .map(message => textOf(message.content))
      .join('\n'),
    messages: request.messages.filter(message => !isSystem(message)).map(toMessage),
    tools: (request.tools ?? []).map(tool => tool.function.name),
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? 16_384,
  }
}

/** OpenAI caches prefixes by itself, in steps of 128 tokens. */
export function chatBlocks(request: ChatRequest): PromptBlock[] {
  const tools = JSON.stringify(request.tools ?? [])
  const messages = request.messages.map(message => `${message.role} ${textOf(message.content)}`)
  return pieces([tools, ...messages].join('\n'), 512).map(identity => ({
    identity,
    tokens: countTokens(identity),
    cache: '5m',
  }))
}

function partsOf(content: z.infer<typeof Content>): string[] {
  if (!content) return []
  return typeof content === 'string' ? [content] : content.map(part => part.text ?? '')
}

function textOf(content: z.infer<typeof Content>): string {
  return partsOf(content).join('\n')
}

function toMessage(message: ChatMessage): Message {
  if (message.role === 'tool') {
    return {
      role: 'user',
      parts: [{ kind: 'tool-result', callId: message.tool_call_id ?? '', text: textOf(message.content) }],
    }
  }
  const texts = partsOf(message.content).map((text): Part => ({ kind: 'text', text }))
  const calls = (message.tool_calls ?? []).map(
    (call): Part => ({
      kind: 'tool-call',
      id: call.id,
      name: call.function.name,
      input: parseArguments(call.function.arguments),
    }),
  )
  return { role: message.role === 'assistant' ? 'assistant' : 'user', parts: [...texts, ...calls] }
}

function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ApiError(400, `messages: tool call arguments are not JSON: ${String(cause)}`)
  }
}
