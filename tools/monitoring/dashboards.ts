/** What the dashboards show; grafana.ts makes Grafana's JSON of it. */
export type Panel = {
  title: string
  /** What a reader learns from it, or does about it. */
  says?: string
  kind: 'graph' | 'stack' | 'number' | 'logs'
  unit: 's' | 'short' | 'percentunit' | 'currencyUSD' | 'ops' | 'cpm' | 'none'
  /** By legend; {{label}} as in Grafana. */
  queries: Record<string, string>
  /** From here on a number is yellow, from here on red. */
  thresholds?: [number, number]
}
export type Dashboard = { uid: string; title: string; rows: { title: string; panels: Panel[] }[] }

const per = '$__rate_interval'
const rate = (series: string, by: string) => `sum by (${by}) (rate(${series}[${per}]))`
const p95 = (histogram: string, by: string) =>
  `histogram_quantile(0.95, sum by (le, ${by}) (rate(${histogram}_bucket[${per}])))`
/** Every supervisor says the same. */
const told = (gauge: string, by: string) => `max by (${by}) (${gauge})`

const burnOf = (slo: string) =>
  `code_agent:slo_bad:ratio_rate1h{slo="${slo}"} / on (slo) code_agent:slo_budget:ratio{slo="${slo}"}`

const overview: Dashboard = {
  uid: 'code-agent-overview',
  title: 'Code Agent: overview',
  rows: [
    {
      title: 'Do we keep what we promise?',
      panels: [
        number('Request → overview, P95', 's', 'code_agent:request_to_overview_seconds:p95_1h', [75, 90]),
        number('Requests that fail', 'percentunit', 'code_agent:slo_bad:ratio_rate1h{slo="errors"}', [0.01, 0.02]),
        number(
          'Calls answered with 429',
          'percentunit',
          'code_agent:slo_bad:ratio_rate1h{slo="throttling"}',
          [0.025, 0.05],
        ),
        number('Alerts firing', 'none', 'count(ALERTS{alertstate="firing"}) or vector(0)', [1, 1]),
        {
          title: 'How fast the budgets burn',
          says: '1 is as fast as the month allows; a page comes from 14.4 within an hour or 6 within six.',
          kind: 'graph',
          unit: 'short',
          queries: { latency: burnOf('latency'), errors: burnOf('errors'), throttling: burnOf('throttling') },
        },
        {
          title: 'From the request on',
          kind: 'graph',
          unit: 's',
          queries: {
            'overview, P95': 'code_agent:request_to_overview_seconds:p95_1h',
            'overview, median': 'code_agent:request_to_overview_seconds:p50_1h',
            'first draft, P95': 'code_agent:request_to_first_draft_seconds:p95_1h',
          },
        },
      ],
    },
    {
      title: 'What is done',
      panels: [
        stack('Runs that ended, a minute', 'cpm', {
          '{{outcome}}': `60 * ${rate('code_agent_runs_total', 'outcome')}`,
        }),
        stack('Variants that did not become drafts, by reason', 'cpm', {
          '{{reason}}': `60 * ${rate('code_agent_variants_total{outcome!="done"}', 'reason')}`,
        }),
        stack('Runs under way', 'short', { '{{state}}': told('code_agent_runs', 'state') }),
        stack('Deliveries', 'ops', {
          '{{outcome}}': rate('code_agent_webhook_duration_seconds_count', 'outcome'),
        }),
      ],
    },
  ],
}

const fleet: Dashboard = {
  uid: 'code-agent-fleet',
  title: 'Code Agent: fleet and queues',
  rows: [
    {
      title: 'Queues',
      panels: [
        graph('Work for workers', 'short', { '{{queue}}': told('code_agent_queue_load', 'queue') }),
        graph('Slots of workers', 'short', { '{{queue}}': 'sum by (queue) (code_agent_worker_slots)' }),
        stack('Jobs', 'short', {
          '{{queue}} {{state}}': told(
            'code_agent_queue_jobs{state=~"wait|prioritized|active|delayed"}',
            'queue, state',
          ),
        }),
        graph('Oldest job', 's', { '{{queue}} {{state}}': told('code_agent_queue_oldest_seconds', 'queue, state') }),
      ],
    },
    {
      title: 'Steps',
      panels: [
        graph('Duration, P95', 's', { '{{step}}': p95('code_agent_step_duration_seconds', 'step') }),
        stack('Attempts that did not succeed', 'ops', {
          '{{step}} {{failure}}': rate('code_agent_step_attempts_total{outcome=~"failed|retry"}', 'step, failure'),
        }),
        graph('Attempts a step needs, P95', 'short', { '{{step}}': p95('code_agent_step_tries', 'step') }),
        stack('Seconds waited, a second', 'short', {
          '{{step}} {{cause}}': rate('code_agent_step_wait_seconds_total', 'step, cause'),
        }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph('What they depend on', 'none', {
          '{{service}} {{dependency}}': 'min by (service, dependency) (code_agent_dependency_up)',
        }),
        stack('The sweeper found', 'cpm', {
          '{{what}}': `60 * ${rate('code_agent_sweeper_found_total', 'what')}`,
        }),
        graph('Event loop lag, P99', 's', { '{{service}}': 'max by (service) (nodejs_eventloop_lag_p99_seconds)' }),
        graph('Memory', 'short', { '{{service}}': 'max by (service) (process_resident_memory_bytes)' }),
      ],
    },
  ],
}

const outside: Dashboard = {
  uid: 'code-agent-outside',
  title: 'Code Agent: Azure DevOps and model',
  rows: [
    {
      title: 'Azure DevOps',
      panels: [
        stack('Calls by status', 'ops', {
          '{{status}}': rate('code_agent_azure_devops_call_duration_seconds_count', 'status'),
        }),
        graph('Duration, P95', 's', { '{{method}}': p95('code_agent_azure_devops_call_duration_seconds', 'method') }),
        stack('Commands found by looking', 'cpm', {
          '{{what}}': `60 * ${rate('code_agent_polled_comments_total{what="found"}', 'what')}`,
        }),
        graph('Service hooks', 'none', { '{{status}}': told('code_agent_service_hooks', 'status') }),
        graph('Gates stay closed for', 's', { '{{party}}': told('code_agent_gate_closed_seconds', 'party') }),
      ],
    },
    {
      title: 'Model',
      panels: [
        stack('Calls', 'ops', { '{{status}}': rate('code_agent_model_call_duration_seconds_count', 'status') }),
        graph('Duration, P95', 's', { '{{status}}': p95('code_agent_model_call_duration_seconds', 'status') }),
        stack('Tokens a second', 'short', { '{{kind}}': rate('code_agent_model_tokens_total', 'kind') }),
        graph('Input from the prompt cache', 'percentunit', { share: 'code_agent:prompt_cache_hits:ratio_rate1h' }),
      ],
    },
  ],
}

const money: Dashboard = {
  uid: 'code-agent-money',
  title: 'Code Agent: money',
  rows: [
    {
      title: 'What the model costs',
      panels: [
        number('Last 24 hours', 'currencyUSD', 'sum(increase(code_agent_model_cost_usd_total[1d]))'),
        number(
          'Of the day’s limit',
          'percentunit',
          'sum(increase(code_agent_model_cost_usd_total[1d])) / on () code_agent:daily_spend_limit:usd',
          [0.8, 1],
        ),
        number(
          'A request that ended, over a day',
          'currencyUSD',
          'sum(increase(code_agent_model_cost_usd_total[1d])) / sum(increase(code_agent_runs_total{outcome=~"done|failed"}[1d]))',
        ),
        number(
          'Answers without a price, in a day',
          'none',
          'sum(increase(code_agent_model_unpriced_calls_total[1d]))',
          [1, 1],
        ),
        graph('Left of what the organisation may use today', 'short', {
          '{{thing}}': 'min by (thing) (code_agent_budget_left)',
        }),
        graph('Of what the organisation may use today', 'percentunit', {
          '{{thing}}': told('code_agent_budget_used_ratio', 'thing'),
        }),
        graph('US dollars an hour', 'currencyUSD', { cost: 'sum(rate(code_agent_model_cost_usd_total[1h])) * 3600' }),
        stack('Tokens an hour', 'short', {
          '{{kind}}': 'sum by (kind) (rate(code_agent_model_tokens_total[1h])) * 3600',
        }),
      ],
    },
  ],
}

/** The variable `run` is a run's id, typed or from a link. */
const oneRun: Dashboard = {
  uid: 'code-agent-run',
  title: 'Code Agent: a run',
  rows: [
    {
      title: 'Everything any process said of it',
      panels: [
        {
          title: 'Log of the run',
          kind: 'logs',
          unit: 'none',
          queries: {
            lines:
              '{app="code-agent"} |= `$run` | json | line_format `{{.service}} {{.step}} v{{.variant}} #{{.attempt}} {{.msg}} {{.err_message}} trace={{.traceId}}`',
          },
        },
      ],
    },
  ],
}

export const dashboards: readonly Dashboard[] = [overview, fleet, outside, money, oneRun]

function graph(title: string, unit: Panel['unit'], queries: Panel['queries']): Panel {
  return { title, kind: 'graph', unit, queries }
}

function stack(title: string, unit: Panel['unit'], queries: Panel['queries']): Panel {
  return { title, kind: 'stack', unit, queries }
}

function number(title: string, unit: Panel['unit'], query: string, thresholds?: [number, number]): Panel {
  return { title, kind: 'number', unit, queries: { now: query }, ...(thresholds ? { thresholds } : {}) }
}
