import { testRedis } from '@code-agent/tools/test-servers'
import { expect, test } from 'vitest'
import { inspectRedis } from './inspect.ts'
import { startWorker } from './worker-host.ts'

test('tells version, durability, eviction and who works on which queue', async () => {
  const redis = await testRedis()
  const at = { redisUrl: redis.url, prefix: redis.prefix }
  const worker = startWorker({
    ...at,
    queue: 'flow',
    concurrency: 1,
    handlers: {},
    recorder: { started: async () => '1', ended: async () => {} },
    redact: text => text,
  })
  try {
    await expect.poll(async () => (await inspectRedis(at)).workers).toEqual({ ado: 0, llm: 0, flow: 1 })
    const facts = await inspectRedis(at)
    expect(facts).toMatchObject({ role: 'master', evictionPolicy: 'noeviction', failed: { ado: 0, llm: 0, flow: 0 } })
    expect((await inspectRedis({ ...at, prefix: '{another}' })).otherPrefixes).toContain(redis.prefix)
    expect(facts.version).toMatch(/^\d+\.\d+/)
  } finally {
    await worker.close(1_000)
    await redis.stop()
  }
})

test('says soon that nobody is there', async () => {
  await expect(inspectRedis({ redisUrl: 'redis://127.0.0.1:1', prefix: '{none}' })).rejects.toThrow(/ECONNREFUSED/)
})
