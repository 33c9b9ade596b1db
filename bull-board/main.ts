import { configOrExit, secretsOf } from '@code-agent/service/config'
import { environment } from '@code-agent/service/environment'
import { boundPort } from '@code-agent/service/health'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { announceReady } from '@code-agent/service/ready-line'
import { onShutdown } from '@code-agent/service/shutdown'
import { openTelemetry } from '@code-agent/service/telemetry'
import { buildBoard } from './src/board.ts'
import { openQueues } from './src/queues.ts'
import { BullBoardSettings } from './src/settings.ts'

const settings = configOrExit(BullBoardSettings, environment())
const secrets = secretsOf(BullBoardSettings, settings)
const telemetry = await openTelemetry({ service: 'bull-board', settings, secrets })
const log = createLog({ service: 'bull-board', level: settings.LOG_LEVEL, secrets, ...telemetry })
const board = openQueues({ redisUrl: settings.REDIS_URL, prefix: settings.QUEUE_PREFIX, log })
const operator = { username: settings.BULL_BOARD_USERNAME, password: settings.BULL_BOARD_PASSWORD }
const writable = settings.BULL_BOARD_WRITABLE === 'true'
const metrics = createMetrics('bull-board')
telemetry.sendMetrics(metrics)
const app = await buildBoard({ board, operator, writable, secrets, metrics, log })
await app.listen({ host: settings.HOST, port: settings.PORT })
onShutdown(log, settings.SHUTDOWN_GRACE_SECONDS * 1_000, () => app.close(), board.close, telemetry.close)
announceReady({ app: 'bull-board', port: boundPort(app), log })
