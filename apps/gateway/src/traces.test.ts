import { boundPort } from '@code-agent/service/health'
import { createLog } from '@code-agent/service/log'
import { createMetrics } from '@code-agent/service/metrics'
import { collectedTracing } from '@code-agent/service/test-tracing'
import { testStore } from '@code-agent/store/test-store'
import { expect, onTestFinished, test } from 'vitest'
import { dispatchSpans } from './dispatch-spans.ts'
import { buildGateway } from './gateway.ts'
import { commentDelivery } from './test-delivery.ts'

const given = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' }
const windows = { admissions: 5, running: 5, perRepository: 5 }

async function tracedGateway() {
  const { store, stop } = await testStore()
  const { tracing, spans } = collectedTracing()
  const app = await buildGateway({
    store,
    credentials: { basic: { username: 'hook', passwords: ['correct horse'] } },
    ...{ organisation: 'contoso', maxVariants: 8, metrics: createMetrics('gateway'), tracing },
    log: createLog({ service: 'gateway', level: 'silent' }),
  })
  onTestFinished(async () => {
    await app.close()
    await stop()
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const deliver = async (password: string) => {
    const response = await fetch(`http://127.0.0.1:${boundPort(app)}/webhooks/azure-devops`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${btoa(`hook:${password}`)}`,
        // Not sampled: Azure DevOps does not trace for us.
        traceparent: `00-${given.trace}-${given.span}-00`,
      },
      body: JSON.stringify(commentDelivery({})),
    })
    return response.status
  }
  const dispatch = async () => {
    const added: (string | undefined)[] = []
    for (const due of await store.dispatchNext(windows))
      await dispatchSpans(tracing, store)(due, async context => void added.push(context))
    return added
  }
  return { store, spans, deliver, dispatch }
}

test('whoever proves who they are may choose the trace; strangers choose and begin none', async () => {
  const { store, spans, deliver } = await tracedGateway()
  expect(await deliver('wrong horse')).toBe(401)
  expect(spans()).toEqual([])
  expect(await deliver('correct horse')).toBe(202)
  const [span] = spans()
  expect(span).toMatchObject({
    ...{ name: 'POST /webhooks/azure-devops', trace: given.trace, parent: given.span },
    attributes: { 'http.response.status_code': 202, 'code_agent.delivery': 'accepted' },
  })
  const [run] = await store.runs({})
  expect(run?.traceContext).toBe(`00-${given.trace}-${span?.id}-01`)
})

test('each dispatch of a run goes on with the trace of its delivery, linked with the dispatch before', async () => {
  const { store, spans, deliver, dispatch } = await tracedGateway()
  await deliver('correct horse')
  const [first] = await dispatch()
  const [run] = await store.runs({})
  if (!run) throw new Error('there is no run')
  expect(await store.dueAgain({ runId: run.runId, generation: 1 })).toBe(true)
  const [second] = await dispatch()
  const [accepted, ...dispatches] = spans()
  const one = { trace: given.trace, parent: accepted?.id, name: 'dispatch admission' }
  expect(dispatches).toMatchObject([
    { ...one, links: [], attributes: { 'code_agent.generation': 1 } },
    { ...one, links: [dispatches[0]?.id], attributes: { 'code_agent.generation': 2 } },
  ])
  expect([first, second]).toEqual(dispatches.map(({ id }) => `00-${given.trace}-${id}-01`))
})

test('work of our own has a trace of its own', async () => {
  const { store, spans, dispatch } = await tracedGateway()
  await store.acceptTask({
    ...{ taskId: '5b0c1e9a-7d1b-4a53-9b3e-3f6a0f0f1a09', kind: 'show-wait', uniqueKey: 'show-wait/1', payload: {} },
    traceContext: `00-${given.trace}-${given.span}-01`,
  })
  await dispatch()
  const [task] = spans()
  expect(task).toMatchObject({ name: 'dispatch show-wait', parent: undefined, links: [given.span] })
  expect(task?.trace).not.toBe(given.trace)
})
