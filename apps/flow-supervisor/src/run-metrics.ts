import { runOutcomes, variantOutcomes } from '@code-agent/jobs/run'
import type { Metrics } from '@code-agent/service/metrics'
import type { EndedRun, EndedRuns } from '@code-agent/store/ended-runs'

const causes = ['refused', 'failed', 'concluded', 'cancelled', 'deadline', 'stuck', 'none'] as const
const reasons = new Set([
  'rejected',
  'azure-devops',
  'model',
  'worker-lost',
  'deadline',
  'stuck',
  'cancelled',
  'failed',
])
const seconds = [5, 10, 20, 30, 45, 60, 75, 90, 120, 180, 300, 600, 1_200]

/**
 * Counts the runs that ended since the last call, by what Postgres says of them. Each run is counted by one supervisor,
 * so that sums over all of them are right.
 */
export function runCounter(metrics: Metrics, store: EndedRuns): () => Promise<void> {
  const runs = metrics.counter({
    name: 'code_agent_runs_total',
    help: 'Runs that ended, by outcome and by what ended them',
    labels: ['outcome', 'cause'],
  })
  const variants = metrics.counter({
    name: 'code_agent_variants_total',
    help: 'Variants of runs that ended, by outcome and by why they failed',
    labels: ['outcome', 'reason'],
  })
  const overview = metrics.histogram({
    name: 'code_agent_request_to_overview_seconds',
    help: 'From the acceptance of a request to its overview, by outcome of the run',
    labels: ['outcome'],
    buckets: seconds,
  })
  const draft = metrics.histogram({
    name: 'code_agent_request_to_first_draft_seconds',
    help: 'From the acceptance of a request to its first draft, of runs that have one',
    buckets: seconds,
  })
  // A series that begins with its first event loses that event for rate().
  for (const outcome of runOutcomes) {
    overview.zero({ outcome })
    for (const cause of causes) runs.inc({ outcome, cause }, 0)
  }
  for (const outcome of variantOutcomes) variants.inc({ outcome, reason: 'none' }, 0)

  function count(run: EndedRun): void {
    runs.inc({ outcome: run.outcome, cause: run.endingCause ?? 'none' })
    overview.observe({ outcome: run.outcome }, run.overviewSeconds)
    if (run.firstDraftSeconds !== null) draft.observe(run.firstDraftSeconds)
    for (const { outcome, reasonClass } of run.variants)
      variants.inc({ outcome, reason: reasonOf(outcome, reasonClass) })
  }

  return async () => {
    for (const run of await store.takeEndedRuns()) count(run)
  }
}

/** Classes of errors come from everywhere; as labels only those that somebody can act on. */
function reasonOf(outcome: string, reasonClass: string | null): string {
  if (outcome === 'done' || reasonClass === null) return 'none'
  const reason = reasonClass.toLowerCase()
  return reasons.has(reason) ? reason : 'other'
}
