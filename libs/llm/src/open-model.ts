import { anthropicModel } from './anthropic.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { Model } from './model.ts'
import { ModelConfig } from './model-config.ts'
import { openaiChatModel } from './openai-chat.ts'

/** The model that a configuration describes; nothing is sent yet. Throws a ZodError when the configuration is wrong. */
export function openModel(config: ModelConfig): Model {
  const checked = ModelConfig.parse(config)
  const { editFormat } = checked
  const corrections = Object.entries(checked.capabilities ?? {}).filter(([, value]) => value !== undefined)
  const capabilities = {
    ...capabilitiesOf(checked.model),
    ...Object.fromEntries(corrections),
    ...(editFormat ? { editFormat } : {}),
  }
  return checked.provider === 'anthropic'
    ? anthropicModel(checked, capabilities)
    : openaiChatModel(checked, capabilities)
}
