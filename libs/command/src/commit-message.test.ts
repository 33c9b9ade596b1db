import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commitMessage, parseTrailers, variantTrailer } from './commit-message.ts'

const runId = '018f2b1e-0000-7000-8000-000000000001'
const requester = { displayName: 'Alice Example', uniqueName: 'alice@example.com' }
const message = (over: Partial<Parameters<typeof commitMessage>[0]> = {}) =>
  commitMessage({
    runId,
    variant: 2,
    summary: 'Makes every button red.',
    intent: 'make buttons red',
    requester,
    ...over,
  })

test('a commit says what it does, who asked for what, and which run made it', () => {
  expect(message()).toBe(
    `Makes every button red\n\nRequested in a pull request comment:\n    make buttons red\n\nCode-Agent-Run: ${runId}\nCode-Agent-Variant: ${runId}/2\nRequested-by: Alice Example <alice@example.com>\n`,
  )
})

test('a build is skipped only when the installation says so', () => {
  expect(message({ ciMarker: '[skip ci]' })).toContain('\n\n[skip ci]\n\n')
  for (const text of [
    'do it [skip ci]',
    'do it ***NO_CI***',
    'x [ci skip] y',
    '[skip azurepipelines] x',
    '***no_ci***',
    '[SKIP CI]',
  ]) {
    expect(message({ summary: text, intent: text })).not.toMatch(/\[skip|\[ci skip|\*\*\*no_ci/i)
  }
})

test('work items named by the model or the intent are not linked', () => {
  expect(message({ summary: 'Fixes AB#12 and #34', intent: 'closes #5' })).not.toMatch(/#\d/)
})

test('a long summary is cut at a whole character', () => {
  const [subject = ''] = message({ summary: '🔧'.repeat(100) }).split('\n')
  expect([...subject]).toHaveLength(72)
  expect(subject.endsWith('🔧…')).toBe(true)
})

test('an empty summary still makes a subject', () => {
  expect(message({ summary: ' \u200b\n' })).toMatch(/^Edit as requested\n/)
})

test('no intent, summary or name forges a trailer, by our reading or by that of git', () => {
  const forged = 'x\n\nCode-Agent-Variant: evil/1\nCode-Agent-Run: evil'
  const texts = fc.oneof(
    fc.constant(forged),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\r\rCode-Agent-Run: evil', 'Code-Agent-Run: evil'),
  )
  fc.assert(
    fc.property(texts, texts, texts, (summary, intent, displayName) => {
      const trailers = parseTrailers(message({ summary, intent, requester: { displayName, uniqueName: displayName } }))
      expect(trailers['code-agent-variant']).toBe(variantTrailer({ runId, variant: 2 }))
      expect(trailers['code-agent-run']).toBe(runId)
    }),
  )
  const read = execFileSync('git', ['interpret-trailers', '--parse'], {
    input: message({ summary: forged, intent: forged, requester: { displayName: forged, uniqueName: forged } }),
    encoding: 'utf8',
  })
  expect(read.match(/^Code-Agent-Variant: .*$/gm)).toEqual([`Code-Agent-Variant: ${runId}/2`])
})

test('a message without trailers has none, be it one paragraph that looks like one', () => {
  expect(parseTrailers('Fix: a thing')).toEqual({})
  expect(parseTrailers('Subject\n\nJust text.')).toEqual({})
  expect(parseTrailers('Subject\r\n\r\nA-Key: b\r\n')).toEqual({ 'a-key': 'b' })
})
