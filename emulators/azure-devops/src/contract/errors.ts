/** How Azure DevOps says no: status, exception and message; {0}, {1} … are filled in. */
interface ErrorEntry {
  status: number
  typeName: string
  assembly: string
  message: string
  eventId: number
}

const gitServer = 'Microsoft.TeamFoundation.Git.Server'

function git(status: number, exception: string, message: string, eventId = 3000): ErrorEntry {
  return { status, typeName: `${gitServer}.${exception}`, assembly: gitServer, message, eventId }
}

function framework(status: number, exception: string, message: string, eventId = 3000): ErrorEntry {
  const namespace = 'Microsoft.TeamFoundation.Framework.Server'
  return { status, typeName: `${namespace}.${exception}`, assembly: namespace, message, eventId }
}

function policy(status: number, exception: string, message: string): ErrorEntry {
  const namespace = 'Microsoft.TeamFoundation.Policy.Server'
  return { status, typeName: `${namespace}.${exception}`, assembly: namespace, message, eventId: 3000 }
}

function webApi(status: number, exception: string, message: string): ErrorEntry {
  const namespace = 'Microsoft.VisualStudio.Services.WebApi'
  return { status, typeName: `${namespace}.${exception}`, assembly: namespace, message, eventId: 3000 }
}

export const errors = {
  argumentNull: {
    status: 400,
    typeName: 'System.ArgumentNullException',
    assembly: 'mscorlib',
    message: 'Value cannot be null.\r\nParameter name: {0}',
    eventId: 0,
  },
  badArgument: git(400, 'InvalidArgumentValueException', '{0}\r\nParameter name: {1}', 0),
  requestTooLarge: git(
    400,
    'InvalidArgumentValueException',
    'The maximum request size of 26214400 bytes was exceeded.\r\nParameter name: contentStream',
    0,
  ),
  commentTooLong: git(
    400,
    'InvalidArgumentValueException',
    'A discussion comment cannot be longer than 150000 characters.\r\nParameter name: comment.Content',
    0,
  ),
  descriptionTooLong: git(
    400,
    'InvalidArgumentValueException',
    'Invalid argument value.\r\nParameter name: A description for a pull request must not be longer than 4000 characters.',
    0,
  ),
  completionOptionsTooLong: git(
    400,
    'InvalidArgumentValueException',
    'Invalid argument value.\r\nParameter name: completionOptions',
    0,
  ),
  notUpdatable: git(
    400,
    'InvalidArgumentValueException',
    'Invalid argument value.\r\nParameter name: You can only update reviewers, descriptions, titles, merge status, auto-complete, completion options, target branch and status: {0}',
    0,
  ),
  staleReference: git(
    409,
    'GitReferenceStaleException',
    "TF401028: The reference '{0}' has already been updated by another client, so you cannot update it. Please try again.",
  ),
  pullRequestExists: git(
    409,
    'GitPullRequestExistsException',
    'TF401179: An active pull request for the source and target branch already exists.',
  ),
  pullRequestNotEditable: git(
    400,
    'GitPullRequestNotEditableException',
    'TF401181: The pull request cannot be edited due to its state.',
  ),
  pullRequestStale: git(
    409,
    'GitPullRequestStaleException',
    'TF401192: The source branch has been modified since the last merge attempt.',
  ),
  pullRequestNotFound: git(
    404,
    'GitPullRequestNotFoundException',
    'TF401180: The requested pull request was not found.',
  ),
  pullRequestUpdateRejected: git(
    403,
    'GitPullRequestUpdateRejectedByPolicyException',
    'TF402457: The pull request was not updated: {0}',
  ),
  pullRequestRejectedByPolicy: git(
    403,
    'GitPullRequestUpdateRejectedByPolicyException',
    'TF402457: The pull request cannot be completed because required policies are not satisfied: {0}',
  ),
  refNotFoundForPullRequest: git(
    400,
    'GitPullRequestCannotBeActivated',
    'TF401398: The pull request cannot be activated because the source and/or the target branch no longer exists.',
  ),
  threadNotFound: {
    status: 404,
    typeName: 'Microsoft.TeamFoundation.CodeReview.Discussion.DiscussionThreadNotFoundException',
    assembly: 'Microsoft.TeamFoundation.Discussion.Server',
    message: 'The discussion thread {0} was not found.',
    eventId: 3000,
  },
  commentNotFound: {
    status: 404,
    typeName: 'Microsoft.TeamFoundation.CodeReview.Discussion.DiscussionCommentNotFoundException',
    assembly: 'Microsoft.TeamFoundation.Discussion.Server',
    message: 'The comment {1} of discussion thread {0} was not found.',
    eventId: 3000,
  },
  commentNotYours: {
    status: 403,
    typeName: 'Microsoft.TeamFoundation.CodeReview.Discussion.CommentCannotBeUpdatedException',
    assembly: 'Microsoft.TeamFoundation.Discussion.Server',
    message: 'The comment {0} can be changed only by its author.',
    eventId: 3000,
  },
  statusNotEditable: git(
    403,
    'GitPullRequestStatusNotEditableException',
    'The status cannot be changed because the pull request is not active.',
  ),
  statusNotFound: git(404, 'GitPullRequestStatusNotFoundException', 'The status with ID {0} was not found.'),
  iterationNotFound: git(404, 'GitPullRequestIterationNotFoundException', 'The iteration {0} was not found.'),
  labelNotFound: git(404, 'GitPullRequestLabelNotFoundException', 'The label {0} was not found.'),
  reviewerNotFound: git(404, 'GitPullRequestReviewerNotFoundException', 'The reviewer {0} was not found.'),
  attachmentNotFound: git(404, 'GitPullRequestAttachmentNotFoundException', 'The attachment {0} was not found.'),
  repositoryNotFound: git(
    404,
    'GitRepositoryNotFoundException',
    'TF401019: The Git repository with name or identifier {0} does not exist or you do not have permissions for the operation you are attempting.',
  ),
  repositoryNameTaken: git(
    409,
    'GitRepositoryNameAlreadyExistsException',
    'TF400948: A Git repository with the name {0} already exists.',
  ),
  repositoryDisabled: git(
    404,
    'GitRepositoryDisabledException',
    'TF401019: The Git repository with name or identifier {0} is disabled.',
  ),
  itemNotFound: git(
    404,
    'GitItemNotFoundException',
    "TF401174: The item '{0}' could not be found in the repository '{1}' at the version specified by '{2}' (resolved to commit '{3}')",
  ),
  unresolvable: git(
    404,
    'GitUnresolvableToCommitException',
    "TF401175: The version descriptor '{0}' could not be resolved to a version in the repository '{1}'",
  ),
  commitNotFound: git(404, 'GitCommitDoesNotExistException', "TF401035: The object '{0}' does not exist."),
  objectNotFound: git(404, 'GitObjectDoesNotExistException', "TF401035: The object '{0}' does not exist."),
  refNotFound: git(404, 'GitRefNotFoundException', "TF401019: The Git reference '{0}' does not exist."),
  pushNotFound: git(404, 'GitPushNotFoundException', 'TF401032: The push {0} was not found.'),
  pathExists: git(
    400,
    'GitTargetPathExistsException',
    "TF401172: The item '{0}' already exists in the repository, so it can't be added.",
  ),
  pathMissing: git(
    400,
    'GitSourcePathNotFoundException',
    "TF401171: The item '{0}' does not exist, so it can't be changed.",
  ),
  needsPermission: git(
    403,
    'GitNeedsPermissionException',
    "TF401027: You need the Git '{0}' permission to perform this action. Details: identity '{1}', scope '{2}'.",
  ),
  protectedBranch: git(
    403,
    'GitPushRejectedByPolicyException',
    'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
  ),
  // Neither documented nor recorded: the service's own keys for these five are not known, so that no client can rely on ours.
  policyNotFound: policy(404, 'PolicyUnknown', 'The policy configuration {0} was not found.'),
  policyTypeNotFound: policy(404, 'PolicyUnknown', 'The policy type {0} was not found.'),
  policyEvaluationNotFound: policy(404, 'PolicyUnknown', 'The policy evaluation {0} was not found.'),
  policySettings: policy(400, 'InvalidArgumentValueException', 'The policy settings are not valid: {0}'),
  policyTypeChanged: policy(
    400,
    'InvalidArgumentValueException',
    'The type of a policy configuration cannot be changed.',
  ),
  projectNotFound: {
    status: 404,
    typeName: 'Microsoft.TeamFoundation.Core.WebApi.ProjectDoesNotExistWithNameException',
    assembly: 'Microsoft.TeamFoundation.Core.WebApi',
    message:
      'TF200016: The following project does not exist: {0}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server.',
    eventId: 3000,
  },
  unauthorized: framework(
    401,
    'UnauthorizedRequestException',
    "TF400813: The user '{0}' is not authorized to access this resource.",
  ),
  accessDenied: framework(
    403,
    'AccessCheckException',
    'Access Denied: {0} needs the following permission(s) to perform this action: {1}',
  ),
  blocked: framework(
    429,
    'RequestBlockedException',
    'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource {0} in namespace {1}.',
    0,
  ),
  unavailable: framework(
    503,
    'HostShutdownException',
    'TF24668: The following team project collection is stopped: {0}. Start the collection and then try again.',
    0,
  ),
  serverError: framework(500, 'VssServiceException', 'TF400898: An Internal Error Occurred. Activity Id: {0}.', 0),
  versionMissing: webApi(
    400,
    'VssVersionNotSpecifiedException',
    'No api-version was supplied for the "{0}" request. The version must be supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").',
  ),
  versionOutOfRange: webApi(
    400,
    'VssVersionOutOfRangeException',
    'The requested REST API version of {0} is out of range for this server. The latest REST API version this server supports is 7.2.',
  ),
  previewFlagMissing: webApi(
    400,
    'VssInvalidPreviewVersionException',
    'The requested version "{0}" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: "{0}-preview"',
  ),
  subscriptionNotFound: {
    status: 404,
    typeName: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi.SubscriptionNotFoundException',
    assembly: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi',
    message: 'The subscription {0} was not found.',
    eventId: 4501,
  },
  subscriptionInput: {
    status: 400,
    typeName: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi.SubscriptionInputException',
    assembly: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi',
    message: 'Subscription input validation failed: {0}',
    eventId: 4501,
  },
  notificationNotFound: {
    status: 404,
    typeName: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi.NotificationNotFoundException',
    assembly: 'Microsoft.VisualStudio.Services.ServiceHooks.WebApi',
    message: 'The notification {0} was not found.',
    eventId: 4501,
  },
  workItemNotFound: {
    status: 404,
    typeName: 'Microsoft.TeamFoundation.WorkItemTracking.Server.WorkItemUnauthorizedAccessException',
    assembly: 'Microsoft.TeamFoundation.WorkItemTracking.Server',
    message: 'TF401232: Work item {0} does not exist, or you do not have permissions to read it.',
    eventId: 3200,
  },
} satisfies Record<string, ErrorEntry>

export type ErrorName = keyof typeof errors
