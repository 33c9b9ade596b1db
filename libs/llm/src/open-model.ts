import { anthropicModel } from './anthropic.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { Model } from './model.ts'
import { ModelConfig } from './model-config.ts'
import { openaiChatModel } from './openai-chat.ts'

/**
 * The model that a configuration describes; nothing is sent yet. Throws a ZodError when the configuration is wrong, an Error
 * when it asks for what the model cannot do.
 */
export function openModel(config: ModelConfig): Model {
  const checked = ModelConfig.parse(config)
  const { editFormat } = checked
  const corrections = Object.entries(checked.capabilities ?? {}).filter(([, value]) => value !== undefined)
  const capabilities = {
    ...capabilitiesOf(checked.model),
    ...Object.fromEntries(corrections),
    ...(editFormat ? { editFormat } : {}),
  }
  refuseWhatItCannot(checked, capabilities)
  return checked.provider === 'anthropic'
    ? anthropicModel(checked, capabilities)
    : openaiChatModel(checked, capabilities)
}

function refuseWhatItCannot(config: ModelConfig, can: ReturnType<typeof capabilitiesOf>): void {
  const of = `${config.model}${config.describedIn ? ` (${config.describedIn})` : ''}`
  if (config.temperature !== undefined && !can.temperature)
    throw new Error(`The model ${of} takes no temperature: leave it out.`)
  if (config.thinking === false && (can.thinkingOff === null || config.provider !== 'anthropic'))
    throw new Error(`The model ${of} cannot be told not to think: leave "thinking" out, and lower "effort" instead.`)
}
