import { createMetrics, type Metrics } from '@code-agent/service/metrics'
import type { Settings } from '@code-agent/store/settings'
import type { PollResult } from './tasks/poll-comments.ts'
import { hookCounts, hookStatuses } from './watch-hooks.ts'

/** Counts what looking for commands came to whose event did not come. */
export function pollObserver(metrics: Metrics): (looked: PollResult) => void {
  const looks = metrics.counter({
    name: 'code_agent_polls_total',
    help: 'Looks for commands whose event did not come, that came to their end',
  })
  const comments = metrics.counter({
    name: 'code_agent_polled_comments_total',
    help: 'Comments read on the way, and those of them that were commands nobody knew of',
    labels: ['what'],
  })
  // A series that begins with its first event loses that event for rate().
  for (const what of ['seen', 'found'] as const) comments.inc({ what }, 0)
  return ({ seen, found }) => {
    looks.inc()
    comments.inc({ what: 'seen' }, seen)
    comments.inc({ what: 'found' }, found)
  }
}

/** What only this worker knows: how the service hooks stand. All workers tell the same, from Postgres. */
export function workerMetrics(store: Settings, organisation: string): Metrics {
  const metrics = createMetrics('worker-ado')
  metrics.gauge({
    name: 'code_agent_service_hooks',
    help: 'Service hooks that tell of comments, by status; absent when the credential may not see them',
    labels: ['status'],
    read: async gauge => {
      const counts = await hookCounts(store, organisation)
      if (!counts) return
      for (const status of hookStatuses) gauge.set({ status }, counts[status])
    },
  })
  return metrics
}
