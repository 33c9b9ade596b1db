import type { Metrics } from './metrics.ts'

export type HttpCall = {
  method: string
  /** 0 when no answer came. */
  status: number
  milliseconds: number
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const toldApart = new Set([401, 403, 404, 409, 412, 429, 503])

/** Counts calls of Azure DevOps. A status nobody acts on differently goes by its hundred; 203 and 302 are sign-in pages. */
export function azureDevOpsObserver(metrics: Metrics): (call: HttpCall) => void {
  const seconds = metrics.histogram({
    name: 'code_agent_azure_devops_call_duration_seconds',
    help: 'Calls of Azure DevOps by method and status, until the whole answer was read',
    labels: ['method', 'status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 35],
  })
  // A series that begins with its first event loses that event for rate().
  for (const method of ['GET', 'OPTIONS', 'POST', 'PATCH']) {
    for (const status of ['2xx', '401', 'sign-in', '429']) seconds.zero({ method, status })
  }
  return call => {
    const method = methods.has(call.method) ? call.method : 'other'
    seconds.observe({ method, status: statusLabel(call.status) }, call.milliseconds / 1_000)
  }
}

function statusLabel(status: number): string {
  if (status === 0) return 'none'
  if (status === 203 || status === 302) return 'sign-in'
  return toldApart.has(status) ? `${status}` : `${Math.floor(status / 100)}xx`
}

export type ModelCall = {
  status: 'answered' | 'truncated' | 'refused' | 'throttled' | 'rejected' | 'stopped' | 'failed'
  seconds: number
  usage?: { inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWriteTokens: number }
  /** Undefined when no price is known. */
  costUsd?: number | undefined
}

/** Counts calls of the model, and what they used and cost. */
export function modelObserver(metrics: Metrics): (call: ModelCall) => void {
  const seconds = metrics.histogram({
    name: 'code_agent_model_call_duration_seconds',
    help: 'Calls of the model by what became of them',
    labels: ['status'],
    buckets: [0.5, 1, 2.5, 5, 10, 20, 40, 90, 180, 300, 600],
  })
  const tokens = metrics.counter({
    name: 'code_agent_model_tokens_total',
    help: 'Tokens by kind; input is what was paid in full',
    labels: ['kind'],
  })
  const cost = metrics.counter({ name: 'code_agent_model_cost_usd_total', help: 'What the model cost, in US dollars' })
  const unpriced = metrics.counter({
    name: 'code_agent_model_unpriced_calls_total',
    help: 'Answers of a model without a price in the configuration: they are missing in the cost',
  })
  for (const status of ['answered', 'throttled'] as const) seconds.zero({ status })
  return call => {
    seconds.observe({ status: call.status }, call.seconds)
    if (!call.usage) return
    tokens.inc({ kind: 'input' }, call.usage.inputTokens)
    tokens.inc({ kind: 'output' }, call.usage.outputTokens)
    tokens.inc({ kind: 'cache-read' }, call.usage.cacheReadTokens)
    tokens.inc({ kind: 'cache-write' }, call.usage.cacheWriteTokens)
    if (call.costUsd === undefined) unpriced.inc()
    else cost.inc(call.costUsd)
  }
}
