import { dataKeySettings } from '@code-agent/service/data-key-settings'
import { limitSettings } from '@code-agent/service/limit-settings'
import { linkSettings } from '@code-agent/service/link-settings'
import {
  databaseSettings,
  httpSettings,
  processSettings,
  queueSettings,
  workerSettings,
} from '@code-agent/service/settings'
import { telemetrySettings } from '@code-agent/service/telemetry-settings'
import { z } from 'zod'

const Variables = z.object({
  ...processSettings,
  ...telemetrySettings,
  ...httpSettings,
  ...databaseSettings,
  ...dataKeySettings,
  ...queueSettings,
  ...workerSettings,
  AZURE_DEVOPS_URL: z.url().meta({
    description: 'The organisation or collection whose pull requests are served',
    example: 'https://dev.azure.com/contoso',
  }),
  AZURE_DEVOPS_TOKEN: z.string().min(8).meta({
    description:
      'Credential of the bot: reads and writes code, contributes to pull requests, reads identities and security',
    example: 'a personal access token',
  }),
  AZURE_DEVOPS_TOKEN_KIND: z
    .enum(['pat', 'bearer'])
    .default('pat')
    .meta({ description: 'How the token is presented', example: 'pat' }),
  WORKER_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(16)
    .meta({ description: 'Jobs one worker has in hand at once', example: '16' }),
  MAX_VARIANTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(20)
    .default(8)
    .meta({ description: 'The most drafts one comment may ask for', example: '8' }),
  DRAFT_TARGET: z.enum(['source', 'target']).default('source').meta({
    description: 'Drafts target the branch of the commented pull request (source) or what that one targets (target)',
    example: 'source',
  }),
  WEBHOOK_URL: z.url().optional().meta({
    description: 'Where the service hooks deliver to; without it the state of every hook on comments is watched',
    example: 'https://code-agent.example.com/webhooks/azure-devops',
  }),
  CI_MARKER: z
    .enum(['[skip ci]', '***NO_CI***'])
    .optional()
    .meta({ description: 'Put into commit messages to keep CI from running on drafts', example: '[skip ci]' }),
  ...linkSettings,
  ...limitSettings,
  ALLOWED_USERS: z
    .string()
    .regex(/^\s*[0-9a-f-]{36}(?:[\s,]+[0-9a-f-]{36})*\s*$/i, 'expected ids of identities, with commas between them')
    .optional()
    .meta({
      description:
        'Only these may ask, by the ids of their identities; without it whoever may contribute to the repository',
      example: '3f1c0d52-8f0e-4a58-9a51-0c5d1f1f2a01',
    }),
  PATH_RULES: z.string().optional().meta({
    description:
      'What edits may touch, before the built-in rules: allow, review or block, with patterns as in .gitignore; the first that fits decides',
    example: 'block:templates/**, review:infra/**, allow:.gitignore',
  }),
})

/** What worker-ado is told by its environment: it alone holds the credential that writes. */
export const WorkerAdoSettings = Variables.refine(
  ({ LINK_KEY, PUBLIC_URL }) => LINK_KEY === undefined || PUBLIC_URL !== undefined,
  { path: ['PUBLIC_URL'], message: 'LINK_KEY signs links that lead to the gateway: say where browsers reach it' },
)
export type WorkerAdoSettings = z.infer<typeof WorkerAdoSettings>
