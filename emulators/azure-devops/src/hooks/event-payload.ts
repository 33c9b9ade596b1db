import type { PullRequest, Thread } from '../pull-request/pull-request.ts'
import { isoDate, type Links } from '../rest/links.ts'
import { renderComment, renderPullRequest } from '../rest/render-pull-request.ts'
import { guidOf } from '../state/guid.ts'
import type { Happening } from '../state/happening.ts'
import type { Identity } from '../state/identity.ts'
import type { World } from '../state/world.ts'

export const commentEvent = 'ms.vss-code.git-pullrequest-comment-event'

export interface HookEvent {
  id: string
  eventType: string
  resourceVersion: string
  repositoryId: string
  projectId: string
  /** target branch, for the subscription's filter */
  branch: string
  body: Record<string, unknown>
}

export type CommentHappening =
  | Extract<Happening, { comment: object }>
  | { kind: 'thread-created' | 'thread-updated'; pullRequest: PullRequest; thread: Thread; by: Identity }
type Verb = 'commented' | 'replied' | 'edited' | 'deleted'

function sentence(verb: Verb): string {
  const endings = {
    commented: ' on a pull request',
    replied: ' to a pull request comment',
    edited: ' a pull request comment',
    deleted: ' a pull request comment',
  }
  return endings[verb]
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** `message` and `detailedMessage`: the same sentence three ways, the second time with the comment's text. */
function messages(who: string, verb: Verb, url: string, content: string) {
  const rest = sentence(verb)
  const linked = verb !== 'deleted'
  const text = `${who} has ${verb}${rest}`
  const html = linked ? `${who} has <a href="${url}">${verb}</a>${rest}` : text
  const markdown = linked ? `${who} has [${verb}](${url})${rest}` : text
  return {
    message: { text, html, markdown },
    detailedMessage: {
      text: `${text}\r\n${content}\r\n`,
      html: `${html}<p>${escapeHtml(content)}</p>`,
      markdown: `${markdown}\r\n${content}\r\n`,
    },
  }
}

export function containers(world: World, links: Links, projectId: string) {
  const baseUrl = `${links.base}/`
  return {
    collection: { id: world.collectionId, baseUrl },
    account: { id: world.accountId, baseUrl },
    project: { id: projectId, baseUrl },
  }
}

function verbOf(happening: CommentHappening, parentId: number): Verb {
  if (happening.kind === 'comment-deleted') return 'deleted'
  if (happening.kind === 'comment-created') return parentId === 0 ? 'commented' : 'replied'
  return 'edited'
}

/** "Pull request commented on", version 2.0, as it stands at this moment; undefined when there is no comment to show. */
export async function commentEventOf(
  world: World,
  links: Links,
  happening: CommentHappening,
): Promise<HookEvent | undefined> {
  const { pullRequest, thread, by } = happening
  const comment = 'comment' in happening ? happening.comment : thread.comments[0]
  if (!comment) return undefined
  const id = guidOf('event', world.organisation, world.clock.now(), world.nextId('event'))
  const { repository } = pullRequest
  const verb = verbOf(happening, comment.parentId)
  const rendered = renderComment(comment, thread, pullRequest, links)
  const url = `${links.webPullRequest(pullRequest)}?discussionId=${thread.id}`
  return {
    id,
    eventType: commentEvent,
    resourceVersion: '2.0',
    repositoryId: repository.id,
    projectId: repository.project.id,
    branch: pullRequest.targetRef,
    body: {
      id,
      eventType: commentEvent,
      publisherId: 'tfs',
      ...messages(by.displayName, verb, url, comment.content),
      resource: { comment: rendered, pullRequest: await renderPullRequest(pullRequest, links, 'event') },
      resourceVersion: '2.0',
      resourceContainers: containers(world, links, repository.project.id),
      createdDate: isoDate(world.clock.now()),
    },
  }
}

const pullRequestEvents = {
  'pull-request-created': ['git.pullrequest.created', 'created'],
  'pull-request-updated': ['git.pullrequest.updated', 'updated'],
  'pull-request-pushed': ['git.pullrequest.updated', 'updated the source branch of'],
  'pull-request-completed': ['git.pullrequest.merged', 'completed'],
} as const
export interface PullRequestHappening {
  kind: keyof typeof pullRequestEvents
  pullRequest: PullRequest
  by: Identity
}

/** The happening if it is one that an event of pull requests tells of. */
export function asPullRequestHappening(happening: Happening): PullRequestHappening | undefined {
  const kinds = Object.keys(pullRequestEvents) as PullRequestHappening['kind'][]
  const kind = kinds.find(one => one === happening.kind)
  return kind && 'pullRequest' in happening ? { kind, pullRequest: happening.pullRequest, by: happening.by } : undefined
}

/** Created, updated and merged pull requests, version 1.0. */
export async function pullRequestEventOf(
  world: World,
  links: Links,
  { kind, pullRequest, by }: PullRequestHappening,
): Promise<HookEvent> {
  const [eventType, verb] = pullRequestEvents[kind]
  const id = guidOf('event', world.organisation, world.clock.now(), world.nextId('event'))
  const { repository } = pullRequest
  const text = `${by.displayName} ${verb} pull request ${pullRequest.id} (${pullRequest.title}) in ${repository.name}`
  const url = `${links.web(repository)}/`
  const message = { text: `${text}\r\n${url}`, html: escapeHtml(text), markdown: text }
  const description = `\r\n${pullRequest.description ?? ''}\r\n`
  const rendered = await renderPullRequest(pullRequest, links, 'event')
  const statuses = `${links.pullRequest(pullRequest)}/statuses`
  return {
    id,
    eventType,
    resourceVersion: '1.0',
    repositoryId: repository.id,
    projectId: repository.project.id,
    branch: pullRequest.targetRef,
    body: {
      id,
      eventType,
      publisherId: 'tfs',
      message,
      detailedMessage: {
        text: message.text + description,
        html: message.html,
        markdown: message.markdown + description,
      },
      resource: {
        ...rendered,
        _links: { web: { href: links.webPullRequest(pullRequest) }, statuses: { href: statuses } },
      },
      resourceVersion: '1.0',
      resourceContainers: containers(world, links, repository.project.id),
      createdDate: isoDate(world.clock.now()),
    },
  }
}
