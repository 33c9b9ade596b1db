import { dataKeySettings } from '@code-agent/service/data-key-settings'
import { linkSettings } from '@code-agent/service/link-settings'
import {
  databaseSettings,
  httpSettings,
  processSettings,
  queueSettings,
  workSettings,
} from '@code-agent/service/settings'
import { telemetrySettings } from '@code-agent/service/telemetry-settings'
import { z } from 'zod'

/** What the gateway is told by its environment. */
export const GatewaySettings = z
  .object({
    ...processSettings,
    ...telemetrySettings,
    ...httpSettings,
    ...databaseSettings,
    ...dataKeySettings,
    ...queueSettings,
    ...workSettings,
    AZURE_DEVOPS_URL: z.url().meta({
      description:
        'The organisation or collection whose pull requests are served. The gateway only names requests by it.',
      example: 'https://dev.azure.com/contoso',
    }),
    WEBHOOK_USERNAME: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'User name of the service hook', example: 'code-agent' }),
    WEBHOOK_PASSWORD: z
      .string()
      .min(8)
      .max(256)
      .optional()
      .meta({ description: 'Password of the service hook', example: 'a long random text' }),
    WEBHOOK_PASSWORD_PREVIOUS: z.string().min(8).max(256).optional().meta({
      description: 'The password before the last change, valid until it is taken out',
      example: 'the former random text',
    }),
    WEBHOOK_HMAC_SECRET: z.string().min(24).optional().meta({
      description: 'Standard Webhooks key for deliveries that come through `npm run relay`',
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
    WEBHOOK_HMAC_SECRET_PREVIOUS: z.string().min(24).optional().meta({
      description: 'The key before the last change, valid until it is taken out',
      example: 'whsec_…',
    }),
    ...linkSettings,
    LINK_KEY_PREVIOUS: z.string().min(32).optional().meta({
      description: 'The key before the last change: its links work until it is taken out',
      example: 'the former LINK_KEY',
    }),
    OPS_USERNAME: z
      .string()
      .min(1)
      .regex(/^[^:]*$/, 'no colon: basic authentication cannot carry one')
      .optional()
      .meta({ description: 'User name of those who may open every run page, and cancel there', example: 'operator' }),
    OPS_PASSWORD: z
      .string()
      .min(8)
      .optional()
      .meta({ description: 'Password of those who may open every run page', example: 'a long random text' }),
    MAX_VARIANTS: z.coerce
      .number()
      .int()
      .min(1)
      .max(20)
      .default(8)
      .meta({ description: 'The most drafts one comment may ask for', example: '8' }),
    MAX_ADMISSIONS: z.coerce
      .number()
      .int()
      .min(1)
      .default(16)
      .meta({ description: 'Runs being admitted at once', example: '16' }),
    MAX_RUNNING: z.coerce
      .number()
      .int()
      .min(1)
      .default(16)
      .meta({ description: 'Runs whose variants are being made at once', example: '16' }),
    MAX_RUNNING_PER_REPOSITORY: z.coerce
      .number()
      .int()
      .min(1)
      .default(4)
      .meta({ description: 'Of these, the most of one repository', example: '4' }),
  })
  .refine(
    settings =>
      (settings.WEBHOOK_USERNAME !== undefined && settings.WEBHOOK_PASSWORD !== undefined) ||
      settings.WEBHOOK_HMAC_SECRET !== undefined,
    {
      path: ['WEBHOOK_PASSWORD'],
      message:
        'the gateway answers nobody it cannot tell from a stranger: set WEBHOOK_USERNAME and WEBHOOK_PASSWORD, or WEBHOOK_HMAC_SECRET',
    },
  )
  .refine(settings => (settings.OPS_USERNAME === undefined) === (settings.OPS_PASSWORD === undefined), {
    path: ['OPS_PASSWORD'],
    message: 'OPS_USERNAME and OPS_PASSWORD belong together: set both, or neither',
  })
export type GatewaySettings = z.infer<typeof GatewaySettings>
