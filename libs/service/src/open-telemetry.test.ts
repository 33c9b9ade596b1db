import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base'
import { expect, test } from 'vitest'
import { effectSpans } from './effect-spans.ts'
import { createLog } from './log.ts'
import { stepSpans } from './step-spans.ts'
import { collectedTracing } from './test-tracing.ts'

const stranger = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const caused = '00-11111111111111111111111111111111-2222222222222222-01'

test('what is done within a span is its child, through awaits, and the log says so', async () => {
  const { tracing, spans } = collectedTracing()
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const log = createLog({ service: 'test', level: 'info', destination, ...tracing })
  await tracing.span({ name: 'outer', parent: caused, fields: { runId: 'r1' } }, async () => {
    await Promise.resolve()
    tracing.record({ name: 'inner', sinceMs: 5, links: [stranger, null, 'nonsense'] })
    log.info({ port: 1 }, 'within')
  })
  log.info('outside')
  const [inner, outer] = spans()
  expect(outer).toMatchObject({ parent: '2222222222222222', trace: '1'.repeat(32) })
  expect(inner).toMatchObject({ parent: outer?.id, trace: '1'.repeat(32), links: ['b7ad6b7169203331'] })
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ runId: 'r1', port: 1, traceId: '1'.repeat(32), spanId: outer?.id })
  expect(lines[1]).not.toMatch(/runId|traceId/)
})

test('secrets are taken out of attributes and messages, and what an error says is not told at all', async () => {
  const { tracing, spans } = collectedTracing({ secrets: ['s3cr3t-token'] })
  const failing = tracing.span({ name: 'one', attributes: { url: 'https://x/?t=s3cr3t-token' } }, async () => {
    throw new TypeError('here is a line of a patch')
  })
  await expect(failing).rejects.toThrow('patch')
  tracing.record({ name: 'two', sinceMs: 1, failure: { type: 'E', message: 'Bearer s3cr3t-token was refused' } })
  const [one, two] = spans()
  expect(one).toMatchObject({ attributes: { url: 'https://x/?t=[secret]', 'error.type': 'TypeError' } })
  expect(JSON.stringify(one)).not.toContain('patch')
  expect(two?.status.message).toBe('Bearer [secret] was refused')
})

test('a sender may choose the trace, but not whether it is kept', async () => {
  const keeping = collectedTracing({ sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }) })
  const adopted = keeping.tracing.adopt(stranger)
  expect(adopted).toBe(stranger.replace(/00$/, '01'))
  await keeping.tracing.span({ name: 'kept', parent: adopted }, async () => {})
  expect(keeping.spans()).toMatchObject([{ trace: '0af7651916cd43dd8448eb211c80319c', parent: 'b7ad6b7169203331' }])
  const dropping = collectedTracing({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) })
  expect(dropping.tracing.adopt(caused)).toMatch(/-00$/)
  for (const nonsense of [
    undefined,
    '',
    'x',
    caused.toUpperCase().replaceAll('1', 'Z'),
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
  ])
    expect(keeping.tracing.adopt(nonsense)).toBeUndefined()
})

test('an attempt that failed says of which class, and nobody’s words', async () => {
  const { tracing, spans } = collectedTracing()
  const { around, observe } = stepSpans(tracing, { queue: 'llm', observe() {} })
  const attempt = (errorName: string, outcome: 'failed' | 'retry' | 'postponed') =>
    around({ name: 'write-patch', jobId: 'j', data: { runId: 'r', generation: 1, variant: 2 }, attempt: 1 }, async () =>
      observe({ step: 'write-patch', outcome, errorName, message: 'said so', seconds: 1, attempt: 1 }),
    )
  await attempt('Rejected', 'failed')
  await attempt('Error', 'retry')
  await attempt('Postponed', 'postponed')
  expect(
    spans().map(({ status, attributes }) => [status.code, status.message, attributes['code_agent.outcome']]),
  ).toEqual([
    [2, undefined, 'failed'],
    [2, undefined, 'retry'],
    [0, undefined, 'postponed'],
  ])
})

test('an effect in somebody else’s hands is no failure', async () => {
  const { tracing, spans } = collectedTracing()
  const postponed = Object.assign(new Error('later'), { name: 'Postponed' })
  const waiting = effectSpans(tracing)({ kind: 'commit', variant: 1 }, async tell => {
    tell({ state: 'held' })
    throw postponed
  })
  await expect(waiting).rejects.toBe(postponed)
  expect(spans()).toMatchObject([
    { name: 'effect commit', status: { code: 0 }, attributes: { 'code_agent.claim': 'held' } },
  ])
})
