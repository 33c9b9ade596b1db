import { type ModelEmulator, type ModelEmulatorOptions, startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { expect, onTestFinished } from 'vitest'
import type { EditContext } from './edit-context.ts'
import type { Model, ModelRequest } from './model.ts'
import type { ModelConfig } from './model-config.ts'
import { openModel } from './open-model.ts'
import { sharedContext } from './shared-context.ts'
import { systemPrompt } from './system-prompt.ts'
import { variantTurn } from './turns.ts'

export interface Server {
  name: string
  config: Omit<ModelConfig, 'baseUrl' | 'apiKey'>
  path: string
  keyed: boolean
  caches: boolean
  /** Answers to any name. */
  anyModel?: true
  /** Takes any key. */
  anyKey?: true
}

/** One suite for the port, held by every adapter before every kind of server. */
export const servers: Server[] = [
  {
    name: 'Anthropic',
    config: { provider: 'anthropic', model: 'claude-sonnet-5-5' },
    path: '',
    keyed: true,
    caches: true,
  },
  {
    name: 'vLLM (Messages)',
    config: { provider: 'anthropic', model: 'qwen3-coder-30b' },
    path: '/vllm',
    keyed: false,
    caches: false,
  },
  {
    name: 'Ollama (Messages)',
    config: { provider: 'anthropic', model: 'qwen3-coder-30b' },
    path: '/ollama',
    keyed: false,
    caches: false,
    anyKey: true,
  },
  {
    name: 'llama.cpp (Messages)',
    config: { provider: 'anthropic', model: 'a-local-model.gguf' },
    path: '/llamacpp',
    keyed: false,
    caches: false,
    anyModel: true,
  },
  { name: 'OpenAI', config: { provider: 'openai-chat', model: 'gpt-5' }, path: '/v1', keyed: true, caches: true },
  {
    name: 'vLLM (chat)',
    config: { provider: 'openai-chat', model: 'qwen3-coder-30b' },
    path: '/vllm/v1',
    keyed: false,
    caches: false,
  },
  {
    name: 'TGI',
    config: { provider: 'openai-chat', model: 'tgi' },
    path: '/tgi/v1',
    keyed: false,
    caches: false,
    anyModel: true,
  },
]

const strategy = { name: 'Smallest edit', brief: 'Change little.' }
export const context: EditContext = {
  intent: 'replace old with new in src/a.ts',
  pullRequest: { title: 'A title', description: 'Words', sourceBranch: 'feature', targetBranch: 'main' },
  comment: { path: 'src/a.ts', startLine: 1 },
  diff: '',
  changedFiles: ['src/a.ts'],
  tree: ['src/a.ts', 'src/b.ts'],
  files: [{ path: 'src/a.ts', content: 'const a = "old"\n', reason: 'commented' }],
  notes: [],
}

export function request(change: Partial<ModelRequest> & { intent?: string; context?: EditContext } = {}): ModelRequest {
  const { intent = context.intent, context: given = context, ...rest } = change
  return {
    system: systemPrompt({ editFormat: 'diff' }),
    shared: sharedContext(given),
    turns: [{ role: 'user', text: variantTurn({ variant: 1, of: 3, strategy, intent }) }],
    maxOutputTokens: 4000,
    signal: AbortSignal.timeout(20_000),
    label: { runId: 'run-1', variant: 1, call: 1 },
    ...rest,
  }
}

/** Where nobody listens any more. */
export async function closedUrl(): Promise<string> {
  const gone = await startModelEmulator()
  await gone.close()
  return gone.url
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('should have failed'),
    error => error,
  )
}

export async function startPort(
  { config, path }: Server,
  options: ModelEmulatorOptions = {},
): Promise<{ emulator: ModelEmulator; model: Model }> {
  const emulator = await startModelEmulator(options)
  onTestFinished(() => emulator.close())
  return { emulator, model: openModel({ ...config, baseUrl: `${emulator.url}${path}`, apiKey: 'key' }) }
}
