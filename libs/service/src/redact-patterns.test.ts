import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import { redactPatterns } from './redact-patterns.ts'

// Made here, so that no scanner takes this file for a leak.
const made = {
  newToken: `${'aB3'.repeat(26).slice(0, 76)}AZDO1x2Y`,
  oldToken: 'abcdefghijklmnopqrstuvwxyz234567'.repeat(2).slice(0, 52),
  anthropic: `sk-ant-api03-${'x1Y_'.repeat(12)}`,
  openai: `sk-proj-${'x1Y_'.repeat(12)}`,
  jwt: `eyJ${'hbGci'.repeat(4)}.eyJ${'zdWIi'.repeat(4)}.${'sIgn'.repeat(8)}`,
  entra: `abc1Q~${'x'.repeat(32)}`,
  github: `ghp_${'a1'.repeat(18)}`,
}

test.each(Object.entries(made))('row 13: %s is taken out, whoever it belongs to', (_, secret) => {
  for (const text of [secret, `x "${secret}" y`, JSON.stringify({ message: `token=${secret};` })]) {
    expect(redactPatterns(text)).not.toContain(secret)
    expect(redactPatterns(text)).toContain('[secret]')
  }
})

test.each([
  ['Authorization: Basic OnNlY3JldC1zZWNyZXQ=', 'Authorization: Basic [secret]'],
  ['authorization: bearer abc.def-gh1', 'authorization: bearer [secret]'],
  ['postgres://app:hunter2@db:5432/x failed', 'postgres://app:[secret]@db:5432/x failed'],
  ['Server=db;Password=hunter2;Encrypt=true', 'Server=db;Password=[secret];Encrypt=true'],
  ['AccountName=a;AccountKey=abcd1234==;', 'AccountName=a;AccountKey=[secret];'],
  ['-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY----- tail', '[secret] tail'],
  ['-----BEGIN PRIVATE KEY-----\nMIIE cut', '[secret]'],
])('%j becomes %j', (text, redacted) => expect(redactPatterns(text)).toBe(redacted))

test.each([
  'The run 0d9b5c7e-2d5d-4f0a-8f39-1f1e6a0b0c02 is done in 3 s',
  'commit 0123456789abcdef0123456789abcdef01234567 of http://127.0.0.1:8080/web/_git/shop',
  'basic authentication is needed',
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
])('%j is left as it is', text => expect(redactPatterns(text)).toBe(text))

test('row 13: whatever an error carries, the finished line of the log is clean', () => {
  const lines: string[] = []
  const log = createLog({ service: 'test', level: 'info', destination: { write: line => void lines.push(line) } })
  const error = new Error(`401 for ${made.newToken}`, {
    cause: Object.assign(new Error(`connect postgres://u:${made.entra}@db`), {
      config: { headers: { token: made.jwt } },
    }),
  })
  log.error(
    { err: error, deep: [{ Token: made.anthropic }], body: JSON.stringify({ key: made.oldToken }) },
    made.github,
  )
  for (const secret of Object.values(made)) expect(lines.join('')).not.toContain(secret)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', service: 'test' })
})

test('no text takes long', () => {
  const started = performance.now()
  for (const text of ['a', ':', '://', 'sk-', 'eyJ', '-----BEGIN ', 'basic ', 'Password='].map(part =>
    part.repeat(100_000),
  ))
    redactPatterns(text)
  expect(performance.now() - started).toBeLessThan(3_000)
})
