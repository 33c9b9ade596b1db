import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { openTelemetry } from '@code-agent/service/telemetry'
import { startSupervisor } from './src/app.ts'
import { SupervisorSettings } from './src/settings.ts'

const settings = configOrExit(SupervisorSettings, environment())
const secrets = secretsOf(SupervisorSettings, settings)
const telemetry = await openTelemetry({ service: 'flow-supervisor', settings, secrets })
const log = createLog({ service: 'flow-supervisor', level: settings.LOG_LEVEL, secrets, ...telemetry })
await startSupervisor(settings, log, telemetry)
