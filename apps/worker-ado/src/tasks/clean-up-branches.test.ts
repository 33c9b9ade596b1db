import { afterAll, beforeAll, expect, test } from 'vitest'
import { concluded, runningRun, tasksDone, testWorld, textsOf, type World } from '../test-world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world?.stop())

const at = { project: 'web', repository: 'shop' }

async function branchesOf(runId: string): Promise<string[]> {
  const { admission } = await world.run(runId)
  const refs: { name: string }[] = (
    await world.shop.call('GET', `web/_apis/git/repositories/shop/refs?filter=heads/users/alice/${admission?.slug}/`)
  ).json.value
  return refs.map(({ name }) => name.replace('refs/heads/', ''))
}

async function cancelled(runId: string) {
  await world.store.cancel({ runId, by: 'a', cause: 'cancelled', reason: 'Cancelled by Alice.' })
  return await concluded(world, runId)
}

test('a cancelled run keeps its drafts and loses the branches without one, and says so', async () => {
  const runId = await runningRun(world, '/edit /2 make buttons red')
  for (const variant of [1, 2]) await world.step('commit-patch', runId, variant)
  await world.step('open-draft-pr', runId, 1)
  const [kept = '', removed = ''] = await branchesOf(runId)
  const run = await cancelled(runId)
  expect(run).toMatchObject({ state: 'ended', outcome: 'cancelled' })
  const overview = (await textsOf(world, run.key.threadId)).at(-1)
  expect(overview).toContain(`will be removed, unless somebody else has pushed to it: \`${removed}\``)
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([{ outcome: 'done' }])
  expect(await branchesOf(runId)).toEqual([kept])
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([])
})

test('a branch somebody has pushed to, or made a pull request of, is theirs', async () => {
  const runId = await runningRun(world, '/edit /2 make links blue')
  for (const variant of [1, 2]) await world.step('commit-patch', runId, variant)
  const [one = '', two = ''] = await branchesOf(runId)
  await world.shop.azure.commitFiles({ ...at, branch: one, files: { 'mine.txt': 'mine\n' } })
  const wish = { ...at, title: 'Mine now', sourceBranch: two, targetBranch: 'feature' }
  await world.shop.azure.createPullRequest(wish)
  await cancelled(runId)
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([{ outcome: 'done' }])
  expect(await branchesOf(runId)).toEqual([one, two])
  const [{ result } = { result: undefined }] = await world.query<{ result: unknown }>(
    'SELECT result FROM tasks WHERE unique_key = $1',
    [`clean-up-branches/${runId}`],
  )
  expect(result).toMatchObject({
    results: [{ because: 'somebody has pushed to it since' }, { because: expect.stringContaining('comes from it') }],
  })
})

test('a push that nobody heard the answer of is looked for later, and known by its trailer', async () => {
  const runId = await runningRun(world, '/edit make headings green')
  world.shop.azure.faults.add({ method: 'POST', path: '/pushes', times: 1, action: { kind: 'cutAfter' } })
  expect(await world.step('commit-patch', runId, 1)).toMatchObject({ outcome: 'retry' })
  await cancelled(runId)
  expect(await branchesOf(runId)).toHaveLength(1)
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([])
  await world.query('UPDATE tasks SET due_at = now() WHERE unique_key = $1', [`clean-up-branches/${runId}`])
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([{ outcome: 'done' }])
  expect(await branchesOf(runId)).toEqual([])
})

test('a run of which every variant became a draft leaves nothing to clean up', async () => {
  const runId = await runningRun(world, '/edit make footers small')
  await world.step('commit-patch', runId, 1)
  await world.step('open-draft-pr', runId, 1)
  expect(await concluded(world, runId)).toMatchObject({ outcome: 'done' })
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([])
})

test('a first status that lands after the last one, given up and made again, does not stay', async () => {
  const runId = await runningRun(world, '/edit make borders thin')
  await world.query("UPDATE effects SET uncertain = true WHERE owner_id = $1 AND kind = 'status-pending'", [runId])
  const { key, projectId } = await concluded(world, runId)
  const of = { projectId, repositoryId: key.repositoryId, pullRequestId: 1 }
  const context = `make-borders-thin-${runId.slice(0, 8)}`
  await world.ado.ensureStatus({ ...of, context, again: false, state: 'pending', description: 'Working on a draft' })
  expect(await latestOf(context)).toMatchObject({ state: 'pending' })
  await world.query('UPDATE tasks SET due_at = now() WHERE unique_key = $1', [`clean-up-branches/${runId}`])
  expect(await tasksDone(world, 'clean-up-branches')).toEqual([{ outcome: 'done' }])
  expect(await latestOf(context)).toMatchObject({ state: 'failed', description: '0 of 1 draft' })
})

async function latestOf(name: string) {
  const statuses: { state: string; description: string; context: { name: string } }[] = (
    await world.shop.call('GET', 'web/_apis/git/repositories/shop/pullRequests/1/statuses')
  ).json.value
  return statuses.filter(({ context }) => context.name === name).at(-1)
}
