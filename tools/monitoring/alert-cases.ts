/** How each alert is seen to fire and to clear: series as promtool writes them, one sample a minute. */
export type AlertCase = {
  alert: string
  series: Record<string, string>
  /** Minutes, and the labels of the alerts that fire then. */
  checks: { at: number; firing: Record<string, string>[] }[]
}

const page = { severity: 'page' }
const ticket = { severity: 'ticket' }

/** Two bad hours in twelve: both severities, then the ticket alone until the long windows have forgotten. */
function sloCase(alert: string, slo: string, series: Record<string, string>): AlertCase {
  const [paged, ticketed] = [
    { ...page, slo },
    { ...ticket, slo },
  ]
  return {
    alert,
    series,
    checks: [
      { at: 110, firing: [paged, ticketed] },
      { at: 170, firing: [ticketed] },
      { at: 600, firing: [] },
    ],
  }
}

const steady = (perMinute: number) => `0+${perMinute}x720`
/** Counts for two hours, and then no more. */
const atFirst = (perMinute: number) => `0+${perMinute}x120 ${120 * perMinute}x600`
/** Counts after two hours only. */
const later = (perMinute: number) => `0x120 ${perMinute}+${perMinute}x600`

const once = (
  alert: string,
  of: { series: Record<string, string>; fires: number; clears: number; labels: Record<string, string> },
): AlertCase => ({
  alert,
  series: of.series,
  checks: [
    { at: 0, firing: [] },
    { at: of.fires, firing: [of.labels] },
    { at: of.clears, firing: [] },
  ],
})

/** Between the fifth and the twentieth minute. */
const meanwhile = (quiet: number, loud: number) => `${quiet}x4 ${loud}x15 ${quiet}x60`
const supervisor = 'service="flow-supervisor",instance="a"'
const slots = (queue: string) => `code_agent_worker_slots{queue="${queue}",service="w",instance="b"}`
const started = (service: string) => `process_start_time_seconds{service="${service}",instance="${service}"}`

export const alertCases: AlertCase[] = [
  sloCase('OverviewsTooLate', 'latency', {
    'code_agent_request_to_overview_seconds_count{outcome="done"}': steady(1),
    'code_agent_request_to_overview_seconds_bucket{outcome="done",le="90"}': later(1),
  }),
  sloCase('RunsFail', 'errors', {
    'code_agent_runs_total{outcome="done",cause="concluded"}': steady(1),
    'code_agent_runs_total{outcome="failed",cause="deadline"}': atFirst(1),
    'code_agent_runs_total{outcome="refused",cause="refused"}': steady(9),
  }),
  sloCase('CallsThrottled', 'throttling', {
    'code_agent_azure_devops_call_duration_seconds_count{method="GET",status="2xx"}': later(30),
    'code_agent_azure_devops_call_duration_seconds_count{method="GET",status="429"}': atFirst(30),
    'code_agent_model_call_duration_seconds_count{status="answered"}': steady(1),
  }),
  {
    alert: 'RunsFail',
    series: {
      'code_agent_runs_total{outcome="done",cause="concluded"}': '0x720',
      'code_agent_runs_total{outcome="failed",cause="failed"}': '0x30 1x690',
      'code_agent_runs_total{outcome="refused",cause="refused"}': steady(1),
    },
    // One failure in a quiet night wakes nobody.
    checks: [{ at: 60, firing: [] }],
  },
  once('RunsOverdue', {
    series: { [`code_agent_runs_overdue{${supervisor}}`]: meanwhile(0, 1) },
    fires: 12,
    clears: 25,
    labels: page,
  }),
  once('RunsGivenUp', {
    series: { [`code_agent_sweeper_found_total{what="stuck",${supervisor}}`]: '0x4 1x60' },
    fires: 6,
    clears: 30,
    labels: page,
  }),
  once('SweeperSilent', {
    series: {
      'code_agent_sweeps_total{result="swept",instance="a"}': '0+12x5 60x20 72+12x40',
      'code_agent_sweeps_total{result="swept",instance="b"}': '0x80',
      'code_agent_sweeps_total{result="failed",instance="a"}': '0+12x80',
    },
    fires: 20,
    clears: 40,
    labels: page,
  }),
  once('QueueWithoutWorker', {
    series: {
      [`code_agent_queue_jobs{queue="llm",state="wait",${supervisor}}`]: '3x60',
      [`code_agent_queue_jobs{queue="ado",state="wait",${supervisor}}`]: '3x60',
      [`code_agent_queue_jobs{queue="flow",state="wait",${supervisor}}`]: '0x60',
      [slots('llm')]: '8x4 stale _x14 8x40',
      [slots('ado')]: '8x60',
    },
    fires: 10,
    clears: 25,
    labels: { ...page, queue: 'llm' },
  }),
  once('QueueStandsStill', {
    series: { [`code_agent_queue_oldest_seconds{queue="ado",state="wait",${supervisor}}`]: meanwhile(5, 900) },
    fires: 12,
    clears: 25,
    labels: { ...ticket, queue: 'ado' },
  }),
  once('ServiceMissing', {
    series: {
      [started('gateway')]: '1x4 stale _x14 2x40',
      [started('worker-ado')]: '1x60',
      [started('worker-llm')]: '1x60',
      [started('flow-supervisor')]: '1x60',
    },
    fires: 10,
    clears: 25,
    labels: { ...page, service: 'gateway' },
  }),
  once('ProcessDown', {
    series: { 'up{job="code-agent",instance="a"}': meanwhile(1, 0) },
    fires: 9,
    clears: 25,
    labels: { ...ticket, job: 'code-agent', instance: 'a' },
  }),
  once('ProcessRestarts', {
    series: { [started('worker-llm')]: '1x3 2+1x6 8x60' },
    fires: 9,
    clears: 30,
    labels: { ...ticket, service: 'worker-llm' },
  }),
  once('DependencyDown', {
    series: {
      'code_agent_dependency_up{service="worker-llm",dependency="model",instance="a"}': meanwhile(1, 0),
      'code_agent_dependency_up{service="worker-llm",dependency="redis",instance="a"}': '1x80',
    },
    fires: 9,
    clears: 25,
    labels: { ...page, service: 'worker-llm', dependency: 'model' },
  }),
  once('WebhooksNotDurable', {
    series: { 'code_agent_webhook_duration_seconds_count{outcome="unavailable"}': '0x4 2x60' },
    fires: 6,
    clears: 15,
    labels: page,
  }),
  once('WebhooksUnauthenticated', {
    series: { 'code_agent_webhook_duration_seconds_count{outcome="unauthenticated"}': '0x4 50x60' },
    fires: 6,
    clears: 20,
    labels: ticket,
  }),
  once('ServiceHookDown', {
    series: {
      'code_agent_service_hooks{status="enabled",instance="a"}': meanwhile(1, 0),
      'code_agent_service_hooks{status="on-probation",instance="a"}': meanwhile(0, 1),
      'code_agent_service_hooks{status="disabled",instance="a"}': '0x80',
    },
    fires: 8,
    clears: 25,
    labels: { ...page, status: 'on-probation' },
  }),
  once('ServiceHookMissing', {
    series: {
      'code_agent_service_hooks{status="enabled",instance="a"}': meanwhile(1, 0),
      'code_agent_service_hooks{status="disabled",instance="a"}': '0x80',
    },
    fires: 12,
    clears: 25,
    labels: ticket,
  }),
  once('AzureDevOpsRefusesCredential', {
    series: { 'code_agent_azure_devops_call_duration_seconds_count{method="GET",status="401"}': '0x4 9x60' },
    fires: 6,
    clears: 20,
    labels: page,
  }),
  once('GateStaysClosed', {
    series: { [`code_agent_gate_closed_seconds{party="model",${supervisor}}`]: '0x4 30x30 0x40' },
    fires: 25,
    clears: 40,
    labels: { ...ticket, party: 'model' },
  }),
  {
    alert: 'SpendingHigh',
    series: { code_agent_model_cost_usd_total: '0x10 80x1600' },
    checks: [
      { at: 5, firing: [] },
      { at: 20, firing: [ticket] },
      { at: 1_500, firing: [] },
    ],
  },
  once('CostUnknown', {
    series: { code_agent_model_unpriced_calls_total: '0x10 3x100' },
    fires: 15,
    clears: 90,
    labels: ticket,
  }),
  once('WrongSettings', {
    series: {
      [`code_agent_wrong_settings{server="redis",${supervisor}}`]: meanwhile(0, 2),
      [`code_agent_wrong_settings{server="postgres",${supervisor}}`]: '0x80',
    },
    fires: 8,
    clears: 25,
    labels: { ...ticket, server: 'redis' },
  }),
  once('BudgetNearlySpent', {
    series: {
      'code_agent_budget_used_ratio{thing="usd",instance="a"}': meanwhile(0.4, 0.95),
      'code_agent_budget_used_ratio{thing="tokens",instance="a"}': '0.4x80',
    },
    fires: 8,
    clears: 25,
    labels: { ...ticket, thing: 'usd' },
  }),
]
