/** Some series of a counter, of which Prometheus and Application Insights are asked alike. */
export type Counted = {
  metric: string
  where?: Readonly<Record<string, string | readonly string[]>>
  /** Taken off the sum. */
  less?: boolean
  /** It may be that nobody tells of it. */
  maybe?: boolean
}

/** A promise about the share of good events; docs/slo.md says the same in words. */
export type Slo = {
  slo: 'latency' | 'errors' | 'throttling'
  /** Name of its alerts. */
  alert: string
  says: string
  /** The share of bad events that is still fine. */
  budget: number
  /** How many events were bad, and how many there were: the sum of what these count. */
  bad: readonly Counted[]
  all: readonly Counted[]
  /** Fewer events than this in a window say nothing. */
  atLeast: number
}

const served: Counted = {
  metric: 'code_agent_request_to_overview_seconds_count',
  where: { outcome: ['done', 'failed'] },
}
const calls = (party: 'azure_devops' | 'model', status?: string): Counted => ({
  metric: `code_agent_${party}_call_duration_seconds_count`,
  ...(status === undefined ? {} : { where: { status } }),
  maybe: true,
})

export const slos: readonly Slo[] = [
  {
    slo: 'latency',
    alert: 'OverviewsTooLate',
    says: 'Too many requests wait longer than 90 s for their overview',
    budget: 0.05,
    bad: [
      served,
      {
        metric: 'code_agent_request_to_overview_seconds_bucket',
        where: { ...served.where, le: '90' },
        less: true,
      },
    ],
    all: [served],
    atLeast: 5,
  },
  {
    slo: 'errors',
    alert: 'RunsFail',
    says: 'Too many requests fail',
    budget: 0.02,
    bad: [{ metric: 'code_agent_runs_total', where: { outcome: 'failed' } }],
    all: [{ metric: 'code_agent_runs_total', where: { outcome: ['done', 'failed'] } }],
    atLeast: 5,
  },
  {
    slo: 'throttling',
    alert: 'CallsThrottled',
    says: 'Too many calls of Azure DevOps or of the model are answered with 429',
    budget: 0.05,
    bad: [calls('azure_devops', '429'), calls('model', 'throttled')],
    all: [calls('azure_devops'), calls('model')],
    atLeast: 50,
  },
]

/** PromQL of the rate per second over a window as `5m`. */
function rateOf(counted: readonly Counted[], window: string): string {
  return counted
    .map(({ metric, where = {}, less, maybe }, index) => {
      const labels = Object.entries(where).map(([label, is]) =>
        typeof is === 'string' ? `${label}="${is}"` : `${label}=~"${is.join('|')}"`,
      )
      const sum = `sum(rate(${metric}${labels.length > 0 ? `{${labels.join(',')}}` : ''}[${window}]))`
      const sign = less ? ' - ' : index > 0 ? ' + ' : ''
      return `${sign}${maybe ? `(${sum} or vector(0))` : sum}`
    })
    .join('')
}

export type Rule =
  | { record: string; expr: string; labels?: Record<string, string> }
  | {
      alert: string
      expr: string
      for?: string
      labels: Record<string, string>
      annotations: { summary: string; runbook: string }
    }

export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const
const secondsOf = { '5m': 300, '30m': 1_800, '1h': 3_600, '2h': 7_200, '6h': 21_600, '1d': 86_400, '3d': 259_200 }

/** How fast the budget of 30 days may burn: `times` as fast as it may on average, in both windows. */
export const burns = [
  { severity: 'page', times: 14.4, long: '1h', short: '5m' },
  { severity: 'page', times: 6, long: '6h', short: '30m' },
  { severity: 'ticket', times: 3, long: '1d', short: '2h' },
  { severity: 'ticket', times: 1, long: '3d', short: '6h' },
] as const

export function sloRecords(): Rule[] {
  return slos.flatMap(({ slo, bad, all, budget }) => [
    { record: 'code_agent:slo_budget:ratio', expr: `vector(${budget})`, labels: { slo } },
    ...windows.map(window => ({
      record: `code_agent:slo_bad:ratio_rate${window}`,
      expr: `(${rateOf(bad, window)}) / (${rateOf(all, window)})`,
      labels: { slo },
    })),
    ...burns.map(({ long }) => ({
      record: `code_agent:slo_events:increase${long}`,
      expr: `(${rateOf(all, long)}) * ${secondsOf[long]}`,
      labels: { slo },
    })),
  ])
}

export function sloAlerts(runbook: (alert: string) => string): Rule[] {
  return slos.flatMap(slo =>
    (['page', 'ticket'] as const).map(severity => ({
      alert: slo.alert,
      expr: burns
        .filter(burn => burn.severity === severity)
        .map(burn => burning(slo, burn))
        .join('\nor\n'),
      labels: { severity },
      annotations: { summary: slo.says, runbook: runbook(slo.alert) },
    })),
  )
}

// A burn rate that a budget cannot reach (14.4 × 5 % is 72 %, fine) would never fire: keep times × budget below 1.
function burning({ slo, budget, atLeast }: Slo, { times, long, short }: (typeof burns)[number]): string {
  const over = (window: string) =>
    `code_agent:slo_bad:ratio_rate${window}{slo="${slo}"} > ${Number((times * budget).toFixed(4))}`
  return `(${over(long)} and ${over(short)} and code_agent:slo_events:increase${long}{slo="${slo}"} >= ${atLeast})`
}
