import { expect, test } from 'vitest'
import { scriptedAzureDevOps } from './test-scripted.ts'

const repository = { projectId: 'p', repositoryId: 'r' }
const me = { authenticatedUser: { id: 'me' } }
const draft = {
  ...repository,
  sourceBranch: 's',
  targetBranch: 't',
  title: 'x',
  description: 'y',
  reviewerIds: ['alice'],
  workItemIds: ['12'],
  labels: ['l'],
}
const exists = { status: 409, json: { message: 'TF401179: exists', typeKey: 'GitPullRequestExistsException' } }
const listed = (...value: unknown[]) => ({ value, count: value.length })

test('a draft is opened with reviewers, work items and labels in one request', async () => {
  const { ado, server } = await scriptedAzureDevOps({
    'POST.*pullrequests$': { status: 201, json: { pullRequestId: 9 } },
  })
  expect(await ado.ensureDraftPr({ ...draft, again: false })).toEqual({ pullRequestId: 9 })
  expect(JSON.parse(server.calls[0]?.body ?? '')).toEqual({
    ...{ sourceRefName: 'refs/heads/s', targetRefName: 'refs/heads/t', title: 'x', description: 'y', isDraft: true },
    ...{ reviewers: [{ id: 'alice' }], workItemRefs: [{ id: '12' }], labels: [{ name: 'l' }] },
  })
})

test.each([
  [
    'an active one is adopted whoever opened it',
    listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'me' } }, { pullRequestId: 9, status: 'active' }),
    9,
  ],
  [
    'ours is adopted though somebody closed it',
    listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'me' } }),
    8,
  ],
])('of pull requests that exist, %s', async (_, list, pullRequestId) => {
  for (const again of [true, false]) {
    const { ado } = await scriptedAzureDevOps({
      'POST.*pullrequests$': exists,
      'GET.*pullrequests$': list,
      'GET.*connectiondata': me,
    })
    expect(await ado.ensureDraftPr({ ...draft, again })).toEqual({ pullRequestId })
  }
})

test('a closed pull request of somebody else is not ours', async () => {
  const others = listed({ pullRequestId: 8, status: 'abandoned', createdBy: { id: 'bob' } })
  const { ado } = await scriptedAzureDevOps({
    'POST.*pullrequests$': { status: 201, json: { pullRequestId: 9 } },
    'GET.*pullrequests$': others,
    'GET.*connectiondata': me,
  })
  expect(await ado.ensureDraftPr({ ...draft, again: true })).toEqual({ pullRequestId: 9 })
  expect(await ado.findDraftPr(draft)).toEqual({ found: false })
})
