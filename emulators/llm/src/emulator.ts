import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { adminRoutes } from './admin-routes.ts'
import { anthropicModel, anthropicModelList, anthropicRoutes, sendAnthropicError } from './anthropic-routes.ts'
import type { CallRecord } from './call-record.ts'
import type { Flavour } from './chat-request.ts'
import { chatModel, chatModelList, chatRoutes, sendChatError } from './chat-routes.ts'
import { type Credentials, createCredentials, header } from './credentials.ts'
import { type MessagesFlavour, messagesFlavours } from './messages-flavour.ts'
import { createRateLimit } from './rate-limit.ts'
import type { LlmScript, ScriptedReply } from './script.ts'
import { createStage, type Stage } from './stage.ts'

export interface ModelEmulatorOptions {
  /** 0, the default, takes a free one. */
  port?: number
  script?: LlmScript
  /** 0, the default, is as fast as the wire. */
  tokensPerSecond?: number
  /** Before each answer begins. */
  latencyMs?: number
  /** Milliseconds since 1970; moves cache lifetimes and rate limits. */
  clock?: () => number
  /** Without it every key is good. */
  apiKeys?: readonly string[]
  requestsPerMinute?: number
}

/** A scripted reply that goes before the script and, unless it names a variant, meets the planner's calls too. */
export type Fault = Partial<Omit<ScriptedReply, 'match'>> & { match?: ScriptedReply['match'] }

export interface ModelEmulator {
  /** Base URL of the Anthropic SDK; OpenAI's is `${url}/v1`. `${url}/vllm`, `/ollama`, `/llamacpp` and `/tgi` speak like those servers. */
  url: string
  adminUrl: string
  calls(): CallRecord[]
  setScript(script: LlmScript): void
  addFault(fault: Fault): void
  close(): Promise<void>
}

/** A server on 127.0.0.1 that speaks Anthropic Messages and OpenAI chat completions. Throws when the script is wrong. */
export async function startModelEmulator(options: ModelEmulatorOptions = {}): Promise<ModelEmulator> {
  const clock = options.clock ?? Date.now
  const stage = createStage({
    script: options.script ?? { replies: [] },
    tokensPerSecond: options.tokensPerSecond ?? 0,
    latencyMs: options.latencyMs ?? 0,
    clock,
  })
  const app = Fastify({ bodyLimit: 32 * 1024 * 1024, forceCloseConnections: true })
  const rateLimit = createRateLimit({ requestsPerMinute: options.requestsPerMinute ?? 4000, clock })
  const hosted = createCredentials(options.apiKeys, { required: true })
  const selfHosted = createCredentials(options.apiKeys, { required: false })
  await app.register(
    async scope =>
      anthropicRoutes(scope, { stage, credentials: hosted, rateLimit, flavour: messagesFlavours.anthropic }),
    { prefix: '/v1' },
  )
  await app.register(async scope => chatRoutes(scope, { stage, credentials: hosted, rateLimit, flavour: 'openai' }), {
    prefix: '/v1',
  })
  const open = createCredentials(undefined, { required: false })
  for (const name of ['vllm', 'ollama', 'llamacpp'] as const) {
    const flavour: MessagesFlavour = messagesFlavours[name]
    const credentials = flavour.checksKey ? selfHosted : open
    await app.register(async scope => anthropicRoutes(scope, { stage, credentials, rateLimit, flavour }), {
      prefix: `/${name}/v1`,
    })
  }
  for (const flavour of ['vllm', 'tgi'] as const) {
    await app.register(async scope => chatRoutes(scope, { stage, credentials: selfHosted, rateLimit, flavour }), {
      prefix: `/${flavour}/v1`,
    })
    modelRoutes(app, selfHosted, flavour)
  }
  modelRoutes(app, hosted, 'openai')
  await app.register(async scope => adminRoutes(scope, stage), { prefix: '/admin' })
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  return emulatorOf(app, stage)
}

function emulatorOf(app: FastifyInstance, stage: Stage): ModelEmulator {
  const address = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    adminUrl: `${url}/admin`,
    calls: () => stage.calls,
    setScript: script => stage.setScript(script),
    addFault: fault => stage.addFault(fault),
    async close() {
      stage.close()
      await app.close()
    },
  }
}

/** Both protocols list models at the same address; only Anthropic's clients send a version. */
function modelRoutes(app: FastifyInstance, credentials: Credentials, flavour: Flavour): void {
  const prefix = flavour === 'openai' ? '' : `/${flavour}`
  const isAnthropic = (request: FastifyRequest) =>
    flavour === 'openai' && header(request, 'anthropic-version') !== undefined
  void app.register(async scope => {
    scope.setErrorHandler((error, request, reply) =>
      isAnthropic(request) ? sendAnthropicError(reply, error) : sendChatError(reply, flavour, error),
    )
    scope.addHook('onRequest', async request => credentials.check(request))
    scope.get(`${prefix}/v1/models`, async request =>
      isAnthropic(request) ? anthropicModelList() : chatModelList(flavour),
    )
    scope.get<{ Params: { '*': string } }>(`${prefix}/v1/models/*`, async request => {
      const id = request.params['*']
      return isAnthropic(request) ? anthropicModel(id) : chatModel(id, flavour)
    })
  })
}
