import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { startGateway } from './src/app.ts'
import { GatewaySettings } from './src/settings.ts'

const settings = configOrExit(GatewaySettings, environment())
const log = createLog({ service: 'gateway', level: settings.LOG_LEVEL, secrets: secretsOf(GatewaySettings, settings) })
await startGateway(settings, log)
