import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { Conversation, Message, Part } from './conversation.ts'
import { type CatalogModel, findClaude } from './model-catalog.ts'
import type { PromptBlock } from './prompt-cache.ts'
import { countTokens } from './tokens.ts'

const CacheControl = z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()
const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
  cache_control: CacheControl,
})
type Block = z.infer<typeof Block>
const Content = z.union([z.string(), z.array(Block)])

export const MessagesRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int().min(0).optional(),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: Content })).min(1),
  system: Content.optional(),
  tools: z.array(z.looseObject({ name: z.string(), cache_control: CacheControl })).optional(),
  tool_choice: z.looseObject({ type: z.string() }).optional(),
  stream: z.boolean().optional(),
  thinking: z.looseObject({ type: z.enum(['adaptive', 'between_tools', 'disabled', 'enabled']) }).optional(),
  output_config: z.looseObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish() }).optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  cache_control: CacheControl,
})
export type MessagesRequest = z.infer<typeof MessagesRequest>

export function parseMessagesRequest(body: unknown): MessagesRequest {
  const parsed = MessagesRequest.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.join('.') || 'body'
  const missing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined')
  throw new ApiError(400, `${path}: ${missing ? 'Field required' : issue?.message}`)
}

/** The rules of the real service that a valid shape can still break. `strict` is Anthropic; self-hosted servers ask less. */
export function checkMessagesRequest(request: MessagesRequest, model: CatalogModel): void {
  if (request.max_tokens === undefined) throw new ApiError(400, 'max_tokens: Field required')
  if (request.max_tokens > model.maxOutputTokens) {
    throw new ApiError(
      400,
      `max_tokens: ${request.max_tokens} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`,
    )
  }
  for (const parameter of ['temperature', 'top_p', 'top_k'] as const) {
    if (request[parameter] !== undefined && !model.sampling)
      throw new ApiError(400, `${parameter}: Extra inputs are not permitted`)
  }
  if (request.messages.at(-1)?.role === 'assistant') {
    throw new ApiError(
      400,
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  const forced = request.tool_choice?.type === 'any' || request.tool_choice?.type === 'tool'
  if (forced && !model.forcedTools)
    throw new ApiError(400, `tool_choice.type: \`${request.tool_choice?.type}\` is not supported by ${model.id}`)
  const thinking = request.thinking?.type
  if (thinking && !model.thinking.includes(thinking)) {
    throw new ApiError(400, `thinking.type: \`${thinking}\` is not supported by ${model.id}`)
  }
  if (request.max_tokens === 0 && (request.stream || forced || thinking === 'enabled')) {
    throw new ApiError(400, 'max_tokens: 0 is not allowed with stream, forced tool_choice or enabled thinking')
  }
  if (request.output_config?.effort && !model.effort)
    throw new ApiError(400, 'This model does not support the effort parameter.')
  checkBlocks(request, model)
}

function checkBlocks(request: MessagesRequest, model: CatalogModel): void {
  const blocks = promptBlocks(request)
  if (blocks.filter(block => block.cache).length > 4) {
    throw new ApiError(400, 'A maximum of 4 blocks with cache_control may be provided.')
  }
  const tokens = blocks.reduce((sum, block) => sum + block.tokens, 0)
  if (tokens > model.maxInputTokens)
    throw new ApiError(400, `prompt is too long: ${tokens} tokens > ${model.maxInputTokens} maximum`)
  const known = new Set<string>()
  for (const [at, message] of request.messages.entries()) {
    for (const block of blocksOf(message.content)) {
      if (block.type === 'text' && block.text === '')
        throw new ApiError(400, 'messages: text content blocks must be non-empty')
      if (block.type === 'tool_use' && block.id) known.add(block.id)
      if (block.type === 'tool_result' && !known.has(block.tool_use_id ?? '')) {
        throw new ApiError(
          400,
          `messages.${at}: \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message: ${block.tool_use_id}`,
        )
      }
    }
  }
}

export function requireClaude(id: string): CatalogModel {
  const model = findClaude(id)
  if (!model) throw new ApiError(404, `model: ${id}`)
  return model
}

/** Tools, system, messages: the order in which the cache forms prefixes. */
export function promptBlocks(request: MessagesRequest): PromptBlock[] {
  const tools = (request.tools ?? []).map(tool => promptBlock('tool', tool, tool.cache_control))
  const system = blocksOf(request.system ?? []).map(block => promptBlock('system', block, block.cache_control))
  const messages = request.messages.flatMap(message =>
    blocksOf(message.content).map(block => promptBlock(message.role, block, block.cache_control)),
  )
  const blocks = [...tools, ...system, ...messages]
  const last = blocks.at(-1)
  if (request.cache_control && last) last.cache = request.cache_control.ttl ?? '5m'
  return blocks
}

function promptBlock(place: string, block: Record<string, unknown>, cache: z.infer<typeof CacheControl>): PromptBlock {
  const { cache_control: _, ...content } = block
  const identity = `${place} ${JSON.stringify(content)}`
  const text = typeof content.text === 'string' ? content.text : identity
  return { identity, tokens: countTokens(text), ...(cache ? { cache: cache.ttl ?? '5m' } : {}) }
}

export function toConversation(request: MessagesRequest): Conversation {
  return {
    model: request.model,
    system: blocksOf(request.system ?? [])
      .map(block => block.text ?? '')
      .join('\n'),
    messages: request.messages.map(
      (message): Message => ({
        role: message.role === 'assistant' ? 'assistant' : 'user',
        parts: blocksOf(message.content).flatMap(toPart),
      }),
    ),
    tools: (request.tools ?? []).map(tool => tool.name),
    maxTokens: request.max_tokens ?? 0,
  }
}

function blocksOf(content: z.infer<typeof Content>): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

function toPart(block: Block): Part[] {
  if (block.type === 'text') return [{ kind: 'text', text: block.text ?? '' }]
  if (block.type === 'tool_use')
    return [{ kind: 'tool-call', id: block.id ?? '', name: block.name ?? '', input: block.input }]
  if (block.type === 'tool_result')
    return [{ kind: 'tool-result', callId: block.tool_use_id ?? '', text: resultText(block.content) }]
  return []
}

function resultText(content: unknown): string {
  const parsed = Content.safeParse(content)
  return parsed.success
    ? blocksOf(parsed.data)
        .map(block => block.text ?? '')
        .join('\n')
    : ''
}
