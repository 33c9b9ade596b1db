import { startSentinelTrio } from '@code-agent/tools/chaos/sentinel-trio'
import { expect, onTestFinished, test } from 'vitest'
import { inspectRedis } from './inspect.ts'
import { add, finished, oneTask, testFleet } from './test-fleet.ts'

test('a fleet that was told of Sentinels works on with the server they promote', { timeout: 180_000 }, async () => {
  const redis = await startSentinelTrio()
  onTestFinished(() => redis.stop())
  const kit = testFleet({ url: redis.url, prefix: '{sentinel}' })
  kit.start()
  const before = oneTask()
  await add(kit, before)
  await finished(kit, before)
  expect(await inspectRedis({ redisUrl: redis.url, prefix: kit.prefix })).toMatchObject({ role: 'master' })
  await redis.failOver({ lostMs: 0 })
  const after = oneTask()
  await expect.poll(() => addedOrNot(kit, after), { timeout: 60_000 }).toBe(true)
  await expect
    .poll(() => kit.producer.rootState('ado', after.id).catch(() => 'away'), { timeout: 60_000 })
    .toBe('finished')
})

/** Each try under a generation of its own would be the way of the service; a task of one job may simply be added again. */
function addedOrNot(kit: Parameters<typeof add>[0], node: Parameters<typeof add>[1]): Promise<boolean> {
  return kit.producer.addFlow(node).then(
    () => true,
    () => false,
  )
}
