import { z } from 'zod'
import type { Connection } from './connection.ts'
import { Refused } from './errors-of-azure-devops.ts'
import type { AzureDevOps, CommentHook } from './port.ts'

const commentEvent = 'ms.vss-code.git-pullrequest-comment-event'

const Subscriptions = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      eventType: z.string(),
      consumerInputs: z.object({ url: z.string().optional() }).optional(),
    }),
  ),
})

export function serviceHookVerbs(connection: Connection): Pick<AzureDevOps, 'listCommentHooks'> {
  return {
    async listCommentHooks() {
      try {
        const found = await connection.read({ path: 'hooks/subscriptions', schema: Subscriptions })
        const hooks = (found?.value ?? []).filter(hook => hook.eventType === commentEvent)
        return {
          found: true,
          hooks: hooks.map(({ id, status, consumerInputs }) => ({
            id,
            address: consumerInputs?.url ?? '',
            status: statusOf(status),
          })),
        }
      } catch (error) {
        // To see hooks takes a right of its own, which the bot needs for nothing else.
        if (error instanceof Refused) return { found: false }
        throw error
      }
    },
  }
}

function statusOf(status: string): CommentHook['status'] {
  if (status === 'enabled') return 'enabled'
  return status === 'onProbation' ? 'on-probation' : 'disabled'
}
