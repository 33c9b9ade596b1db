import { readFileSync } from 'node:fs'
import { Capabilities } from '@code-agent/llm/capabilities'
import { EditFormat } from '@code-agent/llm/edit-format'
import { ModelConfig } from '@code-agent/llm/model-config'
import { Prices } from '@code-agent/llm/prices'
import { z } from 'zod'
import type { WorkerLlmSettings } from './settings.ts'

/** One model of MODELS_FILE, under the name by which projects choose it. */
export const DescribedModel = z.strictObject({
  /** Its name on its server, if that is another. */
  model: z.string().min(1).optional(),
  provider: ModelConfig.shape.provider.optional(),
  baseUrl: ModelConfig.shape.baseUrl,
  /** A file that holds the key and nothing else. */
  apiKeyFile: z.string().min(1).optional(),
  temperature: ModelConfig.shape.temperature,
  thinking: z.boolean().optional(),
  editFormat: EditFormat.optional(),
  capabilities: z.strictObject(Capabilities.shape).partial().optional(),
})
type DescribedModel = z.infer<typeof DescribedModel>
const ModelsFile = z.record(z.string().min(1), DescribedModel)

type Settings = Pick<
  WorkerLlmSettings,
  | 'MODEL_PROVIDER'
  | 'MODEL'
  | 'MODELS'
  | 'MODEL_API_KEY'
  | 'MODEL_BASE_URL'
  | 'MODEL_EDIT_FORMAT'
  | 'MODEL_PRICES_FILE'
  | 'MODELS_FILE'
>

/**
 * The models of the installation by the names under which they are offered, the default first.
 * @throws when a file cannot be read or is not what it should be, naming the variable and the entry
 */
export function modelConfigs(settings: Settings): ReadonlyMap<string, ModelConfig> {
  const { MODEL_PRICES_FILE, MODELS_FILE } = settings
  const prices = MODEL_PRICES_FILE ? { prices: fromFile('MODEL_PRICES_FILE', MODEL_PRICES_FILE, Prices) } : {}
  const described = MODELS_FILE ? fromFile('MODELS_FILE', MODELS_FILE, ModelsFile) : {}
  const base = {
    provider: settings.MODEL_PROVIDER,
    apiKey: settings.MODEL_API_KEY,
    ...(settings.MODEL_BASE_URL ? { baseUrl: settings.MODEL_BASE_URL } : {}),
    ...(settings.MODEL_EDIT_FORMAT ? { editFormat: settings.MODEL_EDIT_FORMAT } : {}),
    ...prices,
  }
  const names = [settings.MODEL, ...settings.MODELS.split(/[\s,]+/), ...Object.keys(described)].filter(Boolean)
  return new Map(
    names.map(name => {
      const entry = described[name]
      return [name, entry ? configOf(name, entry, base) : { ...base, model: name }]
    }),
  )
}

function configOf(name: string, entry: DescribedModel, base: Omit<ModelConfig, 'model'>): ModelConfig {
  const { apiKeyFile, baseUrl, ...own } = entry
  // The default's key is the default server's alone: another server gets its own, or none.
  const isElsewhere = baseUrl !== undefined || (own.provider !== undefined && own.provider !== base.provider)
  const { provider, editFormat, prices } = base
  const from = isElsewhere ? { provider, editFormat, prices, apiKey: '' } : base
  return ModelConfig.parse({
    model: name,
    ...from,
    ...own,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKeyFile === undefined ? {} : { apiKey: keyIn(name, apiKeyFile) }),
    describedIn: `"${name}" in MODELS_FILE`,
  })
}

function keyIn(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new Error(`MODELS_FILE: the apiKeyFile of "${name}" cannot be read: ${path}`, { cause })
  }
}

function fromFile<T>(variable: string, path: string, schema: z.ZodType<T>): T {
  const value = parsed(variable, path)
  const read = schema.safeParse(value)
  if (!read.success) throw new Error(`${variable}: ${path} is wrong: ${z.prettifyError(read.error)}`)
  return read.data
}

function parsed(variable: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : 'cannot be read'
    throw new Error(`${variable}: ${path} ${why}`, { cause })
  }
}
