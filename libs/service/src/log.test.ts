import { expect, test } from 'vitest'
import { createLog } from './log.ts'

function logTo(lines: string[], secrets: string[] = []) {
  return createLog({
    service: 'gateway',
    level: 'info',
    secrets,
    destination: { write: line => void lines.push(line) },
  })
}
const first = (lines: string[]): unknown => JSON.parse(lines[0] ?? '')

test('a line is JSON with service, level by name and time as ISO text', () => {
  const lines: string[] = []
  logTo(lines).child({ runId: 'r1' }).info({ port: 80 }, 'ready')
  expect(first(lines)).toMatchObject({ level: 'info', service: 'gateway', runId: 'r1', port: 80, msg: 'ready' })
  expect(first(lines)).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/))
})

test('a secret is taken out of messages, fields, stacks and children’s bindings', () => {
  const lines: string[] = []
  const log = logTo(lines, ['s3cr3t-token'])
  const error = new Error('401 with s3cr3t-token', { cause: new Error('header s3cr3t-token') })
  log.child({ url: 'https://x/?t=s3cr3t-token' }).error({ err: error, auth: btoa(':s3cr3t-token') }, 'no s3cr3t-token')
  expect(lines[0]).not.toContain('s3cr3t')
  expect(lines[0]).not.toContain(btoa(':s3cr3t-token'))
  expect(first(lines)).toMatchObject({ msg: 'no [secret]', err: { message: '401 with [secret]' } })
})

test('an error is logged with its causes, but not with what a client hung on it', () => {
  const lines: string[] = []
  const error = Object.assign(new TypeError('failed', { cause: new Error('reset') }), {
    config: { headers: 'x' },
    code: 'E1',
  })
  logTo(lines).warn({ err: error }, 'trouble')
  expect(first(lines)).toMatchObject({
    err: { type: 'TypeError', message: 'failed', code: 'E1', cause: { message: 'reset' } },
  })
  expect(lines[0]).not.toContain('headers')
})
