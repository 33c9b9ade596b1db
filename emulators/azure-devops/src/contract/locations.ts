/** A route as OPTIONS names it to clients, which find every URL by its GUID. */
export interface Location {
  area: string
  resource: string
  id: string
  template: string
  resourceVersion: number
  minVersion: string
  releasedVersion: string
}

const shorthands = {
  '~repository': '{project}/_apis/{area}/repositories/{repositoryId}',
  '~pullRequest': '{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}',
}

// resource, GUID, template, resource version, oldest and newest released version; routes of the 1.0 time are left out,
// for no living client asks for them
const git = [
  'advsecEstimateOrg 2277ffbe-28d4-40d6-9c26-40baf26d1408 _apis/{area}/advsecEstimate 1 7.2 0.0',
  'hfsItems 47320f83-8f30-4ba7-b912-576eadac424b _apis/{area}/{projectId}/repositories/{repositoryId}/{resource}/{*path} 1 7.2 0.0',
  'repositoriesPaged 82aea7e8-9501-45dd-ac58-b069aa73b926 _apis/{area}/{projectId}/repositoriesPaged 1 7.2 0.0',
  'advsecPermissions 61b21a05-a60f-4910-a733-ba5347c2142d _apis/{area}/{resource} 1 7.1 0.0',
  'advsecEnablement b43dd56f-a1b4-47a5-a857-73fc1b6c700c _apis/{area}/{resource} 1 7.1 0.0',
  'advsecEstimateProject 1df7833e-1eed-447b-81a3-390c74923900 {project}/_apis/{area}/advsecEstimate 1 7.2 0.0',
  'refsFavorites 876f70af-5792-485a-a1c7-d0a7b2f42bbb {project}/_apis/{area}/favorites/refs/{favoriteId} 1 3.0 7.1',
  'refsFavoritesForProject 4720896c-594c-4a6d-b94c-12eddd80b34a {project}/_apis/{area}/favorites/refsForProject 1 7.2 0.0',
  'ImportRepositoryValidations d8c00958-dedd-491f-93e6-73f3c06f5bba {project}/_apis/{area}/import/{resource} 1 3.0 7.1',
  'policyConfigurations 2c420070-a0a2-49cc-9639-c9f271c5ff07 {project}/_apis/{area}/policy/configurations 1 5.0 7.1',
  'recycleBinRepositories a663da97-81db-4eb3-8b83-287670f63073 {project}/_apis/{area}/recycleBin/repositories/{repositoryId} 1 4.1 7.1',
  'advsecEstimateRepo 5dcec07b-a844-4efb-9fc1-968fd1f149db ~repository/advsecEstimate 1 7.2 0.0',
  'cherryPicks 033bad68-9a14-43d1-90e0-59cb8856fef6 ~repository/cherryPicks/{cherryPickId} 2 3.0 7.1',
  'cherryPickConflicts 1fe5aab2-d4c0-4b2f-a030-f3831e7aca26 ~repository/cherryPicks/{cherryPickId}/conflicts/{conflictId} 1 6.0 7.1',
  'statuses 428dd4fb-fda5-4722-af02-9313b80305da ~repository/commits/{commitId}/{resource} 2 2.1 7.1',
  'changes 5bf884f5-3e07-42e9-afb8-1b872267bf16 ~repository/commits/{commitId}/{resource} 1 1.0 7.1',
  'commitDiffs 615588d5-c0c7-4b88-88f8-e625306446e8 ~repository/diffs/commits 1 1.0 7.1',
  'treeDiffs e264ef02-4e92-4cfc-a4b1-5e71894d7b31 ~repository/diffs/trees 1 3.0 7.1',
  'importRequests 01828ddc-3600-4a41-8633-99b3a73a0eb3 ~repository/importRequests/{importRequestId} 1 3.0 7.1',
  'pullRequestAttachments 965d9361-878b-413b-a494-45d5b5fd8ab7 ~pullRequest/attachments/{fileName} 1 3.1 7.1',
  'pullRequestCommits 52823034-34a8-4576-922c-8d8b77e9e4c4 ~pullRequest/commits 1 2.1 7.1',
  'pullRequestConflicts d840fb74-bbef-42d3-b250-564604c054a4 ~pullRequest/conflicts/{conflictId} 1 3.0 7.1',
  'pullRequestIterations d43911ee-6958-46b0-a42b-8445b8a0d004 ~pullRequest/iterations/{iterationId} 2 3.0 7.1',
  'pullRequestIterationChanges 4216bdcf-b6b1-4d59-8b82-c34cc183fc8b ~pullRequest/iterations/{iterationId}/changes 1 3.0 7.1',
  'pullRequestCommits e7ea0883-095f-4926-b5fb-f24691c26fb9 ~pullRequest/iterations/{iterationId}/commits 1 3.0 7.1',
  'pullRequestIterationStatuses 75cf11c5-979f-4038-a76e-058a06adf2bf ~pullRequest/iterations/{iterationId}/statuses/{statusId} 2 3.0 7.1',
  'pullRequestLabels f22387e3-984e-4c52-9c6d-fbb8f14c812d ~pullRequest/labels/{labelIdOrName} 1 4.0 7.1',
  'pullRequestProperties 48a52185-5b9e-4736-9dc1-bb1e2feac80b ~pullRequest/properties 1 4.1 7.1',
  'pullRequestReviewers 4b6702c7-aa35-4b89-9c96-b9abf6d3e540 ~pullRequest/reviewers/{reviewerId} 1 1.0 7.1',
  'pullRequestShare 696f3a82-47c9-487f-9117-b9d00972ca84 ~pullRequest/share 1 3.1 7.1',
  'pullRequestStatuses b5f6bb4f-8d1e-4d79-8d11-4c9172c99c35 ~pullRequest/statuses/{statusId} 2 3.0 7.1',
  'pullRequestThreads ab6e2e5d-a0b7-4153-b64a-a4efe0d49449 ~pullRequest/threads/{threadId} 1 3.0 7.1',
  'pullRequestThreadComments 965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b ~pullRequest/threads/{threadId}/comments/{commentId} 1 3.0 7.1',
  'pullRequestCommentLikes 5f2e2851-1389-425b-a00b-fb2adb3ef31b ~pullRequest/threads/{threadId}/comments/{commentId}/likes 1 4.0 7.1',
  'pullRequestWorkItems 0a637fcc-5370-4ce8-b0e8-98091f5f9482 ~pullRequest/workitems 1 1.0 7.1',
  'commits 168b4bb9-d936-4cd9-8a5f-66d6f6b23192 ~repository/pushes/{pushId}/{resource} 1 1.0 7.1',
  'reverts bc866058-5449-4715-9cf1-a510b6ff193c ~repository/reverts/{revertId} 2 3.0 7.1',
  'revertConflicts 10d7ae6d-1050-446d-852a-bd5d99f834bf ~repository/reverts/{revertId}/conflicts/{conflictId} 1 6.0 7.1',
  'repositoryStats 616a5255-74b3-40f5-ae1d-bbae2eec8db5 ~repository/stats 1 3.0 7.1',
  'branchStats d5b216de-d8d5-4d32-ae76-51df755b16d3 ~repository/stats/branches 2 1.0 7.1',
  'branchStats 40c1f5b7-2bb6-4c28-b844-0f47cd6bb610 ~repository/stats/branches/{*name} 1 1.0 7.1',
  'suggestions 9393b4fb-4445-4919-972b-9ad16f442d83 ~repository/suggestions 1 2.2 7.1',
  'itemsBatch 630fd2e4-fb88-4f85-ad21-13f3fd1fbca9 ~repository/{resource} 1 1.0 7.1',
  'commitsBatch 6400dfb2-0bcb-462b-b992-5a57f8f1416c ~repository/{resource} 2 1.0 7.1',
  'pullRequestQuery b3a6eebe-9cf0-49ea-b6cb-1a4c5f5007b0 ~repository/{resource} 1 3.0 7.1',
  'fileDiffs c4c5a7e6-e9f3-4730-a92b-84baacff694b ~repository/{resource} 1 5.0 7.1',
  'refsBatch d5e42319-9c64-4acd-a906-f524a578a7fe ~repository/{resource} 1 2.1 7.1',
  'limitedRefCriteria f1d5d07a-6b89-4384-bef6-446461e31a39 ~repository/{resource} 1 2.2 7.1',
  'refs 2d874a60-a811-4f62-9c9f-963a6ea0a55b ~repository/{resource}/{*filter} 2 1.0 7.1',
  'hfsItems 17f0a869-1589-43f0-9901-db1b2519087d ~repository/{resource}/{*path} 1 7.2 0.0',
  'items fb93c0db-47ed-4a31-8c20-47552878fb44 ~repository/{resource}/{*path} 1 1.0 7.1',
  'filePaths e74b530c-edfa-402b-88e2-8d04671134f7 ~repository/{resource}/{*scopepath} 1 3.0 7.1',
  'commits c2570c3b-5b3f-41b8-98bf-5407bfde8d58 ~repository/{resource}/{commitId} 2 1.0 7.1',
  'annotatedTags 5e8a8081-3851-4626-b677-9891cc04102e ~repository/{resource}/{objectId} 1 3.1 7.1',
  'pullRequests 9946fd70-0d40-406e-b686-b4744cbbcc37 ~repository/{resource}/{pullRequestId} 2 1.0 7.1',
  'pushes ea98d07b-3c87-4971-8ede-a613694ffb55 ~repository/{resource}/{pushId} 3 1.0 7.1',
  'trees 729f6437-6f92-44ec-8bee-273a7111063c ~repository/{resource}/{sha1} 1 1.0 7.1',
  'blobs 7b28e929-2c99-405d-9c5c-6167a06e6816 ~repository/{resource}/{sha1} 1 1.0 7.1',
  'mergeBases 7cf2abb6-c964-4f7e-9872-f78c66e72e9c {project}/_apis/{area}/repositories/{repositoryNameOrId}/commits/{commitId}/{resource} 1 4.1 7.1',
  'forks 158c0340-bf6f-489c-9625-d572a1480d57 {project}/_apis/{area}/repositories/{repositoryNameOrId}/forks/{collectionId} 1 4.0 7.1',
  'forkSyncRequests 1703f858-b9d1-46af-ab62-483e9e1055b5 {project}/_apis/{area}/repositories/{repositoryNameOrId}/forkSyncRequests/{forkSyncOperationId} 1 4.0 7.1',
  'merges 985f7ae9-844f-4906-9897-7ef41516c0e2 {project}/_apis/{area}/repositories/{repositoryNameOrId}/merges/{mergeOperationId} 1 5.0 7.1',
  'cherryPickRelationships 8af142a4-27c2-4168-9e82-46b8629aaa0d {project}/_apis/{area}/repositories/{repositoryNameOrId}/{resource}/{commitId} 1 4.1 7.1',
  'deletedRepositories 2b6869c4-cb25-42b5-b7a3-0d3e6be0a11a {project}/_apis/{area}/{resource} 1 2.2 7.1',
  'billableCommitters 5c5e3ebc-37b0-4547-a957-945912d44922 {project}/_apis/{area}/{resource} 1 7.1 0.0',
  'pullRequests a5d28130-9cd2-40fa-9f08-902e7daa9efb {project}/_apis/{area}/{resource} 2 1.0 7.1',
  'templates f88d498e-52c3-422a-a5f2-994f4265a25b {project}/_apis/{area}/{resource} 1 3.0 7.1',
  'pullRequests 01a46dea-7d46-4d40-bc84-319e7c260d99 {project}/_apis/{area}/{resource}/{pullRequestId} 2 3.0 7.1',
  'repositories 225f7195-f9c7-4d14-ab28-a83f7ff77e1f {project}/_apis/{area}/{resource}/{repositoryId} 1 1.0 7.1',
]

const location = [
  'ConnectionData 00d9565f-ed9c-4a06-9a50-00e7896ccab4 _apis/{resource} 1 1.0 0.0',
  'ResourceAreas e81700f7-3be2-46de-8624-2eb35882fcaa _apis/{resource}/{areaId} 1 3.2 0.0',
  'ServiceDefinitions d810a47d-f4f4-4a62-a03f-fa1860585c4c _apis/{resource}/{serviceType}/{identifier} 1 1.0 0.0',
  'SpsServiceDefinition df5f298a-4e06-4815-a13e-6ce90a37efa4 _apis/{resource}/{hostId} 1 1.0 0.0',
]

const core = ['projects 603fe2ac-9723-48b9-88ad-09305aa6c6e1 _apis/{resource}/{*projectId} 4 1.0 7.1']

const policy = [
  'evaluations 46aecb7a-5d2c-4647-897b-0209505a9fe4 {project}/_apis/{area}/{resource}/{evaluationId} 1 2.0 0.0',
  'evaluations c23ddff5-229c-4d04-a80b-0fdce9f360c8 {project}/_apis/{area}/{resource} 1 2.0 0.0',
  'revisions fe1e68a2-60d3-43cb-855b-85e41ae97c95 {project}/_apis/{area}/configurations/{configurationId}/{resource}/{revisionId} 1 2.0 7.1',
  'configurations dad91cbe-d183-45f8-9c6e-9c1164472121 {project}/_apis/{area}/{resource}/{configurationId} 1 2.0 7.1',
  'types 44096322-2d3d-466a-bb30-d1b7de69f61f {project}/_apis/{area}/{resource}/{typeId} 1 2.0 7.1',
]

const security = [
  'AccessControlLists 18a2ad18-7571-46ae-bec7-0c7da1495885 _apis/{resource}/{securityNamespaceId} 1 1.0 7.1',
  'PermissionEvaluationBatch cf1faa59-1b63-4448-bf04-13d981a46f5d _apis/{area}/{resource} 1 3.0 7.1',
  'SecurityNamespaces ce7b9f95-fde9-4be8-a86d-83b366f0b87a _apis/{resource}/{securityNamespaceId} 1 1.0 7.1',
  'Permissions dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d _apis/{resource}/{securityNamespaceId}/{permissions} 2 1.0 7.1',
  'AccessControlEntries ac08c8ff-4323-4b08-af90-bcd018d380ce _apis/{resource}/{securityNamespaceId} 1 1.0 7.1',
]

const hooks = [
  'notifications 0c62d343-21b0-4732-997b-017fde84dc28 _apis/{area}/subscriptions/{subscriptionId}/{resource}/{notificationId} 1 1.0 7.1',
  'subscriptions fc50d02a-849f-41fb-8af1-0a5216103269 _apis/{area}/{resource}/{subscriptionId} 1 1.0 7.1',
  'inputValuesQuery 140ed26d-ed51-4583-a1bd-0dd3fdd708bd _apis/{area}/{resource} 1 1.0 7.1',
  'actions c3428e90-7a69-4194-8ed8-0f153185ee0d _apis/{area}/consumers/{consumerId}/{resource}/{consumerActionId} 1 1.0 7.1',
  'testNotifications 1139462c-7e27-4524-a997-31b9b73551fe _apis/{area}/{resource}/{notificationId} 1 1.0 7.1',
  'Diagnostics 3b36bcb5-02ad-43c6-bbfa-6dfc6f8e9d68 _apis/{area}/subscriptions/{subscriptionId}/diagnostics 1 4.1 7.1',
  'notificationsQuery 1a57562f-160a-4b5c-9185-905e95b39d36 _apis/{area}/{resource} 1 1.0 7.1',
  'subscriptionsQuery c7c3c1cf-9e05-4c0d-a425-a0f922c2c6ed _apis/{area}/{resource} 1 1.0 7.1',
  'externalEvents e0e0a1c9-beeb-4fb7-a8c8-b18e3161a50e _apis/public/{area}/{resource} 1 2.0 7.1',
  'eventTypes db4777cd-8e08-4a84-8ba3-c974ea033718 _apis/{area}/publishers/{publisherId}/{resource}/{eventTypeId} 1 1.0 7.1',
  'publishers 1e83a210-5b53-43bc-90f0-d476a4e5d731 _apis/{area}/{resource}/{publisherId} 1 1.0 7.1',
  'publishersQuery 99b44a8a-65a8-4670-8f3e-e7f7842cce64 _apis/{area}/{resource} 1 1.0 7.1',
  'consumers 4301c514-5f34-4f5d-a145-f0ea7b5b7d19 _apis/{area}/{resource}/{consumerId} 1 1.0 7.1',
  'PublisherInputValuesQuery d815d352-a566-4dc1-a3e3-fd245acf688c _apis/{area}/publishers/{publisherId}/inputValuesQuery 1 2.0 7.1',
]

const wit = [
  'workItems 72c7ddf8-2cdc-4f60-90cd-ab71c14a399b {project}/_apis/{area}/{resource}/{id} 3 1.0 7.1',
  'wiql 1a9c53f7-f243-4447-b110-35ef023636e4 {project}/{team}/_apis/{area}/{resource} 2 1.0 7.1',
]

// on the identity host of the hosted service; here on the same host, as on a Server
const ims = ['Identities 28010c54-d0c0-4c89-a5b0-1d9b188b9fb7 _apis/{resource}/{identityId} 1 1.0 7.1']

const graph = [
  'Users 005e26ec-6b77-4e4f-a986-b3827bf241f5 _apis/{area}/{resource}/{userDescriptor} 1 4.0 0.0',
  'Groups ebbe6af8-0b91-4c13-8cf1-777c14858188 _apis/{area}/{resource}/{groupDescriptor} 1 4.0 0.0',
  'MembershipsBatch e34b6394-6b30-4435-94a9-409a5eef3e31 _apis/{area}/Memberships/{subjectDescriptor} 1 4.0 0.0',
  'Descriptors 048aee0a-7072-4cde-ab73-7af77b1e0b4e _apis/{area}/{resource}/{storageKey} 1 4.0 0.0',
]

const areas = { git, Location: location, core, policy, Security: security, hooks, wit, IMS: ims, Graph: graph }

/** Every route of every area. */
export function allLocations(): Location[] {
  return Object.entries(areas).flatMap(([area, rows]) =>
    rows.map(row => {
      const [resource = '', id = '', short = '', version, minVersion = '', releasedVersion = ''] = row.split(' ')
      const template = Object.entries(shorthands).reduce((text, [from, to]) => text.replace(from, to), short)
      return { area, resource, id, template, resourceVersion: Number(version), minVersion, releasedVersion }
    }),
  )
}

export const newestVersion = '7.2'

/** What GET _apis/ResourceAreas lists: the areas whose URL a client may have to ask for. */
export const resourceAreas: [name: string, id: string][] = [
  ['git', '4e080c62-fa21-4fbc-8fef-2a10a2b38049'],
  ['core', '79134c72-4a58-4b42-976c-04e7115f32bf'],
  ['policy', 'fb13a388-40dd-4a04-b530-013a739c72ef'],
  ['wit', '5264459e-e5e0-4bd8-b118-0985e68a4ec5'],
  ['build', '5d6898bb-45ec-463f-95f9-54d49c71752e'],
  ['Account', '0d55247a-1c47-4462-9b1f-5e2125590ee6'],
  ['Tokens', '55967393-20ef-45c6-a96c-b5d5d5986a9a'],
  ['IMS', '8a3d49b8-91f0-46ef-b33d-dda338c25db3'],
  ['Graph', 'bb1e7ec9-e901-4b68-999a-de7012b920f8'],
]
