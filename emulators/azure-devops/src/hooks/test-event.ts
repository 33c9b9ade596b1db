import { isoDate, type Links } from '../rest/links.ts'
import type { World } from '../state/world.ts'
import { commentEvent, containers } from './event-payload.ts'

const sample = {
  event: 'af07be1b-f3ad-44c8-a7f1-c4835f2df06b',
  repository: '4bc14d40-c903-45e2-872e-0462c7748079',
  project: '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c',
  person: '54d125f7-69f7-4191-904f-c5b96b6261c8',
}
const root = 'https://fabrikam.visualstudio.com/DefaultCollection'

function person() {
  return {
    displayName: 'Jamal Hartnett',
    url: `https://fabrikam.vssps.visualstudio.com/_apis/Identities/${sample.person}`,
    id: sample.person,
    uniqueName: 'fabrikamfiber4@hotmail.com',
    imageUrl: `${root}/_api/_common/identityImage?id=${sample.person}`,
  }
}

function commit(letter: string) {
  const commitId = letter.repeat(40)
  return { commitId, url: `${root}/_apis/git/repositories/${sample.repository}/commits/${commitId}` }
}

function samplePullRequest() {
  const repository = `${root}/_apis/git/repositories/${sample.repository}`
  return {
    repository: {
      id: sample.repository,
      name: 'Fabrikam',
      url: repository,
      project: {
        id: sample.project,
        name: 'Fabrikam',
        url: `${root}/_apis/projects/${sample.project}`,
        state: 'wellFormed',
        visibility: 'unchanged',
        lastUpdateTime: '0001-01-01T00:00:00',
      },
      defaultBranch: 'refs/heads/master',
      remoteUrl: `${root}/_git/Fabrikam`,
    },
    pullRequestId: 1,
    status: 'active',
    createdBy: person(),
    creationDate: '2014-06-17T16:55:46.589889Z',
    title: 'A sample pull request',
    description: 'sent by the Test button',
    sourceRefName: 'refs/heads/topic',
    targetRefName: 'refs/heads/master',
    mergeStatus: 'succeeded',
    mergeId: 'a10bb228-6ba6-4362-abd7-49ea21333dbd',
    lastMergeSourceCommit: commit('5'),
    lastMergeTargetCommit: commit('a'),
    lastMergeCommit: commit('e'),
    reviewers: [],
    commits: [commit('5')],
    url: `${repository}/pullRequests/1`,
    _links: {
      web: { href: `${root}/_git/Fabrikam/pullrequest/1#view=discussion` },
      statuses: { href: `${repository}/pullRequests/1/statuses` },
    },
  }
}

/** What the Test button sends: a made-up organisation, an "edited" comment, ids that lead nowhere. */
export function testCommentEvent(world: World, links: Links) {
  const thread = `${root}/_apis/git/repositories/${sample.repository}/pullRequests/1/threads/5`
  const text = 'Jamal Hartnett has edited a pull request comment'
  const comment = {
    id: 2,
    parentCommentId: 1,
    author: person(),
    content: 'This is my comment.',
    publishedDate: '2014-06-17T16:55:46.589889Z',
    lastUpdatedDate: '2014-06-17T16:58:33.123889Z',
    lastContentUpdatedDate: '2014-06-17T16:58:33.123889Z',
    commentType: 'text',
    _links: {
      self: { href: `${thread}/comments/2` },
      repository: { href: `${root}/_apis/git/repositories/${sample.repository}` },
      threads: { href: thread },
    },
  }
  return {
    id: sample.event,
    eventType: commentEvent,
    body: {
      id: sample.event,
      eventType: commentEvent,
      publisherId: 'tfs',
      message: { text, html: text, markdown: text },
      detailedMessage: { text: `${text}\r\nThis is my comment.\r\n`, html: text, markdown: text },
      resource: { comment, pullRequest: samplePullRequest() },
      resourceVersion: '2.0',
      resourceContainers: containers(world, links, sample.project),
      createdDate: isoDate(world.clock.now()),
    },
  }
}
