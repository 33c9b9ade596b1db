import { PassThrough } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createLog } from './log.ts'
import { databaseFindings, type Finding, redisFindings, timeFindings } from './server-findings.ts'
import { type StartChecks, startChecks } from './start-checks.ts'

const redis = { version: '7.0.15', role: 'master', appendOnly: true, evictionPolicy: 'noeviction', forbidden: [] }
const database = {
  ...{ version: '16.4', major: 16, readOnly: false, clockAheadMs: 12, pending: [], missingPrivileges: [] },
}

const times = { EFFECT_LEASE_SECONDS: 40, LOCK_SECONDS: 15, STALLED_SECONDS: 5 }

test('servers as they should be give nothing to say', () => {
  expect(redisFindings(redis)).toEqual([])
  expect(redisFindings({ ...redis, version: '6.2.0', evictionPolicy: '' })).toEqual([])
  expect(databaseFindings(database)).toEqual([])
  expect(timeFindings(times)).toEqual([])
})

test.each<[string, Finding[], Finding['severity']]>([
  ['an eviction policy that drops jobs', redisFindings({ ...redis, evictionPolicy: 'allkeys-lru' }), 'refuse'],
  ['an old Redis', redisFindings({ ...redis, version: '6.0.16' }), 'refuse'],
  ['a Redis without append-only file', redisFindings({ ...redis, appendOnly: false }), 'warn'],
  ['a replica of Redis', redisFindings({ ...redis, role: 'slave' }), 'warn'],
  ['a user of Redis who may not run scripts', redisFindings({ ...redis, forbidden: ['EVAL'] }), 'refuse'],
  ['a lease shorter than an answer takes', timeFindings({ ...times, EFFECT_LEASE_SECONDS: 20 }), 'warn'],
  ['a lock that a busy process loses', timeFindings({ ...times, LOCK_SECONDS: 2 }), 'warn'],
  ['a lock that keeps the work of the dead', timeFindings({ ...times, LOCK_SECONDS: 60 }), 'warn'],
  ['an old Postgres', databaseFindings({ ...database, major: 13, version: '13.2' }), 'refuse'],
  ['missing migrations', databaseFindings({ ...database, pending: ['002-more'] }), 'refuse'],
  ['missing privileges', databaseFindings({ ...database, missingPrivileges: ['runs: UPDATE'] }), 'refuse'],
  ['a replica of Postgres', databaseFindings({ ...database, readOnly: true }), 'warn'],
  ['clocks far apart', databaseFindings({ ...database, clockAheadMs: -60_000 }), 'warn'],
])('%s is one finding with its remedy', (_what, findings, severity) => {
  expect(findings).toMatchObject([{ severity, remedy: expect.stringMatching(/^[A-Z].*\.$/) }])
})

async function checked(checks: StartChecks) {
  const lines: Record<string, unknown>[] = []
  const destination = new PassThrough().on('data', (chunk: Buffer) => lines.push(JSON.parse(String(chunk))))
  const exit = vi.fn<(code: number) => void>()
  const running = await startChecks(createLog({ service: 'test', level: 'info', destination }), checks, {
    ...{ exit, againMs: 5 },
  })
  return { lines, exit, running }
}

test('what refuses ends the process and says why, what warns does not', async () => {
  const warned = await checked({ redis: async () => redisFindings({ ...redis, appendOnly: false }) })
  expect(warned.exit).not.toHaveBeenCalled()
  expect(warned.running.wrong()).toEqual({ redis: 1 })
  expect(warned.lines).toMatchObject([{ level: 'warn', setting: 'appendonly', remedy: expect.any(String) }])
  const refused = await checked({ postgres: async () => databaseFindings({ ...database, pending: ['002-more'] }) })
  expect(refused.exit).toHaveBeenCalledWith(1)
  expect(refused.lines).toMatchObject([{ level: 'fatal', server: 'postgres', setting: 'migrations' }])
})

test('a server that is away is asked again until it answers, and judged then', async () => {
  let asked = 0
  const { exit, running } = await checked({
    redis: async () => {
      asked += 1
      if (asked < 4) throw new Error('connect ECONNREFUSED')
      return redisFindings({ ...redis, evictionPolicy: 'allkeys-lru' })
    },
  })
  expect(exit).not.toHaveBeenCalled()
  await vi.waitUntil(() => exit.mock.calls.length > 0)
  expect(asked).toBe(4)
  running.stop()
})

test('who leaves stops asking', async () => {
  const check = vi.fn(() => Promise.reject(new Error('away')))
  const { running } = await checked({ redis: check })
  running.stop()
  const before = check.mock.calls.length
  await new Promise(resolve => setTimeout(resolve, 30))
  expect(check.mock.calls.length).toBe(before)
})
