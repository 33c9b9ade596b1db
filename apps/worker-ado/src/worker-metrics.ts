import { createMetrics, type Metrics } from '@code-agent/service/metrics'
import type { Settings } from '@code-agent/store/settings'
import { hookCounts, hookStatuses } from './watch-hooks.ts'

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
