import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { createLog } from '@code-agent/service/log'
import { openTelemetry } from '@code-agent/service/telemetry'
import { startWorkerLlm } from './src/app.ts'
import { WorkerLlmSettings } from './src/settings.ts'

const settings = configOrExit(WorkerLlmSettings, environment())
const secrets = secretsOf(WorkerLlmSettings, settings)
const telemetry = await openTelemetry({ service: 'worker-llm', settings, secrets })
const log = createLog({ service: 'worker-llm', level: settings.LOG_LEVEL, secrets, ...telemetry })
await startWorkerLlm(settings, log, telemetry)
