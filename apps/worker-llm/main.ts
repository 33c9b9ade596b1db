import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { startWorkerLlm } from './src/app.ts'
import { WorkerLlmSettings } from './src/settings.ts'

const settings = configOrExit(WorkerLlmSettings, environment())
const log = createLog({
  service: 'worker-llm',
  level: settings.LOG_LEVEL,
  secrets: secretsOf(WorkerLlmSettings, settings),
})
await startWorkerLlm(settings, log)
