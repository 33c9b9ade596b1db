import { type burns, type Counted, type Slo, slos } from './slo.ts'

/** Windows as KQL has them; a rule of Azure Monitor looks back two days at most. */
const timespans = { '5m': '5m', '30m': '30m', '1h': '1h', '2h': '2h', '6h': '6h', '1d': '1d', '3d': '2d' } as const
export type Window = keyof typeof timespans

/**
 * KQL of a number: the sum over rows of AppMetrics. The bridge in libs/service tells counters as what came to them (Sum), and
 * of a histogram how many values there were (ItemCount).
 */
function counted(all: readonly Counted[]): string {
  return all
    .map(({ metric, where = {}, less }, index) => {
      const [, name = metric, isCount] = /^(.*?)(_count)?$/.exec(metric) ?? []
      const labels = Object.entries(where).map(
        ([label, is]) => `tostring(Properties["${label}"]) in (${[is].flat().map(quoted).join(', ')})`,
      )
      const sign = less ? ' - ' : index > 0 ? ' + ' : ''
      return `${sign}sumif(${isCount ? 'ItemCount' : 'Sum'}, ${[`Name == ${quoted(name)}`, ...labels].join(' and ')})`
    })
    .join('')
}

/** The share of bad events and how many events there were, by window or by time. */
function shares({ bad, all }: Slo, by = ''): string {
  return `summarize Bad = todouble(${counted(bad)}), All = todouble(${counted(all)})${by} | extend Share = iff(All > 0, Bad / All, 0.0)`
}

/** One row when the budget burns too fast in both windows, none otherwise. */
export function burnQuery(slo: Slo, { times, long, short }: (typeof burns)[number]): string {
  const limit = Number((times * slo.budget).toFixed(4))
  return [
    `let within = (window: timespan) { AppMetrics | where TimeGenerated > ago(window) | ${shares(slo)} | extend At = 1 };`,
    `within(${timespans[long]})`,
    `| join kind=inner (within(${timespans[short]}) | project At, ShareNow = Share) on At`,
    `| where Share > ${limit} and ShareNow > ${limit} and All >= ${slo.atLeast}`,
    '| project Share, ShareNow, All',
  ].join('\n')
}

/** The share of bad events over the time that the workbook shows, against what is fine. */
export function shareQuery(slo: Slo): string {
  return `AppMetrics\n| ${shares(slo, ' by bin(TimeGenerated, 1h)')}\n| project TimeGenerated, Share, Fine = ${slo.budget}\n| order by TimeGenerated asc`
}

/** Each promise in one row: what it allows and how it stands. */
export function standingQuery(): string {
  const rows = slos.map(
    slo =>
      `(AppMetrics | ${shares(slo)} | project Promise = ${quoted(slo.slo)}, Share, Fine = ${slo.budget}, Events = All)`,
  )
  return `union\n${rows.join(',\n')}`
}

export const figureQueries: Readonly<Record<string, string>> = {
  'Runs that ended, by outcome': summed('code_agent_runs_total', 'outcome', '1h'),
  'US dollars':
    'AppMetrics\n| where Name == "code_agent_model_cost_usd_total"\n| summarize Usd = sum(Sum) by bin(TimeGenerated, 1h)',
  'Deliveries, by what became of them':
    'AppMetrics\n| where Name == "code_agent_webhook_duration_seconds"\n| summarize Deliveries = sum(ItemCount) by bin(TimeGenerated, 1h), Outcome = tostring(Properties["outcome"])',
  'Jobs waiting, by queue':
    'AppMetrics\n| where Name == "code_agent_queue_jobs" and tostring(Properties["state"]) in ("wait", "prioritized")\n| summarize Told = max(Max) by bin(TimeGenerated, 5m), Queue = tostring(Properties["queue"]), State = tostring(Properties["state"])\n| summarize Jobs = sum(Told) by TimeGenerated, Queue',
}

function summed(metric: string, label: string, bin: string): string {
  return `AppMetrics\n| where Name == "${metric}"\n| summarize Total = sum(Sum) by bin(TimeGenerated, ${bin}), Of = tostring(Properties["${label}"])`
}

/** Everything that was said and done under the trace of a run; the workbook has its id as a parameter. */
export const runQuery = [
  'let run = "{Run}";',
  'let traces = union AppRequests, AppDependencies | where tostring(Properties["code_agent.run"]) == run | distinct OperationId;',
  'union withsource = From AppRequests, AppDependencies, AppTraces',
  '| where OperationId in (traces)',
  '| project TimeGenerated, From, AppRoleName, What = coalesce(Name, Message), DurationMs, Success, Step = coalesce(tostring(Properties["code_agent.step"]), tostring(Properties["step"])), Variant = coalesce(tostring(Properties["code_agent.variant"]), tostring(Properties["variant"]))',
  '| order by TimeGenerated asc',
].join('\n')

function quoted(text: string): string {
  return JSON.stringify(text)
}
