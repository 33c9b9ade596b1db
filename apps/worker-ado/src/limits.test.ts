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

test.each(['fork', 'service account'] as const)('row 4: a command on or by a %s starts nothing', async kind => {
  const { store, ado } = world
  // The emulator has neither.
  const seen: typeof ado = {
    ...ado,
    async readPullRequest(of) {
      const read = await ado.readPullRequest(of)
      return read.found ? { ...read, pullRequest: { ...read.pullRequest, fromFork: kind === 'fork' } } : read
    },
    async readComment(of) {
      const read = await ado.readComment(of)
      if (!read.found) return read
      const author = { ...read.comment.author, isService: kind === 'service account' }
      return { ...read, comment: { ...read.comment, author } }
    },
  }
  const ports = { store, ado: seen, effects: runEffects(store, 'test'), draftTarget: 'source' as const, runLimits: [] }
  const runId = await acceptedRun(world, `/edit by ${kind}`)
  await world.dispatch()
  expect(await admitRun(ports)({ runId, generation: 1 })).toMatchObject({ outcome: 'refused' })
  const run = await world.run(runId)
  expect(run.admission).toBeNull()
  expect(run.reason).toMatch(kind === 'fork' ? /from a fork/ : /Service accounts may not/)
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
