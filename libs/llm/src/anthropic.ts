import Anthropic from '@anthropic-ai/sdk'
import type { Capabilities } from './capabilities.ts'
import type { AssistantTurn, JsonValue, Model, ModelAnswer, ModelRequest, ModelUsage, Turn } from './model.ts'
import { gateOf, type ModelConfig } from './model-config.ts'
import { type Failure, toModelError } from './model-errors.ts'
import { costOf } from './prices.ts'

const cacheHere = { cache_control: { type: 'ephemeral' } } as const

/** Anthropic Messages, from Anthropic or from anything that serves them by base URL. */
export function anthropicModel(config: ModelConfig, capabilities: Capabilities): Model {
  const client = new Anthropic({
    // An absent key would make the SDK read profiles from the disk; servers without keys ignore this one.
    apiKey: config.apiKey || 'none',
    baseURL: config.baseUrl ?? 'https://api.anthropic.com',
    // A retry is a new bill: the queue decides.
    maxRetries: 0,
    // The key goes with its header wherever a redirect leads.
    fetchOptions: { redirect: 'error' },
  })
  const failed = (error: unknown, signal: AbortSignal) => toModelError(failureOf(error), config, signal)
  return {
    name: config.model,
    provider: 'anthropic',
    gate: gateOf(config),
    capabilities,
    costOf: usage => costOf(config.model, usage, config.prices),
    async generate(request) {
      try {
        const message = await stream(client, requestBody(request, config, capabilities), request)
        return answerOf(message, config)
      } catch (error) {
        throw failed(error, request.signal)
      }
    },
    async probe(signal) {
      try {
        await client.models.retrieve(config.model, {}, { signal })
      } catch (error) {
        if (!isUnlisted(error)) throw failed(error, signal)
        await ping(client, config, signal).catch(reason => {
          throw failed(reason, signal)
        })
      }
    },
  }
}

/** Self-hosted servers often lack the list of models: then only asking tells. */
function isUnlisted(error: unknown): boolean {
  return error instanceof Anthropic.APIError && (error.status === 404 || error.status === 405 || error.status === 501)
}

async function ping(client: Anthropic, config: ModelConfig, signal: AbortSignal): Promise<void> {
  await client.messages.create(
    { model: config.model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] },
    { signal },
  )
}

async function stream(
  client: Anthropic,
  body: Anthropic.MessageStreamParams,
  { label, signal, onProgress }: ModelRequest,
): Promise<Anthropic.Message> {
  const headers = { 'x-client-request-id': `${label.runId}/${label.variant}/${label.call}` }
  const messages = client.messages.stream(body, { headers, signal })
  let characters = 0
  const count = (delta: string) => {
    characters += delta.length
    onProgress?.(characters)
  }
  messages.on('text', count).on('thinking', count).on('inputJson', count)
  const message = await messages.finalMessage()
  if (message.stop_reason === null) throw new Error('the answer ended without saying why')
  return message
}

function requestBody(request: ModelRequest, config: ModelConfig, can: Capabilities): Anthropic.MessageStreamParams {
  const breakpoint = can.caching ? cacheHere : {}
  const effort = request.effort ?? config.effort
  const messages = request.turns.map(toMessage)
  const shared: Anthropic.TextBlockParam = { type: 'text', text: request.shared, ...breakpoint }
  const first = messages[0]
  if (first && Array.isArray(first.content)) first.content.unshift(shared)
  // From the second call on the conversation itself is worth caching.
  const last = messages.length > 1 ? messages.at(-1)?.content.at(-1) : undefined
  if (can.caching && typeof last === 'object' && (last.type === 'text' || last.type === 'tool_result'))
    Object.assign(last, cacheHere)
  return {
    model: config.model,
    max_tokens: Math.min(request.maxOutputTokens, can.maxOutputTokens),
    system: [{ type: 'text', text: request.system, ...breakpoint }],
    messages,
    ...(request.tools && can.tools
      ? {
          tools: request.tools.map(tool => ({
            name: tool.name,
            description: tool.description,
            input_schema: tool.inputSchema,
          })),
        }
      : {}),
    ...(effort && can.effort ? { output_config: { effort } } : {}),
    ...(config.thinking === false && can.thinkingOff ? { thinking: { type: can.thinkingOff } } : {}),
    // Gone from the types since Claude takes none; servers of other models do.
    ...(config.temperature === undefined || !can.temperature ? {} : { temperature: config.temperature }),
  }
}

function toMessage(turn: Turn): Anthropic.MessageParam {
  if (turn.role === 'user') return { role: 'user', content: [{ type: 'text', text: turn.text }] }
  if (turn.role === 'assistant') return { role: 'assistant', content: ownContent(turn.turn) }
  return {
    role: 'user',
    content: turn.results.map(result => ({
      type: 'tool_result',
      tool_use_id: result.id,
      content: result.text,
      ...(result.failed ? { is_error: true } : {}),
    })),
  }
}

function ownContent(turn: AssistantTurn): Anthropic.ContentBlockParam[] {
  if (turn.provider !== 'anthropic') throw new Error(`an answer of ${turn.provider} cannot be continued here`)
  // What answerOf stored: the blocks exactly as the server sent them, signatures included.
  return turn.content as unknown as Anthropic.ContentBlockParam[]
}

const stops: Partial<Record<Anthropic.StopReason, ModelAnswer['stop']>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  tool_use: 'tools',
  refusal: 'refused',
  model_context_window_exceeded: 'overfull',
}

function answerOf(message: Anthropic.Message, config: ModelConfig): ModelAnswer {
  const usage = usageOf(message.usage)
  const texts = message.content.flatMap(block => (block.type === 'text' ? [block.text] : []))
  const toolCalls = message.content.flatMap(block =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
  )
  const details = message.stop_details
  const refusal = details ? (details.explanation ?? details.category) : null
  return {
    text: texts.join(''),
    toolCalls,
    stop: (message.stop_reason && stops[message.stop_reason]) ?? 'truncated',
    ...(refusal ? { refusal } : {}),
    usage,
    costUsd: costOf(message.model, usage, config.prices) ?? costOf(config.model, usage, config.prices),
    model: message.model,
    assistantTurn: { provider: 'anthropic', content: JSON.parse(JSON.stringify(message.content)) satisfies JsonValue },
  }
}

/** Self-hosted servers leave counters out. */
function usageOf(usage: Partial<Anthropic.Usage>): ModelUsage {
  return {
    inputTokens: usage.input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Anthropic.APIError)) {
    const explanation = error instanceof Error ? error.message : String(error)
    return { status: undefined, unreached: false, codes: [], explanation, headers: undefined, cause: error }
  }
  return {
    status: error.status,
    unreached: error instanceof Anthropic.APIConnectionError,
    codes: [error.type, error.errorCode],
    explanation: error.apiMessage ?? undefined,
    headers: error.headers,
    cause: error,
  }
}
