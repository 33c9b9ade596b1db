import type { Commit, Signature } from '../git/commits.ts'
import type { Identity } from '../state/identity.ts'
import { defaultBranch, type Project, type Push, type Repository } from '../state/repository.ts'
import { hrefs, isoDate, isoSeconds, type Links } from './links.ts'

export function renderIdentity(identity: Identity, links: Links) {
  return {
    displayName: identity.displayName,
    url: links.identity(identity.id),
    _links: hrefs({ avatar: links.avatar(identity.subjectDescriptor) }),
    id: identity.id,
    uniqueName: identity.uniqueName,
    imageUrl: links.identityImage(identity.id),
    descriptor: identity.subjectDescriptor,
    ...(identity.isGroup ? { isContainer: true } : {}),
  }
}

export function renderProject(project: Project, links: Links) {
  return {
    id: project.id,
    name: project.name,
    url: links.project(project),
    state: 'wellFormed',
    revision: project.revision,
    visibility: 'private',
    lastUpdateTime: isoDate(project.updatedAt),
  }
}

/** As it stands inside pull requests and events: no default branch. */
export function renderRepositoryRef(repository: Repository, links: Links) {
  return {
    id: repository.id,
    name: repository.name,
    url: links.repository(repository),
    project: renderProject(repository.project, links),
    size: repository.size,
    remoteUrl: links.web(repository),
    sshUrl: `git@ssh.localhost:v3/${encodeURIComponent(repository.project.name)}/${encodeURIComponent(repository.name)}`,
    webUrl: links.web(repository),
    isDisabled: repository.isDisabled,
    isInMaintenance: false,
  }
}

/** Lists of pull requests name their repository no further than this. */
export function renderRepositoryStub(repository: Repository, links: Links) {
  return {
    id: repository.id,
    name: repository.name,
    url: links.repository(repository),
    project: {
      id: repository.project.id,
      name: repository.project.name,
      state: 'unchanged',
      visibility: 'unchanged',
      lastUpdateTime: '0001-01-01T00:00:00',
    },
  }
}

export async function renderRepository(repository: Repository, links: Links) {
  const { id, name, url, project, ...rest } = renderRepositoryRef(repository, links)
  const branch = repository.isDisabled ? undefined : await defaultBranch(repository)
  return { id, name, url, project, ...(branch ? { defaultBranch: branch } : {}), ...rest }
}

function renderSignature({ name, email, at }: Signature) {
  return { name, email, date: isoSeconds(at) }
}

/** As lists of commits have it: the first line only, marked when there is more. */
export function renderCommitRef(commit: Commit, repository: Repository, links: Links) {
  const comment = commit.message.trimEnd()
  const firstLine = comment.split('\n', 1)[0] ?? ''
  return {
    commitId: commit.id,
    author: renderSignature(commit.author),
    committer: renderSignature(commit.committer),
    comment: firstLine,
    ...(firstLine.length < comment.length ? { commentTruncated: true } : {}),
    parents: commit.parents,
    url: `${links.repository(repository)}/commits/${commit.id}`,
    remoteUrl: `${links.web(repository)}/commit/${commit.id}`,
  }
}

export function renderCommit(commit: Commit, repository: Repository, links: Links) {
  const url = `${links.repository(repository)}/commits/${commit.id}`
  const remoteUrl = `${links.web(repository)}/commit/${commit.id}`
  const push = repository.pushes.find(one => one.commits.includes(commit.id))
  return {
    treeId: commit.treeId,
    commitId: commit.id,
    author: renderSignature(commit.author),
    committer: renderSignature(commit.committer),
    comment: commit.message.replace(/\n$/, ''),
    parents: commit.parents,
    ...(push ? { push: renderPushRef(push, links) } : {}),
    url,
    remoteUrl,
    _links: hrefs({
      self: url,
      repository: links.repository(repository),
      web: remoteUrl,
      changes: `${url}/changes`,
      tree: `${links.repository(repository)}/trees/${commit.treeId}`,
    }),
  }
}

function renderPushRef(push: Push, links: Links) {
  return { pushedBy: renderIdentity(push.by, links), pushId: push.id, date: isoDate(push.at) }
}

export function renderPush(push: Push, repository: Repository, links: Links, { refUpdates = true } = {}) {
  const url = `${links.repository(repository)}/pushes/${push.id}`
  return {
    ...(refUpdates ? { refUpdates: push.refUpdates.map(one => ({ repositoryId: repository.id, ...one })) } : {}),
    repository: renderRepositoryRef(repository, links),
    pushedBy: renderIdentity(push.by, links),
    pushId: push.id,
    date: isoDate(push.at),
    url,
    _links: hrefs({
      self: url,
      repository: links.repository(repository),
      commits: `${url}/commits`,
      pusher: links.identity(push.by.id),
      refs: `${links.repository(repository)}/refs/heads`,
    }),
  }
}
