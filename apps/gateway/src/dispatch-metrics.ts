import type { Metrics } from '@code-agent/service/metrics'
import type { Dispatch } from '@code-agent/store/dispatch'

export type DispatchObserver = {
  added(dispatch: Dispatch): void
  /** Whether it arrived nobody knows; the sweeper sees to it. */
  uncertain(dispatch: Dispatch): void
  /** A look for what is due that failed: Postgres did not answer. */
  failed(): void
}

const kinds = ['admission', 'variants', 'closing', 'refusal', 'task'] as const satisfies Dispatch['kind'][]

/** What the dispatcher does, counted; all gateways together make the whole. */
export function dispatchMetrics(metrics: Metrics): DispatchObserver {
  const dispatched = metrics.counter({
    name: 'code_agent_dispatches_total',
    help: 'Flows handed to Redis, by kind; uncertain: whether the add arrived is not known, it is begun anew when it did not',
    labels: ['kind', 'result'],
  })
  const failures = metrics.counter({
    name: 'code_agent_dispatch_failures_total',
    help: 'Looks for what is due that failed',
  })
  const waited = metrics.histogram({
    name: 'code_agent_dispatch_wait_seconds',
    help: 'From the acceptance of a request to its first dispatch: the wait for a free place',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  })
  // A series that begins with its first event loses that event for rate().
  for (const kind of kinds) for (const result of ['added', 'uncertain']) dispatched.inc({ kind, result }, 0)
  failures.inc(0)
  waited.zero({})
  return {
    added(dispatch) {
      dispatched.inc({ kind: dispatch.kind, result: 'added' })
      if (dispatch.kind === 'admission' && dispatch.waitedMs !== undefined) waited.observe(dispatch.waitedMs / 1_000)
    },
    uncertain: ({ kind }) => dispatched.inc({ kind, result: 'uncertain' }),
    failed: () => failures.inc(),
  }
}
