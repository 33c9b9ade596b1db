import { expect, test } from 'vitest'
import { scriptedAzureDevOps } from './test-scripted.ts'
import type { Call } from './test-scripted-server.ts'

const repository = { projectId: 'p', repositoryId: 'r' }
const refs = (...names: string[]) => ({
  value: names.map(name => ({ name: `refs/heads/${name}`, objectId: 'c1' })),
  count: names.length,
})
test('a branch further up is found for the first branch of a folder, and not asked for beside others', async () => {
  const filters: (string | null)[] = []
  const answers: Record<string, unknown> = {
    'heads/users/a/s': refs(),
    'heads/users/a': refs(),
    'heads/users': refs('users'),
  }
  const { ado } = await scriptedAzureDevOps({
    'GET.*refs': (call: Call) => {
      filters.push(call.query.get('filter'))
      return answers[call.query.get('filter') ?? '']
    },
  })
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'blocked', by: 'users' })
  answers['heads/users/a'] = refs('users/ab/x/v1')
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'free' })
  answers['heads/users/a/s'] = refs('users/a/s/v2')
  expect(await ado.probeBranch({ ...repository, branch: 'users/a/s/v1' })).toEqual({ state: 'free' })
  expect(filters).toEqual([
    'heads/users/a/s',
    'heads/users/a',
    'heads/users',
    'heads/users/a/s',
    'heads/users/a',
    'heads/users/a/s',
  ])
})

test.each([
  ['deleted', { success: true }, refs(), { deleted: true, because: expect.any(String) }],
  [
    'gone already',
    { success: false, updateStatus: 'staleOldObjectId' },
    refs('xy'),
    { deleted: true, because: 'it is gone already' },
  ],
  [
    'pushed to',
    { success: false, updateStatus: 'staleOldObjectId' },
    { value: [{ name: 'refs/heads/x', objectId: 'c2' }] },
    { deleted: false, because: 'somebody has pushed to it since' },
  ],
  [
    'locked',
    { success: false, updateStatus: 'locked' },
    refs('x'),
    { deleted: false, because: expect.stringContaining('locked') },
  ],
])('a branch to delete that is %s is told so, although Azure DevOps answers 200', async (_, result, list, expected) => {
  const { ado } = await scriptedAzureDevOps({ 'POST.*refs$': { value: [result], count: 1 }, 'GET.*refs': list })
  expect(await ado.ensureBranchDeleted({ ...repository, branch: 'x', commit: 'c1', again: false })).toEqual(expected)
})
