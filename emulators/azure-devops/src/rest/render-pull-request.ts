import { type Commit, readCommit } from '../git/commits.ts'
import type {
  Comment,
  Iteration,
  Label,
  PullRequest,
  PullRequestStatus,
  Reviewer,
  Thread,
} from '../pull-request/pull-request.ts'
import { hrefs, isoDate, type Links } from './links.ts'
import { renderIdentity, renderRepositoryRef, renderRepositoryStub } from './render-repository.ts'

function commitLink(pullRequest: PullRequest, commitId: string, links: Links) {
  return { commitId, url: `${links.repository(pullRequest.repository)}/commits/${commitId}` }
}

function renderMergeCommit(pullRequest: PullRequest, commit: Commit | undefined, links: Links) {
  if (pullRequest.mergeCommit === null) return {}
  const { commitId, url } = commitLink(pullRequest, pullRequest.mergeCommit, links)
  if (!commit) return { lastMergeCommit: { commitId, url } }
  const sign = (who: Commit['author']) => ({
    name: who.name,
    email: who.email,
    date: isoDate(who.at).replace('.000', ''),
  })
  return {
    lastMergeCommit: {
      commitId,
      author: sign(commit.author),
      committer: sign(commit.committer),
      comment: commit.message.trimEnd(),
      url,
    },
  }
}

export function renderReviewer(reviewer: Reviewer, pullRequest: PullRequest, links: Links) {
  const { descriptor: _, ...identity } = renderIdentity(reviewer.identity, links)
  return {
    reviewerUrl: `${links.pullRequest(pullRequest)}/reviewers/${reviewer.identity.id}`,
    vote: reviewer.vote,
    hasDeclined: reviewer.hasDeclined,
    ...(reviewer.isRequired ? { isRequired: true } : {}),
    isFlagged: reviewer.isFlagged,
    ...identity,
  }
}

export function renderLabel(label: Label) {
  return { id: label.id, name: label.name, active: label.active }
}

function pullRequestLinks(pullRequest: PullRequest, links: Links) {
  const repository = links.repository(pullRequest.repository)
  const self = links.pullRequest(pullRequest)
  return hrefs({
    self,
    repository,
    workItems: `${self}/workitems`,
    sourceBranch: `${repository}/${pullRequest.sourceRef}`,
    targetBranch: `${repository}/${pullRequest.targetRef}`,
    statuses: `${self}/statuses`,
    sourceCommit: `${repository}/commits/${pullRequest.sourceCommit}`,
    targetCommit: `${repository}/commits/${pullRequest.targetCommit}`,
    createdBy: links.identity(pullRequest.createdBy.id),
    iterations: `${self}/iterations`,
  })
}

/** What all forms have up to and with the reviewers. */
function core(pullRequest: PullRequest, links: Links) {
  const { closedAt, description, mergeStatus } = pullRequest
  return {
    pullRequestId: pullRequest.id,
    codeReviewId: pullRequest.id,
    status: pullRequest.state,
    createdBy: renderIdentity(pullRequest.createdBy, links),
    creationDate: isoDate(pullRequest.createdAt),
    ...(closedAt === null ? {} : { closedDate: isoDate(closedAt) }),
    title: pullRequest.title,
    ...(description === null ? {} : { description }),
    sourceRefName: pullRequest.sourceRef,
    targetRefName: pullRequest.targetRef,
    ...(mergeStatus === null ? {} : { mergeStatus }),
    isDraft: pullRequest.isDraft,
    mergeId: pullRequest.mergeId,
    lastMergeSourceCommit: commitLink(pullRequest, pullRequest.sourceCommit, links),
    lastMergeTargetCommit: commitLink(pullRequest, pullRequest.targetCommit, links),
  }
}

function completion(pullRequest: PullRequest, links: Links) {
  const { completionOptions, completionQueuedAt, closedBy, autoCompleteSetBy } = pullRequest
  return {
    ...(completionOptions ? { completionOptions } : {}),
    ...(completionQueuedAt === null ? {} : { completionQueueTime: isoDate(completionQueuedAt) }),
    ...(closedBy ? { closedBy: renderIdentity(closedBy, links) } : {}),
    ...(autoCompleteSetBy ? { autoCompleteSetBy: renderIdentity(autoCompleteSetBy, links) } : {}),
  }
}

function artifactId({ repository, id }: PullRequest): string {
  return `vstfs:///Git/PullRequestId/${repository.project.id}%2f${repository.id}%2f${id}`
}

function activeLabels(pullRequest: PullRequest) {
  return pullRequest.labels.filter(label => label.active).map(renderLabel)
}

/**
 * created: with labels even when there are none. full: GET and PATCH below a repository. byId: the organisation's form,
 * without `_links`. event: as service hooks carry it.
 */
export async function renderPullRequest(
  pullRequest: PullRequest,
  links: Links,
  form: 'created' | 'full' | 'byId' | 'event',
) {
  const { repository, mergeCommit, reviewers } = pullRequest
  const labels = activeLabels(pullRequest)
  const commit = mergeCommit === null ? undefined : await readCommit(repository.git, mergeCommit)
  return {
    repository: renderRepositoryRef(repository, links),
    ...core(pullRequest, links),
    ...renderMergeCommit(pullRequest, commit, links),
    reviewers: reviewers.map(reviewer => renderReviewer(reviewer, pullRequest, links)),
    ...(labels.length > 0 || form === 'created' ? { labels } : {}),
    url: links.pullRequest(pullRequest),
    ...(form === 'byId' || form === 'event' ? {} : { _links: pullRequestLinks(pullRequest, links) }),
    ...completion(pullRequest, links),
    supportsIterations: true,
    artifactId: artifactId(pullRequest),
  }
}

const listedDescription = 400

/** As lists have it: a short repository, a cut description, the merge commit's id only. */
export function renderListedPullRequest(pullRequest: PullRequest, links: Links) {
  const rendered = core(pullRequest, links)
  const labels = activeLabels(pullRequest)
  return {
    repository: renderRepositoryStub(pullRequest.repository, links),
    ...rendered,
    ...(pullRequest.description === null ? {} : { description: pullRequest.description.slice(0, listedDescription) }),
    ...renderMergeCommit(pullRequest, undefined, links),
    reviewers: pullRequest.reviewers.map(reviewer => renderReviewer(reviewer, pullRequest, links)),
    ...(labels.length > 0 ? { labels } : {}),
    url: links.pullRequest(pullRequest),
    ...completion(pullRequest, links),
    supportsIterations: true,
  }
}

export function renderIteration(iteration: Iteration, pullRequest: PullRequest, links: Links) {
  const at = isoDate(iteration.at)
  const by = renderIdentity(iteration.author, links)
  const push = pullRequest.repository.pushes.find(one => one.id === iteration.pushId)
  return {
    id: iteration.id,
    description: '',
    author: by,
    createdDate: at,
    updatedDate: at,
    sourceRefCommit: { commitId: iteration.sourceCommit },
    targetRefCommit: { commitId: iteration.targetCommit },
    commonRefCommit: { commitId: iteration.commonCommit },
    hasMoreCommits: false,
    reason: iteration.reason,
    ...(push ? { push: { pushedBy: renderIdentity(push.by, links), pushId: push.id, date: isoDate(push.at) } } : {}),
    _links: hrefs({
      self: `${links.pullRequest(pullRequest)}/iterations/${iteration.id}`,
      pullRequest: links.pullRequest(pullRequest),
    }),
  }
}

export function renderComment(comment: Comment, thread: Thread, pullRequest: PullRequest, links: Links) {
  const base = `${links.repositoryOfOrganisation(pullRequest.repository)}/pullRequests/${pullRequest.id}`
  return {
    id: comment.id,
    parentCommentId: comment.parentId,
    author: renderIdentity(comment.author, links),
    ...(comment.isDeleted ? {} : { content: comment.content }),
    publishedDate: isoDate(comment.publishedAt),
    lastUpdatedDate: isoDate(comment.updatedAt),
    lastContentUpdatedDate: isoDate(comment.contentUpdatedAt),
    ...(comment.isDeleted ? { isDeleted: true } : {}),
    commentType: comment.kind,
    usersLiked: comment.likes.map(identity => renderIdentity(identity, links)),
    _links: hrefs({
      self: `${base}/threads/${thread.id}/comments/${comment.id}`,
      repository: links.repository(pullRequest.repository),
      threads: `${base}/threads/${thread.id}`,
      pullRequests: `${links.base}/_apis/git/pullRequests/${pullRequest.id}`,
    }),
  }
}

export function renderThread(thread: Thread, pullRequest: PullRequest, links: Links) {
  return {
    pullRequestThreadContext: thread.iterationContext,
    id: thread.id,
    publishedDate: isoDate(thread.publishedAt),
    lastUpdatedDate: isoDate(thread.updatedAt),
    comments: thread.comments.map(comment => renderComment(comment, thread, pullRequest, links)),
    ...(thread.status === null ? {} : { status: thread.status }),
    threadContext: thread.context,
    properties: Object.fromEntries(thread.properties),
    identities: null,
    isDeleted: isDeletedThread(thread),
    _links: hrefs({
      self: `${links.repositoryOfOrganisation(pullRequest.repository)}/pullRequests/${pullRequest.id}/threads/${thread.id}`,
      repository: links.repository(pullRequest.repository),
    }),
  }
}

export function isDeletedThread(thread: Thread): boolean {
  return thread.comments.every(comment => comment.isDeleted)
}

export function renderStatus(status: PullRequestStatus, pullRequest: PullRequest, links: Links) {
  const at = isoDate(status.createdAt)
  return {
    ...(status.iterationId === null ? {} : { iterationId: status.iterationId }),
    id: status.id,
    state: status.state,
    description: status.description,
    context: { name: status.context.name, ...(status.context.genre === null ? {} : { genre: status.context.genre }) },
    creationDate: at,
    updatedDate: at,
    createdBy: renderIdentity(status.by, links),
    ...(status.targetUrl === null ? {} : { targetUrl: status.targetUrl }),
    ...(status.properties.size > 0 ? { properties: Object.fromEntries(status.properties) } : {}),
    _links: hrefs({
      self: `${links.pullRequest(pullRequest)}/statuses/${status.id}`,
      repository: links.repository(pullRequest.repository),
    }),
  }
}
