import { environment } from '@code-agent/service/environment'

/**
 * What worker-llm is told of a real model, taken from this process's environment, and only when `--model` asked for it:
 * it costs money.
 * @throws when no key is set
 */
export function realModel(): Record<string, string> {
  const given = environment()
  const key = given.MODEL_API_KEY ?? given.ANTHROPIC_API_KEY
  if (!key)
    throw new Error(
      '--model uses a real model: set MODEL_API_KEY (and MODEL, MODEL_PROVIDER, MODEL_BASE_URL if it is not Claude)',
    )
  const names = [
    'MODEL',
    'MODEL_PROVIDER',
    'MODEL_BASE_URL',
    'MODEL_EFFORT',
    'MODEL_MAX_OUTPUT_TOKENS',
    'MODEL_CALL_SECONDS',
    'MODEL_EDIT_FORMAT',
    'MODEL_PRICES_FILE',
    'MODELS',
    'MODELS_FILE',
  ]
  const told = names.flatMap(name => (given[name] ? [[name, given[name]] as const] : []))
  return { MODEL_API_KEY: key, ...Object.fromEntries(told) }
}
