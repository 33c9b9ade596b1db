import { expect, test } from 'vitest'
import { kindOfToken } from './token-kind.ts'

const now = new Date('2026-01-01T00:00:00Z')
const pat = 'a2'.repeat(26)
const longPat = `${'x'.repeat(76)}AZDO1234`

function entra(expiresAt: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part({ exp: Date.parse(expiresAt) / 1_000 })}.signature`
}

test('both forms of personal access tokens are known, and wrong only as a bearer', () => {
  for (const token of [pat, longPat]) {
    expect(kindOfToken(token, 'pat', now)).toMatchObject({ words: 'a personal access token', flaw: undefined })
    expect(kindOfToken(token, 'bearer', now).remedy).toBe('Set TOKEN_KIND=pat.')
  }
})

test('an Entra token is wrong as a PAT, and soon useless when it ends', () => {
  const token = entra('2026-01-01T01:00:00Z')
  expect(kindOfToken(token, 'bearer', now)).toMatchObject({ words: 'an Entra token', flaw: undefined })
  expect(kindOfToken(token, 'pat', now).flaw).toBe('it is presented as a PAT')
  expect(kindOfToken(entra('2026-01-01T00:05:00Z'), 'bearer', now).flaw).toContain('it ends at 2026-01-01T00:05')
})

test('white space in a token is a slip of copying, anything else may be a token', () => {
  expect(kindOfToken(`${pat}\n`, 'pat', now).flaw).toBe('no credential has any')
  expect(kindOfToken('of-some-server', 'pat', now)).toMatchObject({ words: 'a token', flaw: undefined })
  expect(kindOfToken('eyJ.broken', 'pat', now).words).toBe('a token')
})
