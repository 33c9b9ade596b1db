import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import {
  afterAttempt,
  type DeliveryState,
  type Outcome,
  probationDelaysMs,
  transientDelaysMs,
} from './delivery-rules.ts'

const fresh: DeliveryState = { status: 'enabled', transientRetries: 0, probationRetries: 0 }

/** Delays until the machine wants no more, when every attempt ends the same way. */
function delays(outcome: Outcome): { waited: number[]; last: string } {
  const waited: number[] = []
  let state: DeliveryState = fresh
  for (;;) {
    const verdict = afterAttempt(state, outcome)
    state = verdict
    if (verdict.retryAfterMs === null) return { waited, last: verdict.status }
    waited.push(verdict.retryAfterMs)
  }
}

test('success keeps a subscription enabled and takes it off probation', () => {
  expect(afterAttempt(fresh, 202)).toMatchObject({ status: 'enabled', result: 'succeeded', retryAfterMs: null })
  const onProbation = { status: 'onProbation', transientRetries: 0, probationRetries: 3 } as const
  expect(afterAttempt(onProbation, 200)).toMatchObject({ status: 'enabled', probationRetries: 0 })
})

test('410 disables at once', () => {
  expect(delays(410)).toEqual({ waited: [], last: 'disabledBySystem' })
})

test('other refusals lead through seven tries over 36 hours to the end', () => {
  for (const status of [301, 400, 401, 404, 429, 500]) {
    expect(delays(status)).toEqual({ waited: probationDelaysMs, last: 'disabledBySystem' })
  }
  expect(Math.floor(probationDelaysMs.reduce((a, b) => a + b) / 3_600_000)).toBe(36)
})

test('passing trouble is retried eight times within 183 seconds first', () => {
  for (const status of [408, 502, 503, 504, null]) {
    expect(delays(status)).toEqual({ waited: [...transientDelaysMs, ...probationDelaysMs], last: 'disabledBySystem' })
  }
  expect(transientDelaysMs.reduce((a, b) => a + b)).toBe(183_000)
})

const outcome = fc.oneof(fc.constant(null), fc.integer({ min: 200, max: 599 }))
property.prop([fc.array(outcome, { maxLength: 40 })])(
  'no row of outcomes is tried for ever, and only success ends well',
  outcomes => {
    let state: DeliveryState = fresh
    for (const one of outcomes) {
      const verdict = afterAttempt(state, one)
      expect(verdict.result === 'succeeded').toBe(one !== null && one < 300)
      if (verdict.result !== 'succeeded')
        expect(verdict.retryAfterMs === null).toBe(verdict.status === 'disabledBySystem')
      if (verdict.status === 'disabledBySystem') return
      state = verdict
    }
  },
)
