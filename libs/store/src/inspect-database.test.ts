import { testPostgres } from '@code-agent/tools/test-servers'
import pg from 'pg'
import { expect, test } from 'vitest'
import { inspectDatabase } from './inspect-database.ts'
import { migrate } from './migrate.ts'

test('tells what is to be migrated, what is forbidden, and whose clock is ahead', async () => {
  const server = await testPostgres()
  const pool = new pg.Pool({ connectionString: server.url, max: 1 })
  const role = `doctor_${Date.now()}`
  try {
    expect((await inspectDatabase(server)).pending).toContain('001-begin')
    await migrate(server)
    const facts = await inspectDatabase(server)
    expect(facts).toMatchObject({ pending: [], missingPrivileges: [], readOnly: false })
    expect(facts.major).toBeGreaterThanOrEqual(14)
    expect(Math.abs(facts.clockAheadMs)).toBeLessThan(1_000)

    await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`)
    await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`)
    await pool.query(`REVOKE ALL ON gates FROM ${role}`)
    const url = new URL(server.url)
    url.username = role
    url.password = 'secret'
    expect((await inspectDatabase({ url: url.href })).missingPrivileges).toEqual(
      ['DELETE', 'INSERT', 'SELECT', 'UPDATE'].map(one => `gates: ${one}`),
    )
  } finally {
    await pool.query(`DROP OWNED BY ${role}`).catch(() => {})
    await pool.query(`DROP ROLE IF EXISTS ${role}`).catch(() => {})
    await pool.end()
    await server.stop()
  }
})
