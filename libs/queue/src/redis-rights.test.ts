import { testRedis } from '@code-agent/tools/test-servers'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { inspectRedis } from './inspect.ts'

async function rightsOf(...rules: string[]): Promise<string[]> {
  const redis = await testRedis({ private: true })
  onTestFinished(() => redis.stop())
  const admin = new Redis(redis.url)
  onTestFinished(() => admin.disconnect())
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', ...rules)
  const url = redis.url.replace('redis://', 'redis://app:secret@')
  return (await inspectRedis({ redisUrl: url, prefix: '{own}' })).forbidden
}

test('a user who may do all on the queues’ keys lacks nothing', async () => {
  expect(await rightsOf('~{own}:*', '+@all', '-flushall')).toEqual([])
})

test('a user without scripts and streams is told which', async () => {
  expect(await rightsOf('~{own}:*', '+@all', '-@scripting', '-@stream')).toEqual(['EVAL', 'SCRIPT', 'XTRIM'])
})

test('a user of other keys may do nothing on ours', async () => {
  expect(await rightsOf('~other:*', '+@all')).toEqual(expect.arrayContaining(['GET', 'DEL', 'BZPOPMIN']))
})
