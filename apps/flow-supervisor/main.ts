import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { startSupervisor } from './src/app.ts'
import { SupervisorSettings } from './src/settings.ts'

const settings = configOrExit(SupervisorSettings, environment())
const log = createLog({
  service: 'flow-supervisor',
  level: settings.LOG_LEVEL,
  secrets: secretsOf(SupervisorSettings, settings),
})
await startSupervisor(settings, log)
