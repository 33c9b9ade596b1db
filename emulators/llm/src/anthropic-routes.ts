import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, anthropicErrorBody, messageBody, messageEvents, outputTokens } from './anthropic-answer.ts'
import {
  checkMessagesRequest,
  type MessagesRequest,
  parseMessagesRequest,
  promptBlocks,
  requireClaude,
  toConversation,
} from './anthropic-request.ts'
import { ApiError, sendErrorBody, toApiError } from './api-error.ts'
import { type Credentials, header } from './credentials.ts'
import { claudeModels, modelInfo, servedModel } from './model-catalog.ts'
import { type CacheUse, createPromptCache } from './prompt-cache.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Performance, Stage } from './stage.ts'
import type { Frame } from './wire.ts'

export interface AnthropicRoutesOptions {
  stage: Stage
  credentials: Credentials
  rateLimit: RateLimit
  /** `vllm` serves the same messages for one model without cache, thinking rules or rate limits. */
  flavour: 'anthropic' | 'vllm'
}

/** Anthropic Messages: messages, count_tokens, models. */
export function anthropicRoutes(app: FastifyInstance, options: AnthropicRoutesOptions): void {
  const { credentials, flavour } = options
  app.setErrorHandler((error, _request, reply) => sendAnthropicError(reply, error))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', `req_${randomBytes(12).toString('hex')}`)
    credentials.check(request)
    if (flavour === 'anthropic' && !header(request, 'anthropic-version'))
      throw new ApiError(400, 'anthropic-version: header is required')
  })
  app.post('/messages', (request, reply) => answerMessages(request, reply, options))
  app.post('/messages/count_tokens', async request => {
    const parsed = parseMessagesRequest(request.body)
    requireModel(parsed.model, flavour)
    return { input_tokens: promptBlocks(parsed).reduce((sum, block) => sum + block.tokens, 0) }
  })
}

/** The model list as Anthropic shapes it; OpenAI's lies at the same address. */
export function anthropicModelList(): Record<string, unknown> {
  const data = claudeModels.map(modelInfo)
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

export function anthropicModel(id: string): Record<string, unknown> {
  return modelInfo(requireClaude(id))
}

function requireModel(id: string, flavour: AnthropicRoutesOptions['flavour']): void {
  if (flavour === 'anthropic') requireClaude(id)
  else if (id !== servedModel) throw new ApiError(404, `The model \`${id}\` does not exist.`)
}

async function answerMessages(
  request: FastifyRequest,
  reply: FastifyReply,
  options: AnthropicRoutesOptions,
): Promise<void> {
  const { stage, credentials, rateLimit, flavour } = options
  const parsed = parseMessagesRequest(request.body)
  requireModel(parsed.model, flavour)
  if (flavour === 'anthropic') checkMessagesRequest(parsed, requireClaude(parsed.model))
  else if (!parsed.max_tokens) throw new ApiError(400, 'max_tokens must be greater than 0')
  const use = useOf(parsed, options, credentials.nameOf(request))
  if (flavour === 'anthropic')
    reply.headers(
      rateLimit.take(credentials.nameOf(request), {
        style: 'anthropic',
        inputTokens: use.inputTokens + use.write5mTokens + use.write1hTokens,
      }),
    )
  const performance = await stage.open(
    {
      protocol: 'anthropic',
      path: request.url,
      conversation: toConversation(parsed),
      requestId: header(request, 'x-client-request-id'),
      body: request.body,
    },
    reply.raw,
  )
  await sendAnswer(reply, stage, performance, parsed, use, flavour)
}

function useOf(request: MessagesRequest, { stage, flavour }: AnthropicRoutesOptions, credential: string): CacheUse {
  const blocks = promptBlocks(request)
  if (flavour === 'vllm')
    return createPromptCache(stage.clock).use(
      '',
      blocks.map(({ cache: _, ...block }) => block),
      0,
    )
  return stage.cache.use(`${credential} ${request.model}`, blocks, requireClaude(request.model).minCacheTokens)
}

async function sendAnswer(
  reply: FastifyReply,
  stage: Stage,
  performance: Performance,
  request: MessagesRequest,
  use: CacheUse,
  flavour: 'anthropic' | 'vllm',
): Promise<void> {
  const silent =
    request.thinking?.type === 'disabled' || request.thinking?.type === 'between_tools' || flavour === 'vllm'
  const { thinking: _, ...plain } = performance.utterance
  const id = `msg_${randomBytes(12).toString('hex')}`
  const answer: Answer = {
    id,
    model: request.model,
    utterance: silent ? plain : performance.utterance,
    stop: performance.stop,
    use,
  }
  const { record, reply: scripted } = performance
  record.usage = {
    inputTokens: use.inputTokens,
    outputTokens: outputTokens(answer),
    cacheReadTokens: use.readTokens,
    cacheWriteTokens: use.write5mTokens + use.write1hTokens,
  }
  reply.headers(scripted.headers)
  reply.hijack()
  const frames: Iterable<Frame> = request.stream
    ? messageEvents(answer, scripted)
    : [{ text: JSON.stringify(messageBody(answer)), tokens: outputTokens(answer) }]
  writeHead(reply, request.stream === true, scripted.status, frames)
  await stage.send(performance, reply.raw, frames, use.commit)
}

/** Status line and headers; a JSON body tells its length so that a client notices a cut. */
export function writeHead(reply: FastifyReply, stream: boolean, status: number, frames: Iterable<Frame>): void {
  const length = stream ? {} : { 'content-length': Buffer.byteLength([...frames].map(frame => frame.text).join('')) }
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json'
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.writeHead(status, { 'content-type': type, 'cache-control': 'no-cache', ...length })
}

export function sendAnthropicError(reply: FastifyReply, error: unknown): void {
  const known = toApiError(error)
  const requestId = String(reply.getHeader('request-id') ?? '')
  sendErrorBody(reply, known, anthropicErrorBody(known.status, known.message, known.errorCode, requestId))
}
