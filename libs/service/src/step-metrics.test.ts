import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { stepObserver } from './step-metrics.ts'

test('steps are counted by outcome and by classes of errors that the queue knows, whatever an error calls itself', async () => {
  const metrics = createMetrics('worker-ado')
  const observe = stepObserver(metrics, { queue: 'ado', concurrency: 8 })
  const step = 'open-draft-pr'
  observe({ step, outcome: 'postponed', errorName: 'Throttled', seconds: 0.3, attempt: 1, waitSeconds: 30 })
  observe({ step, outcome: 'retry', errorName: 'Some\n"Odd" Error', seconds: 0.3, attempt: 1 })
  observe({ step, outcome: 'done', seconds: 2, attempt: 2 })
  const text = await metrics.text()
  const attempts = 'code_agent_step_attempts_total{step="open-draft-pr",'
  expect(text).toContain(`${attempts}outcome="postponed",failure="throttled",service="worker-ado"} 1`)
  expect(text).toContain(`${attempts}outcome="retry",failure="error",service="worker-ado"} 1`)
  expect(text).toContain(`${attempts}outcome="done",failure="none",service="worker-ado"} 1`)
  expect(text).toContain(
    'code_agent_step_wait_seconds_total{step="open-draft-pr",cause="throttled",service="worker-ado"} 30',
  )
  expect(text).toContain('code_agent_step_tries_bucket{le="2",service="worker-ado",step="open-draft-pr"} 1')
  expect(text).toContain('code_agent_worker_slots{queue="ado",service="worker-ado"} 8')
  expect(text).not.toContain('Odd')
})
