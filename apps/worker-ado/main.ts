import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { startWorkerAdo } from './src/app.ts'
import { WorkerAdoSettings } from './src/settings.ts'

const settings = configOrExit(WorkerAdoSettings, environment())
const log = createLog({
  service: 'worker-ado',
  level: settings.LOG_LEVEL,
  secrets: secretsOf(WorkerAdoSettings, settings),
})
await startWorkerAdo(settings, log)
