import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import type { Dispatch } from '@code-agent/store/dispatch'
import { expect, onTestFinished, test } from 'vitest'
import { dispatchMetrics } from './dispatch-metrics.ts'
import { startDispatcher } from './dispatcher.ts'

const runId = '11111111-1111-4111-8111-111111111111'

/** The looks for what is due, one after the other; nothing is due afterwards. */
async function dispatching(looks: (() => Dispatch[])[], addFlow: () => Promise<void>): Promise<string> {
  const metrics = createMetrics('gateway')
  const left = [...looks]
  const over = Promise.withResolvers<void>()
  const dispatcher = await startDispatcher({
    store: {
      async dispatchNext() {
        const look = left.shift()
        if (!look) over.resolve()
        return look?.() ?? []
      },
      nextDueAt: async () => undefined,
      saveDispatchContext: async () => {},
      listenForWork: async () => ({ stop: async () => {} }),
    },
    producer: { addFlow, isReady: () => true },
    windows: { admissions: 1, running: 1, perRepository: 1 },
    everyMs: 1,
    log: createLog({ service: 'gateway', level: 'silent' }),
    observe: dispatchMetrics(metrics),
  })
  onTestFinished(() => dispatcher.stop())
  await over.promise
  return await metrics.text()
}

test('what was dispatched is counted, and the wait of a request for its first dispatch', async () => {
  const text = await dispatching(
    [
      () => [{ kind: 'admission', runId, generation: 1, waitedMs: 400 }],
      () => [{ kind: 'refusal', runId, generation: 2 }],
    ],
    async () => {},
  )
  expect(text).toMatch(/code_agent_dispatches_total\{kind="admission",result="added".*\} 1/)
  expect(text).toMatch(/code_agent_dispatches_total\{kind="refusal",result="added".*\} 1/)
  expect(text).toMatch(/code_agent_dispatch_wait_seconds_bucket\{le="0.25".*\} 0/)
  expect(text).toMatch(/code_agent_dispatch_wait_seconds_bucket\{le="0.5".*\} 1/)
})

test('an add that may or may not have arrived is counted as such, and not repeated', async () => {
  const adds: number[] = []
  const text = await dispatching([() => [{ kind: 'admission', runId, generation: 1 }]], async () => {
    adds.push(1)
    throw new Error('no reply')
  })
  expect(adds).toHaveLength(1)
  expect(text).toMatch(/code_agent_dispatches_total\{kind="admission",result="uncertain".*\} 1/)
})

test('a look that failed is counted, and the next one finds what was due', async () => {
  const text = await dispatching(
    [
      () => {
        throw new Error('Postgres is away')
      },
      () => [{ kind: 'admission', runId, generation: 1 }],
    ],
    async () => {},
  )
  expect(text).toMatch(/code_agent_dispatch_failures_total\{.*\} 1/)
  expect(text).toMatch(/code_agent_dispatches_total\{kind="admission",result="added".*\} 1/)
})
