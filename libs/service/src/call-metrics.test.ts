import { expect, test } from 'vitest'
import { azureDevOpsObserver, modelObserver } from './call-metrics.ts'
import { createMetrics } from './metrics.ts'

test('calls of Azure DevOps are told apart where somebody would act differently: throttled, refused, asked to sign in, unanswered', async () => {
  const metrics = createMetrics('worker-ado')
  const observe = azureDevOpsObserver(metrics)
  expect(await metrics.text()).toMatch(/count\{service="worker-ado",method="GET",status="401"\} 0/)
  for (const status of [200, 201, 429, 401, 203, 302, 404, 418, 500, 503, 0]) {
    observe({ method: 'GET', status, milliseconds: 120 })
  }
  observe({ method: 'BREW', status: 200, milliseconds: 5 })
  const text = await metrics.text()
  const count = (status: string, method = 'GET') =>
    Number(
      new RegExp(
        `call_duration_seconds_count\\{service="worker-ado",method="${method}",status="${status}"\\} (\\d+)`,
      ).exec(text)?.[1],
    )
  expect(['2xx', '429', '401', 'sign-in', '404', '4xx', '5xx', '503', 'none'].map(status => count(status))).toEqual([
    2, 1, 1, 2, 1, 1, 1, 1, 1,
  ])
  expect(count('2xx', 'other')).toBe(1)
})

test('what a model used and cost adds up; an answer without a price is counted as such and not as free', async () => {
  const metrics = createMetrics('worker-llm')
  const observe = modelObserver(metrics)
  const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 400, cacheWriteTokens: 0 }
  observe({ status: 'answered', seconds: 3, usage, costUsd: 0.25 })
  observe({ status: 'truncated', seconds: 3, usage, costUsd: 0.5 })
  observe({ status: 'answered', seconds: 3, usage, costUsd: undefined })
  observe({ status: 'throttled', seconds: 0.1 })
  const text = await metrics.text()
  expect(text).toContain('code_agent_model_tokens_total{kind="cache-read",service="worker-llm"} 1200')
  expect(text).toContain('code_agent_model_cost_usd_total{service="worker-llm"} 0.75')
  expect(text).toContain('code_agent_model_unpriced_calls_total{service="worker-llm"} 1')
  expect(text).toContain('code_agent_model_call_duration_seconds_count{service="worker-llm",status="throttled"} 1')
})
