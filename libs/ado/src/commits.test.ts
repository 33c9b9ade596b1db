import { Rejected } from '@code-agent/jobs/errors'
import { expect, test } from 'vitest'
import { scriptedAzureDevOps } from './test-scripted.ts'

const repository = { projectId: 'p', repositoryId: 'r' }
const refs = (...names: string[]) => ({
  value: names.map(name => ({ name: `refs/heads/${name}`, objectId: 'c1' })),
  count: names.length,
})
const commit = {
  ...repository,
  branch: 'users/a/s/v1',
  base: 'b'.repeat(40),
  message: 'm',
  author: { name: 'A', email: 'a@x' },
  trailer: 'run/1',
}
const changes = [
  { path: 'a b.txt', kind: 'edit' as const, content: '\uFEFFü\r\n' },
  { path: 'old', kind: 'delete' as const },
]

test('a first push is one request: branch and commit at once, files as base64 of their bytes', async () => {
  const { ado, server, calls } = await scriptedAzureDevOps({
    'POST.*pushes$': { status: 201, json: { commits: [{ commitId: 'c1' }] } },
  })
  expect(await ado.ensureCommit({ ...commit, changes, again: false })).toEqual({ commit: 'c1' })
  expect(calls()).toEqual(['POST git/repositories/r/pushes'])
  expect(JSON.parse(server.calls[0]?.body ?? '')).toEqual({
    refUpdates: [{ name: 'refs/heads/users/a/s/v1', oldObjectId: 'b'.repeat(40) }],
    commits: [
      {
        comment: 'm',
        author: { name: 'A', email: 'a@x' },
        changes: [
          {
            changeType: 2,
            item: { path: '/a b.txt' },
            newContent: { content: Buffer.from('\uFEFFü\r\n').toString('base64'), contentType: 1 },
          },
          { changeType: 16, item: { path: '/old' } },
        ],
      },
    ],
  })
})

const stale = { status: 409, json: { message: 'TF401028: The reference …', typeKey: 'GitReferenceStaleException' } }

test.each([
  ['ours', 'Subject\n\nCode-Agent-Variant: run/1\n', true],
  ['of another variant', 'Subject\n\nCode-Agent-Variant: run/2\n', false],
  ['that only quotes the trailer', 'Code-Agent-Variant: run/1\n\nReally.', false],
])('a branch that is there already and is %s is treated so', async (_, comment, ours) => {
  for (const again of [true, false]) {
    const { ado, calls } = await scriptedAzureDevOps({
      'POST.*pushes$': stale,
      'GET.*refs': refs('users/a/s/v1'),
      'GET.*commits/c1$': { comment },
    })
    const made = ado.ensureCommit({ ...commit, changes, again })
    if (ours) expect(await made).toEqual({ commit: 'c1' })
    else await expect(made).rejects.toThrow(/is somebody else's/)
    expect(calls().filter(call => call.startsWith('POST'))).toHaveLength(again ? 0 : 1)
  }
})

test('a branch in the way is named', async () => {
  const refused = { status: 400, json: { message: 'The reference name is not usable.' } }
  const { ado } = await scriptedAzureDevOps({ 'POST.*pushes$': refused, 'GET.*refs': refs('users/a/s') })
  await expect(ado.ensureCommit({ ...commit, changes, again: false })).rejects.toThrow('users/a/s is in the way')
})

test('a change too large for Azure DevOps is not sent', async () => {
  const { ado, calls } = await scriptedAzureDevOps({})
  const large = [{ path: 'x', kind: 'add' as const, content: 'x'.repeat(20_000_000) }]
  await expect(ado.ensureCommit({ ...commit, changes: large, again: false })).rejects.toThrow(Rejected)
  expect(calls()).toEqual([])
})
