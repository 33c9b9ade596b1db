import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { testPostgres } from '@code-agent/tools/test-servers'
import { expect, test } from 'vitest'
import { migrate, pendingMigrations } from './migrate.ts'
import { testStore } from './test-store.ts'

test('two processes that start at once migrate the database once', async () => {
  const server = await testPostgres()
  try {
    expect(await pendingMigrations(server)).toEqual(['001-begin', '002-operate', '003-budgets', '007-traces'])
    const program = `import { migrate } from ${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)}
      console.log(JSON.stringify(await migrate({ url: ${JSON.stringify(server.url)} })))`
    const made = await Promise.all([1, 2].map(() => outputOf(program)))
    expect(made.sort()).toEqual(['["001-begin","002-operate","003-budgets","007-traces"]\n', '[]\n'])
    expect(await migrate(server)).toEqual([])
    expect(await pendingMigrations(server)).toEqual([])
  } finally {
    await server.stop()
  }
})

test('the audit can be added to, not changed', async () => {
  const { store, query, stop } = await testStore()
  try {
    await query(`INSERT INTO events (run_id, kind) VALUES (gen_random_uuid(), 'accepted')`)
    await expect(query(`UPDATE events SET kind = 'never'`)).rejects.toThrow('append-only')
    await expect(query(`DELETE FROM events`)).rejects.toThrow('append-only')
    await expect(query(`TRUNCATE events`)).rejects.toThrow('append-only')
    await store.ping()
  } finally {
    await stop()
  }
})

test('no answer from the database is an error, soon', async () => {
  await expect(migrate({ url: 'postgres://nobody@127.0.0.1:1/nothing' })).rejects.toThrow()
})

async function outputOf(program: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', chunk => {
    output += chunk
  })
  await once(child, 'close')
  return output
}
