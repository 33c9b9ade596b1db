import { expect, test } from 'vitest'
import { scrubber } from './scrub.ts'

const pat = 'abcdefghij234567abcdefghij234567abcdefghij234567abcd'
const newPat = `${'A1b2'.repeat(19)}AZDO4xYz`

test.each([
  ['a basic header', `Authorization: Basic ${Buffer.from(`:${pat}`).toString('base64')}`],
  ['a bearer header', 'authorization: bearer abc.def-ghi_jkl'],
  ['a JSON Web Token', 'token was eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl'],
  ['a model key', 'invalid x-api-key sk-ant-api03-abcdefghijkl'],
  ['an old personal access token', `401 for ${pat}`],
  ['a new personal access token', `401 for ${newPat}`],
  ['a password in a URL', 'git clone https://bot:hunter2hunter2@dev.azure.com/x'],
  ['a password in a query', 'GET /x?password=hunter2hunter2&y=1'],
  ['a password in JSON inside a text', '{"password": "hunter2hunter2"}'],
])('%s is not shown', (_what, text) => {
  const shown = String(scrubber([])(text))
  expect(shown).toContain('[secret]')
  for (const secret of [pat, newPat, 'hunter2', 'sk-ant-api03', 'eyJzdWI', 'abc.def-ghi_jkl'])
    expect(shown).not.toContain(secret)
})

test('known secrets are replaced wherever they stand, in any depth', () => {
  expect(scrubber(['s3cr3t-value'])({ a: [{ b: 'x s3cr3t-value y' }], n: 1, nothing: null })).toEqual({
    a: [{ b: 'x [secret] y' }],
    n: 1,
    nothing: null,
  })
})

test('a field with the name of a credential is replaced whole', () => {
  expect(scrubber([])({ headers: { Authorization: 'x', token: 'y', tokens: 5 } })).toEqual({
    headers: { Authorization: '[secret]', token: '[secret]', tokens: 5 },
  })
})

test('run ids, commits, job names and counts stay readable', () => {
  const body = {
    id: '0b0f7e0e-8a52-4d5e-9c39-1d2f3a4b5c6d-g1-v2-write-patch',
    data: { runId: '0b0f7e0e-8a52-4d5e-9c39-1d2f3a4b5c6d', generation: 1 },
    returnvalue: { outcome: 'done', reference: '9fceb02d0ae598e95dc970b74767f19372d61af8' },
    failedReason: 'child {code-agent}:llm:0b0f7e0e-8a52-4d5e-9c39-1d2f3a4b5c6d-g1-v1-write-patch failed',
  }
  expect(scrubber(['other-secret'])(body)).toEqual(body)
})
