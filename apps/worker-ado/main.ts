import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { openTelemetry } from '@code-agent/service/telemetry'
import { startWorkerAdo } from './src/app.ts'
import { WorkerAdoSettings } from './src/settings.ts'

const settings = configOrExit(WorkerAdoSettings, environment())
const secrets = secretsOf(WorkerAdoSettings, settings)
const telemetry = await openTelemetry({ service: 'worker-ado', settings, secrets })
const log = createLog({ service: 'worker-ado', level: settings.LOG_LEVEL, secrets, ...telemetry })
await startWorkerAdo(settings, log, telemetry)
