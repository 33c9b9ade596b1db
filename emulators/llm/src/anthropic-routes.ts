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
import type { MessagesFlavour } from './messages-flavour.ts'
import { claudeModels, modelInfo, servedModel } from './model-catalog.ts'
import { type CacheUse, createPromptCache } from './prompt-cache.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Performance, Stage } from './stage.ts'
import type { Frame } from './wire.ts'

export interface AnthropicRoutesOptions {
  stage: Stage
  credentials: Credentials
  rateLimit: RateLimit
  flavour: MessagesFlavour
}

/** Anthropic Messages: messages, count_tokens, models. */
export function anthropicRoutes(app: FastifyInstance, options: AnthropicRoutesOptions): void {
  const { credentials, flavour } = options
  app.setErrorHandler((error, _request, reply) => sendAnthropicError(reply, error, flavour))
  app.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', `req_${randomBytes(12).toString('hex')}`)
    credentials.check(request)
    if (flavour.isAnthropic && !header(request, 'anthropic-version'))
      throw new ApiError(400, 'anthropic-version: header is required')
  })
  app.post('/messages', (request, reply) => answerMessages(request, reply, options))
  if (flavour.countsTokens) {
    app.post('/messages/count_tokens', async request => {
      const parsed = parseMessagesRequest(request.body)
      requireModel(parsed.model, flavour)
      return { input_tokens: tokensOf(parsed) }
    })
  }
}

/** The model list as Anthropic shapes it; OpenAI's lies at the same address. */
export function anthropicModelList(): Record<string, unknown> {
  const data = claudeModels.map(modelInfo)
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

export function anthropicModel(id: string): Record<string, unknown> {
  return modelInfo(requireClaude(id))
}

function tokensOf(request: MessagesRequest): number {
  return promptBlocks(request).reduce((sum, block) => sum + block.tokens, 0)
}

function requireModel(id: string, { isAnthropic, anyModel, isPlain, modelWithoutTools }: MessagesFlavour): void {
  if (isAnthropic) requireClaude(id)
  else if (!anyModel && id !== servedModel && id !== modelWithoutTools)
    throw new ApiError(404, isPlain ? `model '${id}' not found` : `The model \`${id}\` does not exist.`)
}

/** What self-hosted servers refuse. */
function checkHosted(request: MessagesRequest, { modelWithoutTools, contextTokens, isPlain }: MessagesFlavour): void {
  if (!isPlain && !request.max_tokens) throw new ApiError(400, 'max_tokens must be greater than 0')
  if (request.model === modelWithoutTools && request.tools?.length)
    throw new ApiError(400, `registry.ollama.ai/library/${request.model} does not support tools`)
  const tokens = tokensOf(request)
  if (contextTokens !== undefined && tokens > contextTokens)
    throw new ApiError(
      400,
      `request (${tokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`,
      { errorCode: 'exceed_context_size_error' },
    )
}

async function answerMessages(
  request: FastifyRequest,
  reply: FastifyReply,
  options: AnthropicRoutesOptions,
): Promise<void> {
  const { stage, credentials, rateLimit, flavour } = options
  const parsed = parseMessagesRequest(request.body)
  requireModel(parsed.model, flavour)
  if (flavour.isAnthropic) checkMessagesRequest(parsed, requireClaude(parsed.model))
  else checkHosted(parsed, flavour)
  const use = useOf(parsed, options, credentials.nameOf(request))
  if (flavour.isAnthropic)
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
  if (!flavour.isAnthropic)
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
  { isAnthropic, isPlain }: MessagesFlavour,
): Promise<void> {
  const silent = request.thinking?.type === 'disabled' || request.thinking?.type === 'between_tools' || !isAnthropic
  const { thinking: _, ...plain } = performance.utterance
  const id = `msg_${randomBytes(12).toString('hex')}`
  const answer: Answer = {
    id,
    model: request.model,
    utterance: silent ? plain : performance.utterance,
    stop: performance.stop,
    use,
    isPlain,
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

export function sendAnthropicError(
  reply: FastifyReply,
  error: unknown,
  { errors }: Pick<MessagesFlavour, 'errors'> = { errors: 'anthropic' },
): void {
  const { status, message, errorCode, ...known } = toApiError(error)
  const requestId = String(reply.getHeader('request-id') ?? '')
  const body = anthropicErrorBody(status, message, errorCode, requestId)
  const type = errorCode ?? body.error.type
  sendErrorBody(reply, { ...known, status }, errors === 'anthropic' ? body : { error: { code: status, message, type } })
}
