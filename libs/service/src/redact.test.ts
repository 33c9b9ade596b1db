import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactor } from './redact.ts'

const secret = () => fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' })

test('a secret is found in every writing, at any place, also within a longer base64 text', () => {
  fc.assert(
    fc.property(secret(), fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (value, before, after) => {
      const redact = redactor([value])
      const base64 = Buffer.from(before + value + after).toString('base64')
      const writings = [
        value,
        encodeURIComponent(value),
        JSON.stringify({ value }),
        Buffer.from(value).toString('base64url'),
        base64,
        `Basic ${Buffer.from(`:${value}`).toString('base64')}`,
      ]
      for (const text of writings) expect(redact(`${before} ${text} ${after}`)).toContain('[secret]')
      expect(Buffer.from(redact(base64), 'base64').toString()).not.toContain(value)
    }),
  )
})

test('text without a secret stays as it is', () => {
  const redact = redactor(['hunter2-hunter2'])
  expect(redact('{"level":"info","msg":"nothing to hide"}')).toBe('{"level":"info","msg":"nothing to hide"}')
})

test('a secret that begins with another one leaves no end behind', () => {
  expect(redactor(['abcdef', 'abcdef-longer'])('x abcdef-longer y abcdef')).toBe('x [secret] y [secret]')
})

test('characters with a meaning in regular expressions mean themselves', () => {
  expect(redactor(['a.c*[x]$'])('a.c*[x]$ abcx')).toBe('[secret] abcx')
})

test('values too short to be a secret do not shred the log', () => {
  expect(redactor(['a', ''])('a banana')).toBe('a banana')
})
