import { readFileSync } from 'node:fs'
import { checkModel as probeModel } from '@code-agent/llm/check-model'
import { hostOf, ModelConfig } from '@code-agent/llm/model-config'
import { openModel } from '@code-agent/llm/open-model'
import { costOf, Prices } from '@code-agent/llm/prices'
import { type Check, fail, ok, reasonOf, unset, warn } from './check.ts'
import type { DoctorSettings } from './doctor-settings.ts'

const defaultModel = 'claude-sonnet-5-5'
const nothing = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }

/** Whether the model is reachable and known, what is assumed of it, and whether it has a price. */
export async function checkModel(settings: DoctorSettings): Promise<Check[]> {
  if (settings.MODEL_API_KEY === undefined)
    return [unset('model', 'MODEL_API_KEY', 'the key of the model; local servers take any text')]
  try {
    const config = configOf(settings)
    const model = openModel(config)
    const probed = await probeModel(model)
    const reached = probed.ok
      ? ok('model', `${config.model} at ${hostOf(config)} answers`)
      : fail(
          'model',
          probed.sentence,
          'Check MODEL, MODEL_PROVIDER, MODEL_BASE_URL and MODEL_API_KEY, and that worker-llm may reach it.',
        )
    return [reached, capabilities(model.capabilities, Number(settings.MODEL_MAX_OUTPUT_TOKENS)), price(config)]
  } catch (error) {
    return [fail('model', reasonOf(error), 'Check the MODEL_ variables.')]
  }
}

function configOf(settings: DoctorSettings): ModelConfig {
  const { MODEL_PRICES_FILE: prices } = settings
  return ModelConfig.parse({
    provider: settings.MODEL_PROVIDER,
    model: settings.MODEL ?? defaultModel,
    apiKey: settings.MODEL_API_KEY,
    baseUrl: settings.MODEL_BASE_URL,
    editFormat: settings.MODEL_EDIT_FORMAT,
    ...(prices === undefined ? {} : { prices: Prices.parse(JSON.parse(readFileSync(prices, 'utf8'))) }),
  })
}

type Capabilities = ReturnType<typeof openModel>['capabilities']

function capabilities(
  { tools, caching, editFormat, maxOutputTokens, contextTokens }: Capabilities,
  wanted: number,
): Check {
  const name = 'model capabilities'
  const words = [
    `edits as ${editFormat}`,
    tools ? 'reads by tools' : 'no tools',
    ...(caching ? ['caches prompts'] : []),
    `${contextTokens} tokens of context`,
    `${maxOutputTokens} of answer`,
  ]
  return wanted > maxOutputTokens
    ? warn(
        name,
        `MODEL_MAX_OUTPUT_TOKENS is ${wanted}, and its answers have ${maxOutputTokens} at most`,
        'Lower MODEL_MAX_OUTPUT_TOKENS.',
      )
    : ok(name, words.join(', '))
}

function price(config: ModelConfig): Check {
  return costOf(config.model, nothing, config.prices) === undefined
    ? warn(
        'model price',
        `none is known for ${config.model}: costs cannot be shown or limited`,
        'Name a MODEL_PRICES_FILE; zeros for one that costs nothing.',
      )
    : ok('model price', 'known')
}
