import { readFileSync } from 'node:fs'
import type { ModelConfig } from '@code-agent/llm/model-config'
import { Prices } from '@code-agent/llm/prices'
import type { WorkerLlmSettings } from './settings.ts'

/** @throws when the file of prices cannot be read or is not what it should be */
export function modelConfig(settings: WorkerLlmSettings): ModelConfig {
  return {
    provider: settings.MODEL_PROVIDER,
    model: settings.MODEL,
    apiKey: settings.MODEL_API_KEY,
    ...(settings.MODEL_BASE_URL ? { baseUrl: settings.MODEL_BASE_URL } : {}),
    ...(settings.MODEL_EDIT_FORMAT ? { editFormat: settings.MODEL_EDIT_FORMAT } : {}),
    ...(settings.MODEL_PRICES_FILE
      ? { prices: Prices.parse(JSON.parse(readFileSync(settings.MODEL_PRICES_FILE, 'utf8'))) }
      : {}),
  }
}
