import { z } from 'zod'
import type { pullRequestEndpoints } from '../contract/pull-request-endpoints.ts'
import { type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { ServiceError } from '../http/service-error.ts'
import { labelOf } from '../pull-request/lifecycle.ts'
import type { Attachment, Label, PullRequest } from '../pull-request/pull-request.ts'
import type { World } from '../state/world.ts'
import { contributedPullRequestOf, pullRequestOf } from './access.ts'
import { hrefs, isoDate } from './links.ts'
import { asProperty } from './property-bag.ts'
import { renderLabel } from './render-pull-request.ts'
import { renderIdentity } from './render-repository.ts'

type Table = typeof pullRequestEndpoints
type LabelNames = 'getLabels' | 'createLabel' | 'getLabel' | 'deleteLabel'
type AttachmentNames = 'getAttachments' | 'createAttachment' | 'getAttachment' | 'deleteAttachment'

function labelFor(call: Call, pullRequest: PullRequest): Label {
  const wanted = param(call, 'labelIdOrName').toLowerCase()
  const label = pullRequest.labels.find(one => one.id === wanted || one.name.toLowerCase() === wanted)
  if (!label) throw new ServiceError('labelNotFound', wanted)
  return label
}

export function labelHandlers(world: World): Pick<Handlers<Table>, LabelNames> {
  return {
    getLabels: call => list(pullRequestOf(world, call).labels.map(renderLabel)),
    createLabel(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const { name } = readBody(call, z.object({ name: z.string().min(1, 'Invalid argument value.') }), 'label')
      const known = pullRequest.labels.find(one => one.name.toLowerCase() === name.toLowerCase())
      const label = known ?? labelOf(name)
      label.active = true
      if (!known) pullRequest.labels.push(label)
      world.happenings.emit({ kind: 'label-added', pullRequest, name, by: call.user })
      return { json: renderLabel(label) }
    },
    getLabel: call => ({ json: renderLabel(labelFor(call, pullRequestOf(world, call))) }),
    deleteLabel(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const label = labelFor(call, pullRequest)
      // stays in the list, marked
      label.active = false
      world.happenings.emit({ kind: 'label-removed', pullRequest, name: label.name, by: call.user })
      return {}
    },
  }
}

const patchBody = z.array(
  z.object({ op: z.enum(['add', 'replace', 'remove']), path: z.string(), value: z.unknown().optional() }),
)

function renderProperties({ properties, sourceRef, targetRef }: PullRequest) {
  const value = Object.fromEntries([
    ['Microsoft.Git.PullRequest.SourceRefName', asProperty(sourceRef)],
    ['Microsoft.Git.PullRequest.TargetRefName', asProperty(targetRef)],
    ...properties,
  ])
  return { json: { count: Object.keys(value).length, value } }
}

export function propertyHandlers(world: World): Pick<Handlers<Table>, 'getProperties' | 'updateProperties'> {
  return {
    getProperties: call => renderProperties(pullRequestOf(world, call)),
    updateProperties(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      if (!call.contentType.includes('json-patch+json')) {
        throw new ServiceError('badArgument', 'The content type must be application/json-patch+json.', 'Content-Type')
      }
      for (const { op, path, value } of readBody(call, patchBody, 'patchDocument')) {
        const name = path.replace(/^\//, '').replace(/~1/g, '/').replace(/~0/g, '~')
        if (op === 'remove') pullRequest.properties.delete(name)
        else pullRequest.properties.set(name, asProperty(value))
      }
      world.happenings.emit({ kind: 'properties-updated', pullRequest, by: call.user })
      return renderProperties(pullRequest)
    },
  }
}

function renderAttachment(attachment: Attachment, pullRequest: PullRequest, call: Call) {
  const url = `${call.links.pullRequest(pullRequest)}/attachments/${encodeURIComponent(attachment.fileName)}`
  return {
    id: attachment.id,
    displayName: attachment.fileName,
    author: renderIdentity(attachment.by, call.links),
    createdDate: isoDate(attachment.createdAt),
    url,
    _links: hrefs({ self: url, repository: call.links.repository(pullRequest.repository) }),
  }
}

function attachmentOf(call: Call, pullRequest: PullRequest): Attachment {
  const name = param(call, 'fileName')
  const attachment = pullRequest.attachments.find(one => one.fileName === name)
  if (!attachment) throw new ServiceError('attachmentNotFound', name)
  return attachment
}

export function attachmentHandlers(world: World): Pick<Handlers<Table>, AttachmentNames> {
  return {
    getAttachments(call) {
      const pullRequest = pullRequestOf(world, call)
      return list(pullRequest.attachments.map(one => renderAttachment(one, pullRequest, call)))
    },
    createAttachment(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const fileName = param(call, 'fileName')
      if (pullRequest.attachments.some(one => one.fileName === fileName)) {
        throw new ServiceError('badArgument', 'There is an attachment of this name.', 'fileName')
      }
      const attachment = {
        id: world.nextId('attachment'),
        fileName,
        content: call.body,
        createdAt: world.clock.now(),
        by: call.user,
      }
      pullRequest.attachments.push(attachment)
      world.happenings.emit({ kind: 'attachment-created', pullRequest, name: fileName, by: call.user })
      return { json: renderAttachment(attachment, pullRequest, call) }
    },
    getAttachment: call => ({
      bytes: attachmentOf(call, pullRequestOf(world, call)).content,
      contentType: 'application/octet-stream',
    }),
    deleteAttachment(call) {
      const pullRequest = contributedPullRequestOf(world, call)
      const attachment = attachmentOf(call, pullRequest)
      pullRequest.attachments = pullRequest.attachments.filter(one => one !== attachment)
      world.happenings.emit({ kind: 'attachment-deleted', pullRequest, name: attachment.fileName, by: call.user })
      return {}
    },
  }
}
