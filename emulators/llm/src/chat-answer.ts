import { type Answer, outputTokens } from './anthropic-answer.ts'
import type { Flavour } from './chat-request.ts'
import type { StopReason } from './script.ts'
import { countTokens } from './tokens.ts'
import { type Frame, pieces } from './wire.ts'

type Json = Record<string, unknown>

const finishReasons: Record<StopReason, string> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

export interface ChatAnswer extends Answer {
  flavour: Flavour
  /** Seconds since 1970. */
  created: number
}

function usage(answer: ChatAnswer): Json {
  const { use, utterance } = answer
  const prompt = use.inputTokens + use.readTokens + use.write5mTokens + use.write1hTokens
  const completion = outputTokens(answer)
  const counts = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
  if (answer.flavour === 'tgi') return counts
  if (answer.flavour === 'vllm') return { ...counts, prompt_tokens_details: null }
  return {
    ...counts,
    // Only whole blocks of 128 tokens count as cached there.
    prompt_tokens_details: { cached_tokens: Math.floor(use.readTokens / 128) * 128, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: countTokens(utterance.thinking ?? ''), audio_tokens: 0 },
  }
}

function toolCalls(
  answer: ChatAnswer,
): { id: string; type: 'function'; function: { name: string; arguments: string } }[] {
  if (answer.stop !== 'tool_use') return []
  return answer.utterance.toolCalls.map((call, index) => ({
    id:
      answer.flavour === 'tgi'
        ? String(index)
        : `${answer.flavour === 'vllm' ? 'chatcmpl-tool-' : 'call_'}${answer.id.slice(4)}${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  }))
}

function envelope(answer: ChatAnswer, object: string): Json {
  const rest =
    answer.flavour === 'vllm' ? {} : { system_fingerprint: answer.flavour === 'tgi' ? '3.3.6-native' : 'fp_0d5a7e' }
  const id = answer.flavour === 'tgi' ? '' : `chatcmpl-${answer.id.slice(4)}`
  return { id, object, created: answer.created, model: answer.model, ...rest }
}

function refusalOf(answer: ChatAnswer): string | null {
  return answer.stop === 'refusal' && answer.flavour === 'openai' ? "I'm sorry, but I can't help with that." : null
}

/** The whole answer as one JSON object. */
export function completionBody(answer: ChatAnswer): Json {
  const calls = toolCalls(answer)
  const message = {
    role: 'assistant',
    content: answer.utterance.text === '' && calls.length > 0 ? null : answer.utterance.text,
    ...(answer.flavour === 'openai' ? { refusal: refusalOf(answer), annotations: [] } : {}),
    ...(answer.flavour === 'vllm' ? { reasoning_content: answer.utterance.thinking ?? null } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishReasons[answer.stop] }
  return { ...envelope(answer, 'chat.completion'), choices: [choice], usage: usage(answer) }
}

/** The answer as server-sent events, ended by `[DONE]`. */
export function* completionEvents(
  answer: ChatAnswer,
  options: { errorEventAfter: number | undefined; endless: boolean; includeUsage: boolean },
): Generator<Frame> {
  const lead = answer.flavour === 'tgi' ? 'data:' : 'data: '
  let count = 0
  for (const { data, tokens } of chunks(answer, options)) {
    if (options.errorEventAfter !== undefined && count++ >= options.errorEventAfter) {
      const body = chatErrorBody(answer.flavour, 503, 'The server is overloaded', undefined)
      yield { text: `${lead}${JSON.stringify(body)}\n\n`, tokens: 0 }
      return
    }
    yield { text: `${lead}${JSON.stringify(data)}\n\n`, tokens }
  }
  yield { text: `${lead}[DONE]\n\n`, tokens: 0 }
}

function* chunks(
  answer: ChatAnswer,
  options: { endless: boolean; includeUsage: boolean },
): Generator<{ data: Json; tokens: number }> {
  const withNull = options.includeUsage && answer.flavour === 'openai' ? { usage: null } : {}
  const chunk = (delta: Json, finish: string | null, tokens = 0) => ({
    data: {
      ...envelope(answer, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...withNull,
    },
    tokens,
  })
  yield chunk({ role: 'assistant', content: '', ...(answer.flavour === 'openai' ? { refusal: null } : {}) }, null)
  if (answer.flavour === 'vllm') {
    for (const text of pieces(answer.utterance.thinking ?? '', 32))
      yield chunk({ reasoning_content: text }, null, countTokens(text))
  }
  do {
    for (const text of pieces(answer.utterance.text, 32)) yield chunk({ content: text }, null, countTokens(text))
  } while (options.endless)
  const refusal = refusalOf(answer)
  if (refusal) yield chunk({ refusal }, null)
  for (const [index, call] of toolCalls(answer).entries()) {
    yield chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] }, null)
    for (const text of pieces(call.function.arguments, 16)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: text } }] }, null, countTokens(text))
    }
  }
  yield chunk({}, finishReasons[answer.stop])
  if (options.includeUsage) {
    yield { data: { ...envelope(answer, 'chat.completion.chunk'), choices: [], usage: usage(answer) }, tokens: 0 }
  }
}

const openaiTypes: Record<number, string> = {
  401: 'invalid_request_error',
  404: 'invalid_request_error',
  429: 'requests',
}
const vllmTypes: Record<number, string> = {
  400: 'BadRequestError',
  401: 'Unauthorized',
  404: 'NotFoundError',
  503: 'ServiceUnavailableError',
}

export function chatErrorBody(flavour: Flavour, status: number, message: string, errorCode: string | undefined): Json {
  if (flavour === 'tgi')
    return { error: message, error_type: status === 429 ? 'overloaded' : status === 422 ? 'validation' : 'generation' }
  if (flavour === 'vllm')
    return { error: { message, type: vllmTypes[status] ?? 'InternalServerError', param: null, code: status } }
  const code =
    errorCode ?? { 401: 'invalid_api_key', 404: 'model_not_found', 429: 'rate_limit_exceeded' }[status] ?? null
  const type =
    errorCode === 'insufficient_quota'
      ? errorCode
      : (openaiTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'))
  return { error: { message, type, param: null, code } }
}
