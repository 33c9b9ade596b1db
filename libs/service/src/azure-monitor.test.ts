import { execFile } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:https'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { boundPort } from './health.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { openTelemetry } from './telemetry.ts'
import { TelemetrySettings } from './telemetry-settings.ts'

/** A local place that takes what Application Insights takes, and everybody this process spoke to meanwhile. */

const Envelope = z.looseObject({
  iKey: z.string(),
  tags: z.record(z.string(), z.unknown()),
  data: z.object({ baseType: z.string(), baseData: z.looseObject({}) }),
})
const envelopes: z.infer<typeof Envelope>[] = []
const addresses: string[] = []

/** The exporters insist on TLS: a place of one's own needs a certificate of one's own. */
async function certificate(): Promise<{ key: string; cert: string } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'code-agent-certificate-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert]
  try {
    await promisify(execFile)('openssl', ['req', '-x509', ...made, ...subject])
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') }
  } catch {
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function ingestion(identity: { key: string; cert: string }) {
  return createServer(identity, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
    const items = z.array(Envelope).parse(JSON.parse(text))
    envelopes.push(...items)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] }))
  })
}

function watchSocket(message: unknown): void {
  const { socket } = z.object({ socket: z.instanceof(Socket) }).parse(message)
  socket.on('lookup', (_error, _address, _family, host) => addresses.push(host))
  socket.on('connectionAttempt', ip => addresses.push(ip))
}

let server: ReturnType<typeof ingestion> | undefined
const trusted = getCACertificates('default')

beforeAll(async () => {
  const identity = await certificate()
  if (!identity) return
  setDefaultCACertificates([...trusted, identity.cert])
  subscribe('net.client.socket', watchSocket)
  const started = ingestion(identity)
  await new Promise<void>(resolve => started.listen(0, '127.0.0.1', resolve))
  server = started
})

afterAll(() => {
  unsubscribe('net.client.socket', watchSocket)
  setDefaultCACertificates(trusted)
  server?.close()
})

const ofType = (type: string) => envelopes.filter(({ data }) => data.baseType === type)
const key = '7d1f6c0e-0000-4000-8000-000000000001'

test('traces, metrics and logs reach Application Insights, and nobody else is spoken to', async ({ skip }) => {
  if (!server) return skip('there is no openssl here to make a certificate: the exporters are not tried')
  const settings = TelemetrySettings.parse({
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${key};IngestionEndpoint=https://127.0.0.1:${boundPort({ server })}/`,
  })
  const secrets = ['s3cr3t-token']
  const telemetry = await openTelemetry({ service: 'worker-llm', settings, secrets })
  const log = createLog({ service: 'worker-llm', level: 'info', secrets, destination: { write() {} }, ...telemetry })
  const metrics = createMetrics('worker-llm')
  const cost = metrics.counter({ name: 'code_agent_model_cost_usd_total', help: 'money' })
  const overview = metrics.histogram({
    ...{ name: 'code_agent_request_to_overview_seconds', help: 'time', labels: ['outcome'], buckets: [60, 90, 120] },
  })
  cost.inc(0.25)
  for (const seconds of [30, 80, 100]) overview.observe({ outcome: 'done' }, seconds)
  telemetry.sendMetrics(metrics)
  let traceId: unknown
  await telemetry.span({ name: 'write-patch', kind: 'consumer', fields: { runId: 'r1' } }, async () => {
    telemetry.record({ name: 'chat m', kind: 'client', sinceMs: 12, attributes: { 'gen_ai.request.model': 'm' } })
    log.warn({ err: new Error('no s3cr3t-token') }, 'the model is slow')
    traceId = telemetry.fields().traceId
  })
  await telemetry.close(20_000)

  expect(ofType('RequestData')).toMatchObject([
    { iKey: key, tags: { 'ai.operation.id': traceId, 'ai.cloud.role': 'code-agent.worker-llm' } },
  ])
  expect(ofType('RemoteDependencyData')).toMatchObject([{ tags: { 'ai.operation.id': traceId } }])
  expect(ofType('MessageData')).toMatchObject([
    {
      tags: { 'ai.operation.id': traceId },
      data: { baseData: { message: 'the model is slow', severityLevel: 'Warning', properties: { runId: 'r1' } } },
    },
  ])
  const told = ofType('MetricData').map(({ data }) => Metric.parse(data.baseData))
  const named = (name: string) => told.filter(({ metrics: [metric] }) => metric?.name === name)
  expect(named('code_agent_model_cost_usd_total')).toMatchObject([{ metrics: [{ value: 0.25, count: 1 }] }])
  expect(named('code_agent_request_to_overview_seconds')).toMatchObject([
    { metrics: [{ value: 210, count: 3 }], properties: { outcome: 'done' } },
  ])
  expect(named('code_agent_request_to_overview_seconds_bucket')).toMatchObject([
    { metrics: [{ value: 2 }], properties: { outcome: 'done', le: '90' } },
  ])
  expect(named('process_resident_memory_bytes')).toHaveLength(1)
  expect(JSON.stringify(envelopes)).not.toContain('s3cr3t')
  expect(addresses.length).toBeGreaterThan(0)
  expect(addresses.filter(address => address !== '127.0.0.1')).toEqual([])
})

const Metric = z.object({
  metrics: z.array(z.object({ name: z.string(), value: z.number(), count: z.number().optional() })),
  properties: z.record(z.string(), z.string()),
})
