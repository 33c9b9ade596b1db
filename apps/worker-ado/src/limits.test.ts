import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAllowedUsers } from './allowed-users.ts'
import { runEffects } from './run-effects.ts'
import { admitRun } from './steps/admit-run.ts'
import { acceptedRun, testWorld, type World } from './test-world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world?.stop())

test('rows 5 and 18: over the limit nothing is begun, and the reason names the limit and when it renews', async () => {
  const { store, ado } = world
  const admit = admitRun({
    ...{ store, ado, effects: runEffects(store, 'test'), draftTarget: 'source' as const },
    runLimits: [{ scope: 'pull-request', of: 'runs-per-hour', most: 1 }],
  })
  const runs = [await acceptedRun(world, '/edit one'), await acceptedRun(world, '/edit two')]
  await world.dispatch()
  const outcomes: string[] = []
  for (const runId of runs) outcomes.push((await admit({ runId, generation: 1 })).outcome)
  expect(outcomes).toEqual(['done', 'refused'])
  expect((await world.run(runs[1] ?? '')).reason).toMatch(/1 edits this hour.*renews at .* UTC/)
})

test('where there is a list of who may ask, it decides instead of Azure DevOps', async () => {
  const [alice, reader] = ['alice', 'reader'].map(
    name => world.shop.azure.users.find(user => user.name === name)?.id ?? '',
  )
  const listed = withAllowedUsers(world.ado, ` ${reader?.toUpperCase()},00000000-0000-0000-0000-000000000000`)
  const at = { projectId: 'p', repositoryId: 'r' }
  expect(await listed.mayContribute({ ...at, identityId: reader ?? '' })).toMatchObject({ allowed: true })
  expect(await listed.mayContribute({ ...at, identityId: alice ?? '' })).toMatchObject({
    allowed: false,
    because: expect.stringContaining(alice ?? ''),
  })
})
