import { startFaultProxy } from '@code-agent/tools/chaos/fault-proxy'
import { testRedis } from '@code-agent/tools/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { connectRedis } from './connect.ts'

test('a connection that fell silent without an end is given up and made anew', async () => {
  const redis = await testRedis()
  onTestFinished(() => redis.stop())
  const proxy = await startFaultProxy([Number(new URL(redis.url).port)])
  onTestFinished(() => proxy.close())
  const connection = connectRedis({ url: `redis://127.0.0.1:${proxy.port}`, commandTimeoutMs: 300 })
  onTestFinished(() => connection.close())
  await expect.poll(() => connection.isReady()).toBe(true)
  await connection.ping()
  proxy.silence()
  await expect(connection.ping()).rejects.toThrow()
  const answers = () =>
    connection.ping().then(
      () => true,
      () => false,
    )
  await expect.poll(answers, { timeout: 10_000 }).toBe(true)
})
