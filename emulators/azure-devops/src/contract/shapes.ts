/** Key sets of answers: what must be there and what may. Anything else in an answer is a finding. */
export interface Shape {
  required: readonly string[]
  optional: readonly string[]
}

function shape(required: string, optional = ''): Shape {
  const words = (text: string) => text.split(/\s+/).filter(Boolean)
  return { required: words(required), optional: words(optional) }
}

const pullRequest =
  'pullRequestId codeReviewId status createdBy creationDate title sourceRefName targetRefName isDraft mergeId lastMergeSourceCommit lastMergeTargetCommit repository reviewers url supportsIterations'
const pullRequestExtras =
  'description mergeStatus lastMergeCommit closedDate closedBy completionOptions completionQueueTime autoCompleteSetBy labels workItemRefs'

export const shapes = {
  AccessControlEntry: shape('descriptor allow deny', 'extendedInfo'),
  AccessControlList: shape('inheritPermissions token acesDictionary includeExtendedInfo'),
  Attachment: shape('id displayName author createdDate url _links'),
  BranchStats: shape('commit name aheadCount behindCount isBaseVersion'),
  Comment: shape(
    'id parentCommentId author publishedDate lastUpdatedDate lastContentUpdatedDate commentType usersLiked _links',
    'content isDeleted',
  ),
  Commit: shape(
    'treeId commitId author committer comment parents url remoteUrl _links',
    'push changes changeCounts statuses workItems',
  ),
  CommitChanges: shape('changeCounts changes'),
  CommitDiffs: shape(
    'allChangesIncluded changeCounts changes commonCommit baseCommit targetCommit aheadCount behindCount',
  ),
  CommitId: shape('commitId'),
  CommitRef: shape('commitId author committer comment url', 'parents remoteUrl commentTruncated changeCounts'),
  CommitStatus: shape('id state description context creationDate createdBy', 'updatedDate targetUrl _links'),
  ConnectionData: shape('authenticatedUser authorizedUser instanceId deploymentId deploymentType locationServiceData'),
  CreatedPullRequest: shape(`${pullRequest} mergeStatus labels _links artifactId`, pullRequestExtras),
  CreatedPush: shape('commits refUpdates repository pushedBy pushId date url _links'),
  Flag: shape(''),
  FullIdentity: shape(
    'id descriptor subjectDescriptor providerDisplayName isActive members memberOf memberIds properties resourceVersion metaTypeId',
    'customDisplayName isContainer',
  ),
  GraphDescriptor: shape('value _links'),
  GraphGroup: shape('subjectKind domain principalName mailAddress origin originId displayName _links url descriptor'),
  GraphMembership: shape('memberDescriptor containerDescriptor'),
  GraphUser: shape(
    'subjectKind domain principalName mailAddress origin originId displayName _links url descriptor',
    'directoryAlias',
  ),
  Identity: shape('displayName url _links id uniqueName imageUrl descriptor', 'isContainer'),
  ItemList: shape(''),
  Iteration: shape(
    'id author createdDate updatedDate sourceRefCommit targetRefCommit commonRefCommit hasMoreCommits reason',
    'description push _links commits',
  ),
  IterationChanges: shape('changeEntries', 'nextSkip nextTop'),
  Label: shape('id name active', 'url'),
  ListedPullRequest: shape(pullRequest, pullRequestExtras),
  Notification: shape('id subscriptionId eventId status result createdDate modifiedDate', 'details'),
  NotificationsQuery: shape('results', 'subscriptionIds includeDetails resultType'),
  PermissionEvaluationBatch: shape('evaluations', 'alwaysAllowAdministrators'),
  PolicyConfiguration: shape(
    'id type revision url isEnabled isBlocking isDeleted isEnterpriseManaged settings createdBy createdDate _links',
  ),
  PolicyEvaluation: shape('evaluationId artifactId configuration status startedDate', 'completedDate context'),
  PolicyType: shape('id displayName url description _links'),
  Project: shape('id name url state revision visibility lastUpdateTime'),
  ProjectDetail: shape(
    'id name url state revision visibility lastUpdateTime _links defaultTeam',
    'capabilities description',
  ),
  Properties: shape('count value'),
  PullRequest: shape(`${pullRequest} _links artifactId`, pullRequestExtras),
  PullRequestById: shape(`${pullRequest} artifactId`, pullRequestExtras),
  PullRequestQuery: shape('queries results'),
  PullRequestStatus: shape(
    'id state description context creationDate updatedDate createdBy _links',
    'iterationId targetUrl properties',
  ),
  Push: shape('repository pushedBy pushId date url _links', 'refUpdates commits'),
  Ref: shape('name objectId creator url', 'peeledObjectId isLocked isLockedBy statuses'),
  RefUpdateResult: shape(
    'repositoryId name oldObjectId newObjectId isLocked updateStatus success',
    'customMessage rejectedBy',
  ),
  Repository: shape(
    'id name url project size remoteUrl sshUrl webUrl isDisabled isInMaintenance',
    'defaultBranch parentRepository isFork',
  ),
  ResourceArea: shape('id name locationUrl'),
  ResourceRef: shape('id url'),
  Reviewer: shape(
    'reviewerUrl vote hasDeclined isFlagged displayName url _links id uniqueName imageUrl',
    'isRequired isContainer votedFor',
  ),
  SecurityNamespace: shape(
    'namespaceId name displayName separatorValue elementLength writePermission readPermission dataspaceCategory actions structureValue extensionType isRemotable useTokenTranslator systemBitMask',
  ),
  Subscription: shape(
    'id url status publisherId eventType resourceVersion eventDescription consumerId consumerActionId actionDescription createdBy createdDate modifiedBy modifiedDate publisherInputs consumerInputs',
    'subscriber probationRetries lastProbationRetryDate lastSuccessfulAttemptDate _links',
  ),
  Thread: shape(
    'pullRequestThreadContext id publishedDate lastUpdatedDate comments threadContext properties isDeleted _links',
    'status identities',
  ),
  WorkItem: shape('id rev fields _links url', 'relations'),
  WorkItemQuery: shape('queryType queryResultType asOf columns workItems'),
} satisfies Record<string, Shape>

export type ShapeName = keyof typeof shapes
