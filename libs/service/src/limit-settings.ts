import { readLimits } from '@code-agent/jobs/limits'
import { z } from 'zod'

/** Of every process that refuses what is too much. */
export const limitSettings = {
  LIMITS: z
    .string()
    .transform((text, context) => {
      try {
        return readLimits(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
        return z.NEVER
      }
    })
    .optional()
    .meta({
      description:
        'The most that a user, pull-request (with its user), repository or organisation may have: runs-per-hour, runs, tokens, usd (of a day in UTC), and variants at once',
      example: 'pull-request:runs-per-hour=30, user:runs=100, user:variants=24, user:usd=20, organisation:usd=500',
    }),
}
