import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openModel } from '@code-agent/llm/open-model'
import { expect, onTestFinished, test } from 'vitest'
import { DescribedModel, modelConfigs } from './model-config.ts'

function file(name: string, content: unknown): string {
  const dir = mkdtempSync(join(tmpdir(), 'models-file-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const settings = {
  MODEL_PROVIDER: 'anthropic',
  MODEL: 'claude-sonnet-5-5',
  MODELS: 'claude-opus-5-5, claude-haiku-5-5',
  MODEL_API_KEY: 'the-default-key',
} as const
const read = (models: unknown) => modelConfigs({ ...settings, MODELS_FILE: file('models.json', models) })

test('the default comes first, the others after it, each with the default’s server and key', () => {
  const configs = modelConfigs(settings)
  expect([...configs.keys()]).toEqual(['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5'])
  for (const [name, config] of configs)
    expect(config).toEqual({ provider: 'anthropic', model: name, apiKey: 'the-default-key' })
})

test('a file adds models of other servers, which get keys of their own and never the default’s', () => {
  const configs = read({
    local: { model: 'qwen3-coder-30b', provider: 'openai-chat', baseUrl: 'http://tgi:8080/v1', temperature: 0.3 },
    gateway: { baseUrl: 'http://gateway', apiKeyFile: file('key', ' its-own-key\n') },
    openai: { model: 'gpt-5', provider: 'openai-chat' },
    'claude-haiku-5-5': { thinking: false },
  })
  expect(configs.get('local')).toMatchObject({ model: 'qwen3-coder-30b', apiKey: '', temperature: 0.3 })
  expect(configs.get('gateway')).toMatchObject({ model: 'gateway', provider: 'anthropic', apiKey: 'its-own-key' })
  expect(configs.get('openai')).toMatchObject({ model: 'gpt-5', apiKey: '' })
  expect(configs.get('claude-haiku-5-5')).toMatchObject({ apiKey: 'the-default-key', thinking: false })
  expect([...configs.keys()]).toEqual([
    ...['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5'],
    ...['local', 'gateway', 'openai'],
  ])
})

test.each([
  ['{ "a": ', /^MODELS_FILE: .*models\.json is not JSON: /],
  [{ local: { url: 'http://x' } }, /^MODELS_FILE: .* is wrong: .*Unrecognized key: "url"[\s\S]*local/],
  [{ local: { baseUrl: 'ftp://x' } }, /http:\/\/ or https:\/\/[\s\S]*local\.baseUrl/],
  [{ local: { capabilities: { tool: false } } }, /Unrecognized key: "tool"[\s\S]*local\.capabilities/],
  [
    { local: { apiKeyFile: '/nowhere/key' } },
    /^MODELS_FILE: the apiKeyFile of "local" cannot be read: \/nowhere\/key$/,
  ],
])('%j stops the start with what is wrong in it', (content, says) => {
  expect(() => read(content)).toThrow(says)
})

test('files that are not there are named with their variable', () => {
  expect(() => modelConfigs({ ...settings, MODELS_FILE: '/nowhere.json' })).toThrow(
    'MODELS_FILE: /nowhere.json cannot be read',
  )
  expect(() => modelConfigs({ ...settings, MODEL_PRICES_FILE: file('p.json', { m: { input: -1 } }) })).toThrow(
    /^MODEL_PRICES_FILE: .* is wrong: [\s\S]*m\.input/,
  )
})

test('the example in the documentation is right, and names every setting', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8')
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '')
  const key = { apiKeyFile: file('tgi-key', 'k\n') }
  const configs = read({ ...example, local: { ...example.local, ...key } })
  for (const config of configs.values()) expect(openModel(config).capabilities).toBeDefined()
  expect(configs.get('local')).toMatchObject({ apiKey: 'k', capabilities: { tools: false, contextTokens: 32_768 } })
  const used = new Set(Object.values(example).flatMap(entry => Object.keys(Object(entry))))
  expect([...used].toSorted()).toEqual(Object.keys(DescribedModel.shape).toSorted())
})
