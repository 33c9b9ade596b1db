import { organisationName } from '@code-agent/jobs/organisation'
import type { Metrics } from '@code-agent/service/metrics'
import type { SpentToday } from '@code-agent/store/spent-today'
import type { WorkerLlmSettings } from './settings.ts'

/** How much of the organisation's limits on tokens and money is used today; nothing is told where there is no such limit. */
export function budgetMetrics(
  metrics: Metrics,
  store: SpentToday,
  settings: Pick<WorkerLlmSettings, 'AZURE_DEVOPS_URL' | 'LIMITS'>,
): void {
  const organisation = organisationName(settings.AZURE_DEVOPS_URL)
  const limits = (settings.LIMITS ?? []).filter(({ scope }) => scope === 'organisation')
  const daily = limits.flatMap(({ of, most }) => (of === 'tokens' || of === 'usd' ? [{ of, most }] : []))
  metrics.gauge({
    name: 'code_agent_budget_left',
    help: 'What the organisation may still use today (UTC), in tokens or US dollars; below 0 if it used more',
    labels: ['thing'],
    read: async gauge => {
      if (daily.length === 0) return
      const spent = await store.spentToday({ organisation })
      for (const { of, most } of daily) gauge.set({ thing: of }, most - spent[of])
    },
  })
  metrics.gauge({
    name: 'code_agent_budget_used_ratio',
    help: 'Share of what the organisation may use today (UTC) that is used or set aside',
    labels: ['thing'],
    read: async gauge => {
      if (daily.length === 0) return
      const spent = await store.spentToday({ organisation })
      for (const { of, most } of daily) gauge.set({ thing: of }, most > 0 ? spent[of] / most : 1)
    },
  })
}
