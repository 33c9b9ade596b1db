import { httpSettings, processSettings, queueSettings } from '@code-agent/service/settings'
import { telemetrySettings } from '@code-agent/service/telemetry-settings'
import { z } from 'zod'

/** What the dashboard is told by its environment. Without a user name and password it does not start. */
export const BullBoardSettings = z.object({
  ...processSettings,
  ...telemetrySettings,
  ...httpSettings,
  ...queueSettings,
  BULL_BOARD_USERNAME: z
    .string()
    .min(1)
    .regex(/^[^:]*$/, 'no colon: basic authentication cannot carry one')
    .meta({ description: 'User name of the dashboard', example: 'operator' }),
  BULL_BOARD_PASSWORD: z
    .string()
    .min(8)
    .meta({ description: 'Password of the dashboard', example: 'a long random text' }),
  BULL_BOARD_WRITABLE: z.enum(['true', 'false']).default('false').meta({
    description: 'Whether the dashboard may retry and promote jobs, and pause queues; otherwise it only shows',
    example: 'false',
  }),
})
export type BullBoardSettings = z.infer<typeof BullBoardSettings>
