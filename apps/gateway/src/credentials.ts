import { signingKey } from '@code-agent/service/webhook-signature'
import type { Credentials } from './authenticate.ts'
import type { GatewaySettings } from './settings.ts'

/** What callers may prove themselves with; while a secret is being replaced the former one is valid too. */
export function credentialsOf(settings: GatewaySettings): Credentials {
  const { WEBHOOK_USERNAME: username, WEBHOOK_PASSWORD: password, WEBHOOK_PASSWORD_PREVIOUS: formerPassword } = settings
  const { WEBHOOK_HMAC_SECRET: secret, WEBHOOK_HMAC_SECRET_PREVIOUS: formerSecret } = settings
  return {
    ...(username && password
      ? { basic: { username, passwords: [password, ...(formerPassword ? [formerPassword] : [])] } }
      : {}),
    ...(secret ? { hmac: { keys: [secret, ...(formerSecret ? [formerSecret] : [])].map(signingKey) } } : {}),
  }
}
