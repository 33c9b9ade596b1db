import { type EndpointTable, endpoint } from './endpoint.ts'

const repository = 'git/repositories/{repositoryId}'
const repositories = '225f7195-f9c7-4d14-ab28-a83f7ff77e1f'
const refs = '2d874a60-a811-4f62-9c9f-963a6ea0a55b'
const pushes = 'ea98d07b-3c87-4971-8ede-a613694ffb55'
const items = 'fb93c0db-47ed-4a31-8c20-47552878fb44'
const blobs = '7b28e929-2c99-405d-9c5c-6167a06e6816'
const commits = 'c2570c3b-5b3f-41b8-98bf-5407bfde8d58'
const branchStats = 'd5b216de-d8d5-4d32-ae76-51df755b16d3'
const commitStatuses = '428dd4fb-fda5-4722-af02-9313b80305da'
const manage = { scope: 'vso.code_manage' }

/** The git area without pull requests. */
export const repositoryEndpoints = {
  getRepositories: endpoint('GET', 'git/repositories', repositories, 'Repository[]'),
  createRepository: endpoint('POST', 'git/repositories', repositories, 'Repository', { status: 201, ...manage }),
  getRepository: endpoint('GET', repository, repositories, 'Repository'),
  updateRepository: endpoint('PATCH', repository, repositories, 'Repository', manage),
  deleteRepository: endpoint('DELETE', repository, repositories, 'none', { status: 204, ...manage }),

  getRefs: endpoint('GET', `${repository}/refs`, refs, 'Ref[]'),
  getRefsByPath: endpoint('GET', `${repository}/refs/{*filter}`, refs, 'Ref[]'),
  updateRefs: endpoint('POST', `${repository}/refs`, refs, 'RefUpdateResult[]'),
  updateRef: endpoint('PATCH', `${repository}/refs`, refs, 'Ref'),

  getPushes: endpoint('GET', `${repository}/pushes`, pushes, 'Push[]'),
  createPush: endpoint('POST', `${repository}/pushes`, pushes, 'CreatedPush', { status: 201 }),
  getPush: endpoint('GET', `${repository}/pushes/{pushId}`, pushes, 'Push'),
  getPushCommits: endpoint(
    'GET',
    `${repository}/pushes/{pushId}/commits`,
    '168b4bb9-d936-4cd9-8a5f-66d6f6b23192',
    'CommitRef[]',
  ),

  getItems: endpoint('GET', `${repository}/items`, items, 'bytes'),
  getItemsByPath: endpoint('GET', `${repository}/items/{*path}`, items, 'bytes'),
  getItemsBatch: endpoint('POST', `${repository}/itemsBatch`, '630fd2e4-fb88-4f85-ad21-13f3fd1fbca9', 'ItemList[]', {
    scope: 'vso.code',
  }),
  getTree: endpoint('GET', `${repository}/trees/{sha1}`, '729f6437-6f92-44ec-8bee-273a7111063c', 'bytes'),
  getBlob: endpoint('GET', `${repository}/blobs/{sha1}`, blobs, 'bytes'),
  getBlobsZip: endpoint('POST', `${repository}/blobs`, blobs, 'bytes', { scope: 'vso.code' }),

  getCommits: endpoint('GET', `${repository}/commits`, commits, 'CommitRef[]'),
  getCommit: endpoint('GET', `${repository}/commits/{commitId}`, commits, 'Commit'),
  getChanges: endpoint(
    'GET',
    `${repository}/commits/{commitId}/changes`,
    '5bf884f5-3e07-42e9-afb8-1b872267bf16',
    'CommitChanges',
  ),
  getCommitsBatch: endpoint(
    'POST',
    `${repository}/commitsBatch`,
    '6400dfb2-0bcb-462b-b992-5a57f8f1416c',
    'CommitRef[]',
    { scope: 'vso.code' },
  ),
  getMergeBases: endpoint(
    'GET',
    `${repository}/commits/{commitId}/mergeBases`,
    '7cf2abb6-c964-4f7e-9872-f78c66e72e9c',
    'CommitId[]',
  ),
  getCommitStatuses: endpoint('GET', `${repository}/commits/{commitId}/statuses`, commitStatuses, 'CommitStatus[]'),
  createCommitStatus: endpoint('POST', `${repository}/commits/{commitId}/statuses`, commitStatuses, 'CommitStatus', {
    status: 201,
    scope: 'vso.code_status',
  }),
  getCommitDiffs: endpoint('GET', `${repository}/diffs/commits`, '615588d5-c0c7-4b88-88f8-e625306446e8', 'CommitDiffs'),
  getBranches: endpoint('GET', `${repository}/stats/branches`, branchStats, 'BranchStats[]'),
  getBranch: endpoint(
    'GET',
    `${repository}/stats/branches/{*name}`,
    '40c1f5b7-2bb6-4c28-b844-0f47cd6bb610',
    'BranchStats',
  ),
  getPolicyConfigurationsOfBranch: endpoint(
    'GET',
    'git/policy/configurations',
    '2c420070-a0a2-49cc-9639-c9f271c5ff07',
    'PolicyConfiguration[]',
  ),
} satisfies EndpointTable
