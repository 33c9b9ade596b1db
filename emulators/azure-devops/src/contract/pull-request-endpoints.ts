import { type EndpointTable, endpoint } from './endpoint.ts'

const all = 'git/repositories/{repositoryId}/pullRequests'
const one = `${all}/{pullRequestId}`
const iteration = `${one}/iterations/{iterationId}`
const pullRequests = '9946fd70-0d40-406e-b686-b4744cbbcc37'
const iterations = 'd43911ee-6958-46b0-a42b-8445b8a0d004'
const labels = 'f22387e3-984e-4c52-9c6d-fbb8f14c812d'
const properties = '48a52185-5b9e-4736-9dc1-bb1e2feac80b'
const reviewers = '4b6702c7-aa35-4b89-9c96-b9abf6d3e540'
const attachments = '965d9361-878b-413b-a494-45d5b5fd8ab7'
const statuses = 'b5f6bb4f-8d1e-4d79-8d11-4c9172c99c35'
const iterationStatuses = '75cf11c5-979f-4038-a76e-058a06adf2bf'
const statusScope = { scope: 'vso.code_status' }

export const pullRequestEndpoints = {
  getPullRequestById: endpoint(
    'GET',
    'git/pullRequests/{pullRequestId}',
    '01a46dea-7d46-4d40-bc84-319e7c260d99',
    'PullRequestById',
  ),
  getPullRequestsByProject: endpoint(
    'GET',
    'git/pullRequests',
    'a5d28130-9cd2-40fa-9f08-902e7daa9efb',
    'ListedPullRequest[]',
  ),
  getPullRequests: endpoint('GET', all, pullRequests, 'ListedPullRequest[]'),
  createPullRequest: endpoint('POST', all, pullRequests, 'CreatedPullRequest', { status: 201 }),
  getPullRequest: endpoint('GET', one, pullRequests, 'PullRequest'),
  updatePullRequest: endpoint('PATCH', one, pullRequests, 'PullRequest'),
  getPullRequestQuery: endpoint(
    'POST',
    'git/repositories/{repositoryId}/pullRequestQuery',
    'b3a6eebe-9cf0-49ea-b6cb-1a4c5f5007b0',
    'PullRequestQuery',
    { scope: 'vso.code' },
  ),

  getIterations: endpoint('GET', `${one}/iterations`, iterations, 'Iteration[]'),
  getIteration: endpoint('GET', iteration, iterations, 'Iteration'),
  getIterationChanges: endpoint(
    'GET',
    `${iteration}/changes`,
    '4216bdcf-b6b1-4d59-8b82-c34cc183fc8b',
    'IterationChanges',
  ),
  getIterationCommits: endpoint('GET', `${iteration}/commits`, 'e7ea0883-095f-4926-b5fb-f24691c26fb9', 'CommitRef[]'),
  getPullRequestCommits: endpoint('GET', `${one}/commits`, '52823034-34a8-4576-922c-8d8b77e9e4c4', 'CommitRef[]'),
  getWorkItemRefs: endpoint('GET', `${one}/workitems`, '0a637fcc-5370-4ce8-b0e8-98091f5f9482', 'ResourceRef[]'),

  getStatuses: endpoint('GET', `${one}/statuses`, statuses, 'PullRequestStatus[]'),
  createStatus: endpoint('POST', `${one}/statuses`, statuses, 'PullRequestStatus', statusScope),
  updateStatuses: endpoint('PATCH', `${one}/statuses`, statuses, 'none', { status: 204, ...statusScope }),
  getStatus: endpoint('GET', `${one}/statuses/{statusId}`, statuses, 'PullRequestStatus'),
  deleteStatus: endpoint('DELETE', `${one}/statuses/{statusId}`, statuses, 'none', { status: 204, ...statusScope }),
  getIterationStatuses: endpoint('GET', `${iteration}/statuses`, iterationStatuses, 'PullRequestStatus[]'),
  createIterationStatus: endpoint('POST', `${iteration}/statuses`, iterationStatuses, 'PullRequestStatus', statusScope),
  updateIterationStatuses: endpoint('PATCH', `${iteration}/statuses`, iterationStatuses, 'none', {
    status: 204,
    ...statusScope,
  }),
  getIterationStatus: endpoint('GET', `${iteration}/statuses/{statusId}`, iterationStatuses, 'PullRequestStatus'),
  deleteIterationStatus: endpoint('DELETE', `${iteration}/statuses/{statusId}`, iterationStatuses, 'none', {
    status: 204,
    ...statusScope,
  }),

  getLabels: endpoint('GET', `${one}/labels`, labels, 'Label[]'),
  createLabel: endpoint('POST', `${one}/labels`, labels, 'Label'),
  getLabel: endpoint('GET', `${one}/labels/{labelIdOrName}`, labels, 'Label'),
  deleteLabel: endpoint('DELETE', `${one}/labels/{labelIdOrName}`, labels, 'none'),

  getProperties: endpoint('GET', `${one}/properties`, properties, 'Properties'),
  updateProperties: endpoint('PATCH', `${one}/properties`, properties, 'Properties'),

  getReviewers: endpoint('GET', `${one}/reviewers`, reviewers, 'Reviewer[]'),
  createReviewers: endpoint('POST', `${one}/reviewers`, reviewers, 'Reviewer[]'),
  getReviewer: endpoint('GET', `${one}/reviewers/{reviewerId}`, reviewers, 'Reviewer'),
  createReviewer: endpoint('PUT', `${one}/reviewers/{reviewerId}`, reviewers, 'Reviewer'),
  updateReviewer: endpoint('PATCH', `${one}/reviewers/{reviewerId}`, reviewers, 'Reviewer'),
  deleteReviewer: endpoint('DELETE', `${one}/reviewers/{reviewerId}`, reviewers, 'none'),

  getAttachments: endpoint('GET', `${one}/attachments`, attachments, 'Attachment[]'),
  createAttachment: endpoint('POST', `${one}/attachments/{fileName}`, attachments, 'Attachment', { status: 201 }),
  getAttachment: endpoint('GET', `${one}/attachments/{fileName}`, attachments, 'bytes'),
  deleteAttachment: endpoint('DELETE', `${one}/attachments/{fileName}`, attachments, 'none'),
} satisfies EndpointTable
