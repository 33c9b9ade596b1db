import type { endpoints } from './endpoints.ts'

type EndpointName = keyof typeof endpoints

/** What a request's body is made of: keys it must have, keys it may have, and whether it is a list of such objects. */
export interface RequestShape {
  required: readonly string[]
  optional: readonly string[]
  isList: boolean
}

function body(required: string, optional = '', isList = false): RequestShape {
  const words = (text: string) => text.split(/\s+/).filter(Boolean)
  return { required: words(required), optional: words(optional), isList }
}

const reviewer = body('', 'id vote isRequired isFlagged hasDeclined isReapprove displayName uniqueName')
const status = body('context state', 'description targetUrl iterationId properties')
const thread = 'comments status threadContext pullRequestThreadContext properties'
const policy = body(
  'type isEnabled isBlocking settings',
  'id revision url isDeleted isEnterpriseManaged createdBy createdDate _links',
)
const jsonPatch = body('op path', 'value from', true)
const subscription = body(
  'publisherId eventType consumerId consumerActionId consumerInputs',
  'resourceVersion publisherInputs status scope id eventDescription url createdBy createdDate modifiedBy modifiedDate actionDescription probationRetries subscriber lastProbationRetryDate lastSuccessfulAttemptDate _links',
)

/** Endpoints whose bodies are objects; the others take none, bytes, or a list of plain values. */
export const requests: Partial<Record<EndpointName, RequestShape>> = {
  createRepository: body('name', 'project parentRepository'),
  updateRepository: body('', 'name defaultBranch isDisabled'),
  updateRefs: body('name newObjectId', 'oldObjectId isLocked repositoryId', true),
  updateRef: body('isLocked', 'name'),
  createPush: body('refUpdates commits', 'repository pushedBy'),
  getItemsBatch: body('itemDescriptors', 'includeContentMetadata includeLinks latestProcessedChange'),
  getCommitsBatch: body(
    '',
    'ids itemVersion compareVersion itemPath author user fromDate toDate $skip $top includeLinks includeWorkItems',
  ),
  createCommitStatus: status,
  createPullRequest: body(
    'title sourceRefName targetRefName',
    'description isDraft labels workItemRefs reviewers supportsIterations completionOptions forkSource',
  ),
  updatePullRequest: body(
    '',
    'status title description isDraft targetRefName lastMergeSourceCommit completionOptions mergeOptions autoCompleteSetBy',
  ),
  getPullRequestQuery: body('queries', 'results'),
  createStatus: status,
  createIterationStatus: status,
  updateStatuses: jsonPatch,
  updateIterationStatuses: jsonPatch,
  createLabel: body('name'),
  updateProperties: jsonPatch,
  createReviewers: body('id', 'displayName uniqueName isRequired vote', true),
  createReviewer: reviewer,
  updateReviewer: reviewer,
  createThread: body('comments', `${thread} isDeleted`),
  updateThread: body('', `${thread} id isDeleted`),
  createComment: body('content', 'parentCommentId commentType'),
  updateComment: body('content', 'id parentCommentId commentType'),
  setAccessControlEntries: body('token accessControlEntries', 'merge'),
  evaluatePermissions: body('evaluations', 'alwaysAllowAdministrators'),
  createPolicyConfiguration: policy,
  updatePolicyConfiguration: policy,
  createSubscription: subscription,
  replaceSubscription: subscription,
  queryNotifications: body('', 'subscriptionIds includeDetails resultType status maxResults maxResultsPerSubscription'),
  queryByWiql: body('query'),
  createTestNotification: body('', 'subscriptionId eventId details id'),
}
