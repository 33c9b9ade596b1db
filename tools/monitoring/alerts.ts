import { runbookOf } from './runbook.ts'
import { type Rule, sloAlerts, sloRecords } from './slo.ts'

/** What an installation may spend on the model in a day before somebody is told; change it here, then `npm run docs`. */
const dailySpendUsd = 50

type Alert = { alert: string; severity: 'page' | 'ticket'; summary: string; expr: string; for?: string }

const services = ['gateway', 'worker-ado', 'worker-llm', 'flow-supervisor']

/** Every supervisor says the same of queues, runs and gates: the maximum over them is the truth. */
const work: Alert[] = [
  {
    alert: 'RunsOverdue',
    severity: 'page',
    summary: 'Runs are past their deadline and nobody ends them',
    expr: 'max(code_agent_runs_overdue) > 0',
    for: '5m',
  },
  {
    alert: 'RunsGivenUp',
    severity: 'page',
    summary: 'Runs were begun again and again without coming to an end, and were given up',
    expr: 'sum(increase(code_agent_sweeper_found_total{what="stuck"}[15m])) > 0',
  },
  {
    alert: 'SweeperSilent',
    severity: 'page',
    summary: 'Nobody looks for lost work',
    expr: 'sum(increase(code_agent_sweeps_total{result="swept"}[10m])) == 0',
    for: '2m',
  },
  {
    alert: 'QueueWithoutWorker',
    severity: 'page',
    summary: 'Nobody takes jobs from the queue {{ $labels.queue }}, and jobs wait in it',
    expr: 'max by (queue) (sum by (queue, instance) (code_agent_queue_jobs{state=~"wait|prioritized|active|delayed"})) > 0\nunless on (queue) sum by (queue) (code_agent_worker_slots) > 0',
    for: '2m',
  },
  {
    alert: 'QueueStandsStill',
    severity: 'ticket',
    summary: 'The oldest job waiting in the queue {{ $labels.queue }} is more than ten minutes old',
    expr: 'max by (queue) (code_agent_queue_oldest_seconds{state=~"wait|prioritized"}) > 600',
    for: '5m',
  },
]

const processes: Alert[] = [
  {
    alert: 'ServiceMissing',
    severity: 'page',
    summary: 'No process of {{ $labels.service }} answers',
    expr: services.map(service => `absent(process_start_time_seconds{service="${service}"})`).join('\nor\n'),
    for: '2m',
  },
  {
    alert: 'ProcessDown',
    severity: 'ticket',
    summary: 'A process does not answer; one whose settings are wrong says so in its log and ends',
    expr: 'up{job="code-agent"} == 0',
    for: '2m',
  },
  {
    alert: 'ProcessRestarts',
    severity: 'ticket',
    summary: 'A process of {{ $labels.service }} starts again and again',
    expr: 'max by (service) (changes(process_start_time_seconds{service!=""}[15m])) > 3',
  },
  {
    alert: 'DependencyDown',
    severity: 'page',
    summary: '{{ $labels.service }} cannot use {{ $labels.dependency }}',
    expr: 'min by (service, dependency) (code_agent_dependency_up) == 0',
    for: '2m',
  },
]

const settings: Alert[] = [
  {
    alert: 'WrongSettings',
    severity: 'ticket',
    summary: 'Settings of {{ $labels.server }} are not as they should be',
    expr: 'max by (server) (code_agent_wrong_settings) > 0',
    for: '1m',
  },
]

const outside: Alert[] = [
  {
    alert: 'WebhooksNotDurable',
    severity: 'page',
    summary: 'Deliveries of Azure DevOps are answered with 503, since they cannot be written down',
    expr: 'sum(increase(code_agent_webhook_duration_seconds_count{outcome="unavailable"}[5m])) > 0',
  },
  {
    alert: 'WebhooksUnauthenticated',
    severity: 'ticket',
    summary: 'Many deliveries carry a wrong secret',
    expr: 'sum(increase(code_agent_webhook_duration_seconds_count{outcome="unauthenticated"}[10m])) > 20',
  },
  {
    alert: 'ServiceHookDown',
    severity: 'page',
    summary: 'A service hook is {{ $labels.status }}: Azure DevOps does not tell of comments',
    expr: 'max by (status) (code_agent_service_hooks{status=~"on-probation|disabled"}) > 0',
    for: '1m',
  },
  {
    alert: 'ServiceHookMissing',
    severity: 'ticket',
    summary: 'No service hook tells of comments; they are found by looking only, minutes later',
    expr: 'sum(max by (status) (code_agent_service_hooks)) == 0',
    for: '5m',
  },
  {
    alert: 'AzureDevOpsRefusesCredential',
    severity: 'page',
    summary: 'Azure DevOps does not accept the credential',
    expr: 'sum(increase(code_agent_azure_devops_call_duration_seconds_count{status=~"401|sign-in"}[10m])) > 3',
  },
  {
    alert: 'GateStaysClosed',
    severity: 'ticket',
    summary: 'Calls of {{ $labels.party }} have been held back for a quarter of an hour',
    expr: 'max by (party) (code_agent_gate_closed_seconds) > 0',
    for: '15m',
  },
]

const money: Alert[] = [
  {
    alert: 'SpendingHigh',
    severity: 'ticket',
    summary: `The model cost more than ${dailySpendUsd} US dollars within a day`,
    expr: 'sum(increase(code_agent_model_cost_usd_total[1d])) > on () code_agent:daily_spend_limit:usd',
  },
  {
    alert: 'BudgetNearlySpent',
    severity: 'ticket',
    summary: 'Nine tenths of the {{ $labels.thing }} the organisation may use today are used',
    expr: 'max by (thing) (code_agent_budget_used_ratio) > 0.9',
  },
  {
    alert: 'CostUnknown',
    severity: 'ticket',
    summary: 'A model without a price in the configuration answers: its cost is missing everywhere',
    expr: 'sum(increase(code_agent_model_unpriced_calls_total[1h])) > 0',
  },
]

/** What the dashboards and those on call look at first. */
const figures: Rule[] = [
  quantile('request_to_overview', 0.95),
  quantile('request_to_overview', 0.5),
  quantile('request_to_first_draft', 0.95),
  {
    record: 'code_agent:prompt_cache_hits:ratio_rate1h',
    expr: 'sum(rate(code_agent_model_tokens_total{kind="cache-read"}[1h])) / sum(rate(code_agent_model_tokens_total{kind=~"input|cache-read|cache-write"}[1h]))',
  },
]

function quantile(name: string, q: number): Rule {
  const outcome = name === 'request_to_overview' ? '{outcome=~"done|failed"}' : ''
  return {
    record: `code_agent:${name}_seconds:p${q * 100}_1h`,
    expr: `histogram_quantile(${q}, sum by (le) (rate(code_agent_${name}_seconds_bucket${outcome}[1h])))`,
  }
}

type RuleGroup = { name: string; rules: Rule[] }

export function ruleGroups(): RuleGroup[] {
  return [
    { name: 'code-agent-slo-records', rules: sloRecords() },
    { name: 'code-agent-figures', rules: figures },
    { name: 'code-agent-slo', rules: sloAlerts(runbookOf) },
    { name: 'code-agent-work', rules: work.map(rule) },
    { name: 'code-agent-processes', rules: [...processes, ...settings].map(rule) },
    { name: 'code-agent-outside', rules: outside.map(rule) },
    {
      name: 'code-agent-money',
      rules: [{ record: 'code_agent:daily_spend_limit:usd', expr: `vector(${dailySpendUsd})` }, ...money.map(rule)],
    },
  ]
}

function rule({ alert, severity, summary, expr, for: wait }: Alert): Rule {
  return {
    alert,
    expr,
    ...(wait === undefined ? {} : { for: wait }),
    labels: { severity },
    annotations: { summary, runbook: runbookOf(alert) },
  }
}
