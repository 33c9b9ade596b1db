import { dataKeySettings } from '@code-agent/service/data-key-settings'
import { limitSettings } from '@code-agent/service/limit-settings'
import {
  databaseSettings,
  httpSettings,
  processSettings,
  queueSettings,
  workerSettings,
} from '@code-agent/service/settings'
import { telemetrySettings } from '@code-agent/service/telemetry-settings'
import { z } from 'zod'

/** What worker-llm is told by its environment: a model key, and a credential that only reads code. */
export const WorkerLlmSettings = z.object({
  ...processSettings,
  ...telemetrySettings,
  ...httpSettings,
  ...databaseSettings,
  ...dataKeySettings,
  ...queueSettings,
  ...workerSettings,
  AZURE_DEVOPS_URL: z.url().meta({
    description: 'The organisation or collection whose code is read',
    example: 'https://dev.azure.com/contoso',
  }),
  AZURE_DEVOPS_READ_TOKEN: z.string().min(8).meta({
    description: 'Credential that reads code and nothing else',
    example: 'a personal access token with Code (read)',
  }),
  AZURE_DEVOPS_READ_TOKEN_KIND: z
    .enum(['pat', 'bearer'])
    .default('pat')
    .meta({ description: 'How the token is presented', example: 'pat' }),
  MODEL_PROVIDER: z.enum(['anthropic', 'openai-chat']).default('anthropic').meta({
    description:
      'anthropic: Claude, or anything that serves Anthropic Messages (vLLM, llama.cpp, Ollama); openai-chat: chat completions (TGI, gateways)',
    example: 'anthropic',
  }),
  MODEL: z
    .string()
    .min(1)
    .default('claude-sonnet-5-5')
    .meta({ description: 'Name of the model', example: 'claude-sonnet-5-5' }),
  MODELS: z.string().default('').meta({
    description: 'Further models of the same server that a project may choose in .code-agent.yml, separated by commas',
    example: 'claude-opus-5-5,claude-haiku-5-5',
  }),
  MODELS_FILE: z.string().optional().meta({
    description:
      'JSON of further models, also of other servers with keys of their own, and corrections of what is assumed of a model',
    example: '/etc/code-agent/models.json',
  }),
  MODEL_BASE_URL: z
    .url()
    .optional()
    .meta({ description: 'Where the model is served, if not by its maker', example: 'http://vllm.internal:8000' }),
  MODEL_API_KEY: z
    .string()
    .min(1)
    .meta({ description: 'Key of the model; local servers take any text', example: 'sk-ant-…' }),
  MODEL_EFFORT: z
    .enum(['low', 'medium', 'high', 'xhigh', 'max'])
    .default('low')
    .meta({ description: 'How long the model thinks; low keeps a run within 90 s', example: 'low' }),
  MODEL_MAX_OUTPUT_TOKENS: z.coerce
    .number()
    .int()
    .min(256)
    .max(128_000)
    .default(8_000)
    .meta({ description: 'Tokens of one answer at most, thinking included', example: '8000' }),
  MODEL_CALL_SECONDS: z.coerce
    .number()
    .int()
    .min(5)
    .max(1_800)
    .default(120)
    .meta({ description: 'The longest one call may take', example: '120' }),
  MODEL_EDIT_FORMAT: z.enum(['diff', 'search-replace', 'whole-file']).optional().meta({
    description: 'How the model writes edits; small local models do better with search-replace or whole-file',
    example: 'search-replace',
  }),
  MODEL_PRICES_FILE: z.string().optional().meta({
    description: 'JSON of prices in USD per million tokens, over the built-in table',
    example: '/etc/code-agent/prices.json',
  }),
  REPOSITORY_CACHE_DIR: z.string().min(1).default('.cache/repositories').meta({
    description: 'Folder of the repository cache, shared by workers of one machine',
    example: '/var/cache/code-agent',
  }),
  REPOSITORY_CACHE_MEGABYTES: z.coerce
    .number()
    .int()
    .min(50)
    .default(5_000)
    .meta({ description: 'How large the cache may grow', example: '5000' }),
  MAX_VARIANTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(8)
    .meta({ description: 'The most drafts one comment may ask for', example: '8' }),
  ...limitSettings,
  PATH_RULES: z.string().optional().meta({
    description:
      'What edits may touch, before the built-in rules: allow, review or block, with patterns as in .gitignore; the first that fits decides',
    example: 'block:templates/**, review:infra/**, allow:.gitignore',
  }),
  WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(16)
    .meta({ description: 'Jobs one worker has in hand at once', example: '16' }),
})
export type WorkerLlmSettings = z.infer<typeof WorkerLlmSettings>
