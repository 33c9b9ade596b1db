import { dataKeySettings } from '@code-agent/service/data-key-settings'
import {
  databaseSettings,
  httpSettings,
  processSettings,
  queueSettings,
  workerSettings,
} from '@code-agent/service/settings'
import { telemetrySettings } from '@code-agent/service/telemetry-settings'
import { z } from 'zod'

/** What the supervisor is told by its environment: neither Azure DevOps nor a model. */
export const SupervisorSettings = z.object({
  ...processSettings,
  ...telemetrySettings,
  ...httpSettings,
  ...databaseSettings,
  ...dataKeySettings,
  ...queueSettings,
  ...workerSettings,
  WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(16)
    .meta({ description: 'Jobs one worker has in hand at once', example: '16' }),
  SWEEP_SECONDS: z.coerce
    .number()
    .min(0.2)
    .default(5)
    .meta({ description: 'How often lost work is looked for', example: '5' }),
  POLL_SECONDS: z.coerce.number().min(1).default(120).meta({
    description: 'How often commands are looked for whose event did not come',
    example: '120',
  }),
  SHOW_WAIT_SECONDS: z.coerce.number().min(1).default(20).meta({
    description: 'A request that waits for longer is told so in its thread',
    example: '20',
  }),
  SUSPECT_SECONDS: z.coerce
    .number()
    .min(1)
    .default(30)
    .meta({ description: 'A flow added this long ago is looked for in Redis', example: '30' }),
  IDLE_SECONDS: z.coerce
    .number()
    .min(5)
    .default(300)
    .meta({ description: 'A run without any sign of work for this long is begun again', example: '300' }),
  LOAD_TOKEN: z.string().min(16).optional().meta({
    description: 'Bearer token of autoscalers that ask GET /queues/<name>/load; nobody may ask without one',
    example: 'a-long-random-text',
  }),
  MAX_GENERATIONS: z.coerce
    .number()
    .int()
    .min(2)
    .default(12)
    .meta({ description: 'How often a run is begun again in one state before it ends with an alarm', example: '12' }),
})
export type SupervisorSettings = z.infer<typeof SupervisorSettings>
