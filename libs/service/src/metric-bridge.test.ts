import { expect, test } from 'vitest'
import { metricBridge } from './metric-bridge.ts'
import { createMetrics } from './metrics.ts'

test('what is counted is told as what came to it, what is read as it is', async () => {
  const metrics = createMetrics('gateway')
  const sweeps = metrics.counter({ name: 'code_agent_sweeps_total', help: 'x', labels: ['result'] })
  metrics.gauge({ name: 'code_agent_runs', help: 'x', read: async gauge => gauge.set(7) })
  const bridge = metricBridge(metrics)
  const collect = async () => {
    const { resourceMetrics } = await bridge.collect()
    const told = resourceMetrics.scopeMetrics.flatMap(scope => scope.metrics)
    return Object.fromEntries(
      told
        .filter(({ descriptor }) => descriptor.name.startsWith('code_agent_'))
        .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    )
  }
  sweeps.inc({ result: 'swept' }, 3)
  sweeps.inc({ result: 'failed' }, 0)
  expect(await collect()).toEqual({ code_agent_sweeps_total: [3], code_agent_runs: [7] })
  sweeps.inc({ result: 'swept' }, 2)
  sweeps.inc({ result: 'failed' }, 1)
  expect(await collect()).toEqual({ code_agent_sweeps_total: [2, 1], code_agent_runs: [7] })
  expect(await collect()).toEqual({ code_agent_runs: [7] })
})
