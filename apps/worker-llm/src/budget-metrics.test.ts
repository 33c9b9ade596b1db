import { readLimits } from '@code-agent/jobs/limits'
import { createMetrics } from '@code-agent/service/metrics'
import { newRun, testStore } from '@code-agent/store/test-store'
import { expect, onTestFinished, test } from 'vitest'
import { budgetMetrics } from './budget-metrics.ts'

test('the share of the organisation’s limits that is used today is told, of each limit there is', async () => {
  const { store, stop, query } = await testStore()
  onTestFinished(stop)
  const limits = readLimits('organisation:usd=2, user:tokens=10')
  const metrics = createMetrics('worker-llm')
  budgetMetrics(metrics, store, { AZURE_DEVOPS_URL: 'https://dev.azure.com/contoso', LIMITS: limits })
  const used = async () => /used_ratio\{thing="usd",.*\} (.*)$/m.exec(await metrics.text())?.[1]
  expect(await used()).toBe('0')

  const { runId } = await store.acceptRun(newRun())
  const call = { runId, variant: 1, tokens: 5 }
  await store.reserve({ ...call, call: 1, usd: 0.4, limits })
  await store.reserve({ ...call, call: 2, usd: 0.6, limits })
  await query(`UPDATE reservations SET at = now() - interval '2 days' WHERE call = 2`)
  expect(await used()).toBe('0.2')
  expect(await metrics.text()).toMatch(/budget_left\{thing="usd",.*\} 1\.6$/m)
  expect(await metrics.text()).not.toContain('thing="tokens"')
})
