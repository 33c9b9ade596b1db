import { statusDescription } from '@code-agent/command/overview'
import type { Run } from '@code-agent/store/read'
import { statusContext } from './status-context.ts'

/** What a pull request's status says of a run that has come to its end. `page`: where all of it can be read. */
export function finalStatus(run: Run, page: string | undefined) {
  const outcome = run.outcome === 'done' || run.outcome === 'cancelled' ? run.outcome : ('failed' as const)
  const variants = run.variants.map(({ variant, outcome: of }) => ({ variant, outcome: of ?? ('failed' as const) }))
  return {
    context: statusContext(run.runId, run.admission?.slug ?? 'edit'),
    state: stateOf[outcome],
    description: statusDescription({ outcome, variants }),
    ...(page === undefined ? {} : { targetUrl: page }),
  }
}

const stateOf = { done: 'succeeded', failed: 'failed', cancelled: 'notApplicable' } as const
