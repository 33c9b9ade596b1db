import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { migrate } from '@code-agent/store/migrate'
import { startRedis } from '@code-agent/tools/redis-server'
import { testPostgres, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let database: Awaited<ReturnType<typeof testPostgres>>
let redis: Awaited<ReturnType<typeof testRedis>>
beforeAll(async () => {
  ;[database, redis] = await Promise.all([testPostgres(), testRedis()])
})
afterAll(async () => {
  await Promise.all([database?.stop(), redis?.stop()])
})

function start(over: Record<string, string>) {
  const child = spawn(process.execPath, [`${import.meta.dirname}/../main.ts`], {
    env: { DATABASE_URL: database.url, REDIS_URL: redis.url, PORT: '0', SHUTDOWN_GRACE_SECONDS: '1', ...over },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const code = new Promise<number | null>(resolve => child.once('exit', resolve))
  return { child, code, said: text(child.stdout) }
}

test('without its tables a process refuses to start and says how to make them', async () => {
  const { code, said } = start({})
  expect(await code).toBe(1)
  expect(await said).toContain('npm run migrate')
})

test('a Redis that would drop jobs is refused', async () => {
  await migrate({ url: database.url })
  const dropping = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] })
  onTestFinished(() => dropping.stop())
  const { code, said } = start({ REDIS_URL: dropping.url })
  expect(await code).toBe(1)
  expect(await said).toContain('Set it to noeviction')
})

test('servers that are away at the start are waited for', { timeout: 30_000 }, async () => {
  await migrate({ url: database.url })
  const { child, code, said } = start({
    REDIS_URL: 'redis://127.0.0.1:9',
    DATABASE_URL: 'postgres://nobody:none@127.0.0.1:9/none',
  })
  child.stdout.on('data', (chunk: Buffer) => {
    if (String(chunk).includes('"ready"')) child.kill('SIGTERM')
  })
  expect(await code).toBe(0)
  expect(await said).toContain('will ask again')
})
