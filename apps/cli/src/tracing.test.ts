import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openStore, type Store } from '@code-agent/store/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, startInstallation } from './local-installation.ts'
import { sampleRepository } from './prepare-repository.ts'
import { type ReceivedSpan, startOtlpReceiver } from './test-otlp-receiver.ts'

/** The real fleet with a receiver of traces: one request is one trace, and it says nothing of what was written. */

const project = 'demo'
const said = 'make the xylophone buttons crimson'
const script = {
  replies: [{ match: { intent: said, variant: 2, attempt: 1 }, status: 500, text: 'the model is indisposed' }],
}

let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>
let installation: Installation
let store: Store

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  const traced = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=the%20collector%27s%20key',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LOG_LEVEL: 'debug',
  }
  installation = await startInstallation({
    progress: () => {},
    script,
    settings: {
      gateway: traced,
      'worker-ado': traced,
      'worker-llm': traced,
      'flow-supervisor': traced,
      'bull-board': traced,
    },
  })
  store = openStore({ url: installation.databaseUrl })
}, 240_000)

afterAll(async () => {
  await store?.close()
  await installation?.stop()
  receiver?.close()
}, 60_000)

async function requestEdit({ azureDevOps }: Installation) {
  const sample = await sampleRepository()
  await azureDevOps.createRepository({ project, name: 'shop', from: sample.bare })
  await sample.remove()
  const pullRequestId = await azureDevOps.createPullRequest({
    ...{ project, repository: 'shop', title: 'Buttons', sourceBranch: sample.sourceBranch, targetBranch: 'main' },
  })
  await azureDevOps.postComment({ pullRequestId, user: 'alice', content: `/edit /2 ${said}` })
  const ended = { timeout: 90_000, interval: 200 }
  await expect.poll(async () => (await store.runs({}))[0]?.state, ended).toBe('ended')
  const [run] = await store.runs({})
  if (!run) throw new Error('there is no run')
  return run
}

async function logLines({ logs }: Installation): Promise<Record<string, unknown>[]> {
  const texts = await Promise.all((await readdir(logs)).map(name => readFile(join(logs, name), 'utf8')))
  return texts.flatMap(text => text.split('\n').filter(line => line.startsWith('{'))).map(line => JSON.parse(line))
}

const named = (spans: ReceivedSpan[], name: string) => spans.filter(span => span.name === name)

test('the trace of the webhook reaches the model and every line of the run’s log', { timeout: 180_000 }, async () => {
  const run = await requestEdit(installation)
  await expect.poll(() => named(receiver.spans, 'publish-overview').length, { timeout: 10_000 }).toBeGreaterThan(0)
  await installation.fleet.stop()

  // A delivery that comes twice is a request of its own, and says that it was known.
  const ofRun = receiver.spans.filter(span => span.attributes['code_agent.run'] === run.runId)
  const webhook = ofRun.find(span => span.attributes['code_agent.delivery'] === 'accepted')
  expect(webhook).toMatchObject({ service: 'gateway', name: 'POST /webhooks/azure-devops' })
  const spans = receiver.spans.filter(({ traceId }) => traceId === webhook?.traceId)
  const strays = ofRun.filter(span => !spans.includes(span) && span.attributes['code_agent.delivery'] !== 'known')
  expect(strays).toEqual([])
  checkSteps(spans)
  checkCalls(spans)
  // No span hangs in the air, and the second dispatch knows the first.
  const ids = new Set(spans.map(({ spanId }) => spanId))
  expect(spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))).toEqual([])
  const [admission] = named(spans, 'dispatch admission')
  expect(named(spans, 'dispatch variants')).toMatchObject([
    { parentSpanId: webhook?.spanId, links: [{ traceId: webhook?.traceId, spanId: admission?.spanId }] },
  ])

  const lines = (await logLines(installation)).filter(
    line => JSON.stringify(line).includes(run.runId) && line.outcome !== 'known',
  )
  const services = new Set(lines.map(line => line.service))
  expect([...services]).toEqual(expect.arrayContaining(['gateway', 'worker-llm']))
  for (const line of lines) expect(line).toMatchObject({ traceId: webhook?.traceId, spanId: expect.any(String) })
  expect(lines.find(line => line.msg === 'step ended')).toMatchObject({
    ...{ runId: run.runId, variant: 2, step: 'write-patch', attempt: 1 },
  })

  const sent = receiver.bodies.join('\n')
  expect(sent).toContain('"api-key":"the collector\'s key"')
  const { tokens } = installation.azureDevOps
  for (const secret of [
    said,
    'xylophone',
    'lice',
    'indisposed',
    'Corner Shop',
    tokens.bot,
    tokens.reader,
    'emulated',
  ]) {
    expect(sent).not.toContain(secret)
  }
})

function checkSteps(spans: ReceivedSpan[]): void {
  const attempts = spans.filter(({ attributes }) => attributes['code_agent.step'] !== undefined)
  const told = attempts.map(({ service, attributes }) =>
    ['step', 'variant', 'attempt', 'outcome'].map(name => attributes[`code_agent.${name}`] ?? '-').concat(service),
  )
  expect(told).toEqual(
    expect.arrayContaining([
      ['admit-run', '-', 1, 'done', 'worker-ado'],
      ['plan-run', '-', 1, 'done', 'worker-llm'],
      ['write-patch', 2, 1, 'retry', 'worker-llm'],
      ['write-patch', 2, 2, 'done', 'worker-llm'],
      ['open-draft-pr', 1, 1, 'done', 'worker-ado'],
      ['conclude-run', '-', 1, 'done', 'flow-supervisor'],
      ['publish-overview', '-', 1, 'done', 'worker-ado'],
    ]),
  )
}

function checkCalls(spans: ReceivedSpan[]): void {
  const [call] = spans.filter(({ attributes }) => attributes['gen_ai.operation.name'] === 'chat')
  expect(call).toMatchObject({
    ...{ service: 'worker-llm', name: 'chat claude-sonnet-5-5' },
    attributes: {
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-5-5',
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'gen_ai.usage.cache_read.input_tokens': expect.any(Number),
    },
  })
  const effects = new Map(named(spans, 'effect commit-patch').map(span => [span.spanId, span]))
  expect(effects.size).toBe(2)
  const pushes = spans.filter(({ name }) => name === 'POST _apis/git/repositories/{}/pushes')
  expect(pushes.map(({ parentSpanId }) => effects.get(parentSpanId ?? '')?.attributes)).toMatchObject([
    { 'code_agent.claim': 'granted' },
    { 'code_agent.claim': 'granted' },
  ])
}
