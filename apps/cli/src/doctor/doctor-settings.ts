import { decodeConfig } from '@code-agent/service/config'
import type { Environment } from '@code-agent/service/environment'
import { z } from 'zod'

const text = z.string().optional()
const kind = z.string().default('pat')

/** What the checks use of all apps' variables, as text: whether a value is right is a check of its own. */
const DoctorSettings = z.object({
  AZURE_DEVOPS_URL: text,
  AZURE_DEVOPS_TOKEN: text,
  AZURE_DEVOPS_TOKEN_KIND: kind,
  AZURE_DEVOPS_READ_TOKEN: text,
  AZURE_DEVOPS_READ_TOKEN_KIND: kind,
  AZURE_DEVOPS_ADMIN_TOKEN: text,
  AZURE_DEVOPS_ADMIN_TOKEN_KIND: kind,
  ALLOWED_USERS: text,
  WEBHOOK_URL: text,
  WEBHOOK_USERNAME: text,
  WEBHOOK_PASSWORD: text,
  WEBHOOK_HMAC_SECRET: text,
  PUBLIC_URL: text,
  LINK_KEY: text,
  DATABASE_URL: text,
  DATA_KEY: text,
  DATA_KEY_PREVIOUS: text,
  REDIS_URL: text,
  QUEUE_PREFIX: text,
  MODEL_PROVIDER: z.string().default('anthropic'),
  MODEL: text,
  MODEL_BASE_URL: text,
  MODEL_API_KEY: text,
  MODEL_EDIT_FORMAT: text,
  MODEL_MAX_OUTPUT_TOKENS: z.string().default('8000'),
  MODEL_PRICES_FILE: text,
})
export type DoctorSettings = z.infer<typeof DoctorSettings>

/** @throws when a NAME_FILE cannot be read */
export function doctorSettings(env: Environment): { settings: DoctorSettings; secrets: string[] } {
  const settings = decodeConfig(DoctorSettings, env)
  return { settings, secrets: secretsIn(settings) }
}

function secretsIn(settings: DoctorSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (/(TOKEN|KEY|PASSWORD|SECRET)(_PREVIOUS)?$/.test(name)) return [value]
    const password = URL.parse(value)?.password
    return password ? [password, decodeURIComponent(password)] : []
  })
}
