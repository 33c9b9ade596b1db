import type { Utterance } from './conversation.ts'
import type { CacheUse } from './prompt-cache.ts'
import type { StopReason } from './script.ts'
import { countTokens } from './tokens.ts'
import { type Frame, pieces } from './wire.ts'

export interface Answer {
  id: string
  model: string
  utterance: Utterance
  stop: StopReason
  use: CacheUse
  /** No more than the protocol needs. */
  isPlain?: boolean
}

type Json = Record<string, unknown>

type Block =
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'text'; text: string; citations: null }
  | { type: 'tool_use'; id: string; name: string; input: Json; caller: { type: 'direct' } }

function contentBlocks({ id, utterance, stop }: Answer): Block[] {
  const { thinking, text } = utterance
  const signature = Buffer.from(`signature of ${id}`).toString('base64')
  const calls = stop === 'tool_use' ? utterance.toolCalls : []
  return [
    ...(thinking === undefined ? [] : [{ type: 'thinking' as const, thinking, signature }]),
    ...(text === '' ? [] : [{ type: 'text' as const, text, citations: null }]),
    ...calls.map(
      ({ name, input }, index): Block => ({
        type: 'tool_use',
        id: `toolu_${id.slice(4)}${index}`,
        name,
        input,
        caller: { type: 'direct' },
      }),
    ),
  ]
}

function thinkingTokens(answer: Answer): number {
  return countTokens(answer.utterance.thinking ?? '')
}

export function outputTokens(answer: Answer): number {
  return contentBlocks(answer).reduce((sum, block) => sum + countTokens(writtenText(block)), 0)
}

function writtenText(block: Block): string {
  if (block.type === 'thinking') return block.thinking
  return block.type === 'text' ? block.text : JSON.stringify(block.input)
}

function usage(answer: Answer, output: number): Json {
  const { use, isPlain } = answer
  if (isPlain) return { input_tokens: use.inputTokens, output_tokens: output }
  return {
    input_tokens: use.inputTokens,
    cache_creation_input_tokens: use.write5mTokens + use.write1hTokens,
    cache_read_input_tokens: use.readTokens,
    cache_creation: { ephemeral_5m_input_tokens: use.write5mTokens, ephemeral_1h_input_tokens: use.write1hTokens },
    output_tokens: output,
    output_tokens_details: { thinking_tokens: output === 0 ? 0 : thinkingTokens(answer) },
    server_tool_use: null,
    service_tier: 'standard',
    speed: 'standard',
    inference_geo: 'global',
  }
}

function stopDetails(stop: StopReason): Json | null {
  if (stop !== 'refusal') return null
  return { type: 'refusal', category: 'cyber', explanation: 'The request was declined by a safety policy.' }
}

/** The whole answer as one JSON object. */
export function messageBody(answer: Answer): Json {
  const { id, model, stop, isPlain } = answer
  return {
    ...{ id, type: 'message', role: 'assistant', model },
    content: contentBlocks(answer),
    stop_reason: stop,
    usage: usage(answer, outputTokens(answer)),
    ...(isPlain ? {} : { container: null, diagnostics: null, stop_sequence: null, stop_details: stopDetails(stop) }),
  }
}

function event(data: Json & { type: string }, tokens = 0): Frame {
  return { text: `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`, tokens }
}

/** The answer as server-sent events in the order of the real service. */
export function* messageEvents(
  answer: Answer,
  options: { errorEventAfter?: number | undefined; endless: boolean },
): Generator<Frame> {
  let count = 0
  for (const frame of eventsOf(answer, options.endless)) {
    if (options.errorEventAfter !== undefined && count++ >= options.errorEventAfter) {
      yield event({
        type: 'error',
        error: { type: 'overloaded_error', message: 'Overloaded' },
        request_id: `req_${answer.id.slice(4)}`,
      })
      return
    }
    yield frame
  }
}

function* eventsOf(answer: Answer, endless: boolean): Generator<Frame> {
  const { stop_reason: _, stop_details, ...body } = messageBody(answer)
  const ends = answer.isPlain ? {} : { stop_reason: null, stop_details: null }
  const start = { ...body, ...ends, content: [], usage: usage(answer, 1) }
  yield event({ type: 'message_start', message: start })
  for (const [index, block] of contentBlocks(answer).entries()) {
    yield event({ type: 'content_block_start', index, content_block: emptied(block) })
    if (index === 0) yield event({ type: 'ping' })
    yield* deltas(block, index, endless)
    yield event({ type: 'content_block_stop', index })
  }
  const { stop_sequence, container } = body
  yield event({
    type: 'message_delta',
    // JSON leaves out what is undefined, as plain servers do.
    delta: { stop_reason: answer.stop, stop_sequence, stop_details, container },
    usage: usage(answer, outputTokens(answer)),
  })
  yield event({ type: 'message_stop' })
}

function emptied(block: Block): Block {
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' }
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
}

function* deltas(block: Block, index: number, endless: boolean): Generator<Frame> {
  const delta = (value: Json, text: string) =>
    event({ type: 'content_block_delta', index, delta: value }, countTokens(text))
  if (block.type === 'thinking') {
    for (const thinking of pieces(block.thinking, 32)) yield delta({ type: 'thinking_delta', thinking }, thinking)
    yield delta({ type: 'signature_delta', signature: block.signature }, '')
  } else if (block.type === 'text') {
    do {
      for (const text of pieces(block.text, 32)) yield delta({ type: 'text_delta', text }, text)
    } while (endless)
  } else {
    yield delta({ type: 'input_json_delta', partial_json: '' }, '')
    for (const part of pieces(JSON.stringify(block.input), 16))
      yield delta({ type: 'input_json_delta', partial_json: part }, part)
  }
}

const errorTypes: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

export function anthropicErrorBody(status: number, message: string, errorCode: string | undefined, requestId: string) {
  const type = errorTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error')
  return {
    type: 'error',
    error: { type, message, ...(errorCode ? { details: { error_code: errorCode } } : {}) },
    request_id: requestId,
  }
}
