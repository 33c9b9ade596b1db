import { createMetrics } from '@code-agent/service/metrics'
import type { EndedRun } from '@code-agent/store/ended-runs'
import { expect, test } from 'vitest'
import { countedSweep } from './sweep-metrics.ts'

const ended: EndedRun = {
  outcome: 'done',
  endingCause: 'concluded',
  overviewSeconds: 42,
  firstDraftSeconds: 17,
  variants: [
    { outcome: 'done', reasonClass: null },
    { outcome: 'failed', reasonClass: 'Rejected' },
    { outcome: 'failed', reasonClass: 'SomebodysOwnError' },
  ],
}

test('a sweep is counted with what it found, and the runs that ended since with how long they took and why variants failed', async () => {
  const metrics = createMetrics('flow-supervisor')
  const found = { dueAgain: 2, pastDeadline: 1, stuck: 0, polls: 1, waits: 0 }
  const sweep = countedSweep(metrics, async () => found, { takeEndedRuns: async () => [ended] })
  expect(await metrics.text()).toContain(
    'code_agent_runs_total{outcome="failed",cause="deadline",service="flow-supervisor"} 0',
  )
  await sweep()
  const text = await metrics.text()
  for (const series of [
    'code_agent_sweeps_total{result="swept",service="flow-supervisor"} 1',
    'code_agent_sweeper_found_total{what="due-again",service="flow-supervisor"} 2',
    'code_agent_runs_total{outcome="done",cause="concluded",service="flow-supervisor"} 1',
    'code_agent_variants_total{outcome="failed",reason="rejected",service="flow-supervisor"} 1',
    'code_agent_variants_total{outcome="failed",reason="other",service="flow-supervisor"} 1',
    'code_agent_request_to_overview_seconds_bucket{le="45",service="flow-supervisor",outcome="done"} 1',
    'code_agent_request_to_first_draft_seconds_bucket{le="20",service="flow-supervisor"} 1',
  ]) {
    expect(text).toContain(series)
  }
})

test('a sweep left to another supervisor and one that failed are told apart, and runs are counted all the same', async () => {
  const metrics = createMetrics('flow-supervisor')
  let asked = 0
  const store = {
    takeEndedRuns: async () => {
      asked += 1
      return []
    },
  }
  let fails = false
  const sweep = countedSweep(
    metrics,
    async () => {
      if (fails) throw new Error('the database is away')
      return undefined
    },
    store,
  )
  await sweep()
  fails = true
  await expect(sweep()).rejects.toThrow('away')
  const text = await metrics.text()
  expect(text).toContain('code_agent_sweeps_total{result="left",service="flow-supervisor"} 1')
  expect(text).toContain('code_agent_sweeps_total{result="failed",service="flow-supervisor"} 1')
  expect(asked).toBe(1)
})
