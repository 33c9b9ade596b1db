import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { openTelemetry } from '@code-agent/service/telemetry'
import { startGateway } from './src/app.ts'
import { GatewaySettings } from './src/settings.ts'

const settings = configOrExit(GatewaySettings, environment())
const secrets = secretsOf(GatewaySettings, settings)
const telemetry = await openTelemetry({ service: 'gateway', settings, secrets })
const log = createLog({ service: 'gateway', level: settings.LOG_LEVEL, secrets, ...telemetry })
await startGateway(settings, log, telemetry)
