import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { outputTokens } from './anthropic-answer.ts'
import { writeHead } from './anthropic-routes.ts'
import { ApiError, sendErrorBody, toApiError } from './api-error.ts'
import { type ChatAnswer, chatErrorBody, completionBody, completionEvents } from './chat-answer.ts'
import { type ChatRequest, chatBlocks, chatConversation, type Flavour, parseChatRequest } from './chat-request.ts'
import { type Credentials, header } from './credentials.ts'
import { openaiModels, servedModel } from './model-catalog.ts'
import type { CacheUse } from './prompt-cache.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Stage } from './stage.ts'
import type { Frame } from './wire.ts'

export interface ChatRoutesOptions {
  stage: Stage
  credentials: Credentials
  rateLimit: RateLimit
  flavour: Flavour
}

/** OpenAI chat completions in one of three servers' shapes. */
export function chatRoutes(app: FastifyInstance, options: ChatRoutesOptions): void {
  app.setErrorHandler((error, _request, reply) => sendChatError(reply, options.flavour, error))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', `req_${randomBytes(12).toString('hex')}`)
    options.credentials.check(request)
  })
  app.post('/chat/completions', (request, reply) => answerChat(request, reply, options))
}

export function chatModelList(flavour: Flavour): Record<string, unknown> {
  const ids = flavour === 'openai' ? openaiModels : [servedModel]
  return { object: 'list', data: ids.map(id => chatModel(id, flavour)) }
}

export function chatModel(id: string, flavour: Flavour): Record<string, unknown> {
  requireModel(id, flavour)
  const rest = flavour === 'vllm' ? { root: id, parent: null, max_model_len: 131_072 } : {}
  return { id, object: 'model', created: 1_790_000_000, owned_by: flavour, ...rest }
}

export function sendChatError(reply: FastifyReply, flavour: Flavour, error: unknown): void {
  const known = toApiError(error)
  sendErrorBody(reply, known, chatErrorBody(flavour, known.status, known.message, known.errorCode))
}

function requireModel(id: string, flavour: Flavour): void {
  if (flavour === 'openai' && !openaiModels.includes(id)) {
    throw new ApiError(404, `The model \`${id}\` does not exist or you do not have access to it.`)
  }
  if (flavour === 'vllm' && id !== servedModel) throw new ApiError(404, `The model \`${id}\` does not exist.`)
  // TGI answers whatever it serves, by any name.
}

async function answerChat(
  request: FastifyRequest,
  reply: FastifyReply,
  { stage, credentials, rateLimit, flavour }: ChatRoutesOptions,
): Promise<void> {
  const parsed = parseChatRequest(request.body, flavour)
  requireModel(parsed.model, flavour)
  if (flavour === 'openai' && parsed.max_tokens && !/^gpt-4/.test(parsed.model)) {
    throw new ApiError(
      400,
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { errorCode: 'unsupported_parameter' },
    )
  }
  const use = stage.cache.use(`${flavour} ${credentials.nameOf(request)} ${parsed.model}`, chatBlocks(parsed), 1024)
  if (flavour === 'openai')
    reply.headers(rateLimit.take(credentials.nameOf(request), { style: 'openai', inputTokens: use.inputTokens }))
  const performance = await stage.open(
    {
      protocol: 'chat',
      path: request.url,
      conversation: chatConversation(parsed),
      requestId: header(request, 'x-client-request-id'),
      body: request.body,
    },
    reply.raw,
  )
  const { record, reply: scripted } = performance
  const { thinking: _, ...plain } = performance.utterance
  const answer: ChatAnswer = {
    id: `msg_${randomBytes(12).toString('hex')}`,
    model: flavour === 'tgi' ? servedModel : parsed.model,
    flavour,
    created: Math.floor(stage.clock() / 1000),
    utterance: flavour === 'tgi' ? plain : performance.utterance,
    stop: performance.stop,
    use,
  }
  record.usage = {
    inputTokens: use.inputTokens + use.write5mTokens,
    outputTokens: outputTokens(answer),
    cacheReadTokens: use.readTokens,
    cacheWriteTokens: 0,
  }
  reply.headers(scripted.headers)
  reply.hijack()
  await sendCompletion(reply, stage, { performance, answer, request: parsed, use })
}

async function sendCompletion(
  reply: FastifyReply,
  stage: Stage,
  parts: { performance: Awaited<ReturnType<Stage['open']>>; answer: ChatAnswer; request: ChatRequest; use: CacheUse },
): Promise<void> {
  const { performance, answer, request, use } = parts
  const { errorEventAfter, endless, status } = performance.reply
  const includeUsage = request.stream_options?.include_usage === true
  const frames: Iterable<Frame> = request.stream
    ? completionEvents(answer, { errorEventAfter, endless, includeUsage })
    : [{ text: JSON.stringify(completionBody(answer)), tokens: outputTokens(answer) }]
  writeHead(reply, request.stream === true, status, frames)
  await stage.send(performance, reply.raw, frames, use.commit)
}
