import { configOrExit } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { buildRelay, RelaySettings } from './relay.ts'
import { untilSignal } from './until-signal.ts'

export async function relay(): Promise<number> {
  const settings = configOrExit(RelaySettings, environment())
  const app = buildRelay(settings)
  const url = await app.listen({ host: settings.HOST, port: settings.PORT })
  process.stderr.write(`the relay takes deliveries at ${url}/webhooks/azure-devops\n`)
  await untilSignal()
  await app.close()
  return 0
}
