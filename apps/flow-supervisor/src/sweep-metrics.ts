import type { Metrics } from '@code-agent/service/metrics'
import type { EndedRuns } from '@code-agent/store/ended-runs'
import { runCounter } from './run-metrics.ts'
import type { Swept } from './sweeper.ts'

/** The same sweep, counted; after it the runs that ended are. */
export function countedSweep(
  metrics: Metrics,
  sweep: () => Promise<Swept | undefined>,
  store: EndedRuns,
): () => Promise<void> {
  const sweeps = metrics.counter({
    name: 'code_agent_sweeps_total',
    help: 'Looks for lost work: done, left to another supervisor, or failed',
    labels: ['result'],
  })
  const found = metrics.counter({
    name: 'code_agent_sweeper_found_total',
    help: 'What the sweeper found: flows to be begun again, runs past their deadline, runs given up, polls that were due',
    labels: ['what'],
  })
  // A series that begins with its first event loses that event for rate().
  for (const what of ['due-again', 'past-deadline', 'stuck']) found.inc({ what }, 0)
  for (const result of ['swept', 'left', 'failed'] as const) sweeps.inc({ result }, 0)
  const countRuns = runCounter(metrics, store)
  return async () => {
    try {
      const swept = await sweep()
      sweeps.inc({ result: swept ? 'swept' : 'left' })
      for (const [name, count] of Object.entries(swept ?? {})) found.inc({ what: kebab(name) }, count)
    } catch (error) {
      sweeps.inc({ result: 'failed' })
      throw error
    }
    await countRuns()
  }
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
