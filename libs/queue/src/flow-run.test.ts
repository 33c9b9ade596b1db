import { Rejected } from '@code-agent/jobs/errors'
import { variantsFlow } from '@code-agent/jobs/flows'
import { stepJobId } from '@code-agent/jobs/steps'
import { type TestRedis, testRedis } from '@code-agent/tools/test-servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { add, finished, newRun, oneTask, testFleet } from './test-fleet.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await testRedis()
})
afterAll(async () => await redis.stop())

test('a flow whose steps all succeed runs every step once, leaves first', async () => {
  const kit = testFleet(redis)
  const flow = variantsFlow(newRun(), { chains: [1], announcements: [] })
  kit.start()
  await add(kit, flow)
  await finished(kit, flow)
  expect(kit.completed).toEqual([
    'reserve-branch',
    'write-patch',
    'commit-patch',
    'open-draft-pr',
    'announce-variant',
    'conclude-run',
    'publish-overview',
  ])
  expect(kit.ended.map(({ outcome }) => outcome)).toEqual(Array(7).fill('done'))
})

test.each([
  'reserve-branch',
  'write-patch',
  'commit-patch',
  'open-draft-pr',
  'announce-variant',
  'conclude-run',
] as const)('when %s fails for good the overview is still published, once', async failing => {
  const kit = testFleet(redis, job => {
    const isVictim = job.name === failing && (!('variant' in job.data) || job.data.variant === 1)
    if (isVictim) throw new Rejected(`${failing} was refused`)
    return undefined
  })
  const flow = variantsFlow(newRun(), { chains: [1, 2], announcements: [] })
  kit.start()
  await add(kit, flow)
  await finished(kit, flow)
  expect(kit.completed.filter(name => name === 'publish-overview')).toHaveLength(1)
  expect(kit.started.filter(job => job.name === 'conclude-run')).toHaveLength(1)
  expect(kit.exhausted).toEqual([{ name: failing, message: `${failing} was refused` }])
})

test('answers to people overtake steps that wait', async () => {
  const kit = testFleet(redis)
  const first = [oneTask(), oneTask(), oneTask()]
  for (const node of first) await add(kit, node)
  const answer = { ...oneTask('answer-comment'), priority: 0 }
  await add(kit, answer)
  kit.start({ concurrency: 1 })
  for (const node of first) await finished(kit, node)
  expect(kit.completed[0]).toBe('answer-comment')
})

test('job ids are the ones the flow file gives', async () => {
  const kit = testFleet(redis)
  const run = newRun()
  const flow = variantsFlow(run, { chains: [], announcements: [2] })
  await add(kit, flow)
  expect(await kit.producer.rootState('ado', stepJobId('announce-variant', { ...run, variant: 2 }))).toBe('live')
  expect(await kit.producer.rootState('ado', stepJobId('announce-variant', { ...run, variant: 3 }))).toBe('absent')
  expect(await kit.producer.counts('ado')).toMatchObject({ wait: 1, 'waiting-children': 1 })
})
