import type { Evaluation, PolicyConfiguration } from '../policy/policies.ts'
import { type PolicyType, policyTypes } from '../policy/policy-types.ts'
import type { Project } from '../state/repository.ts'
import { hrefs, isoDate, type Links } from './links.ts'
import { renderIdentity } from './render-repository.ts'

function policyUrl(project: Project, links: Links): string {
  return `${links.base}/${project.id}/_apis/policy`
}

export function renderPolicyType({ id, displayName, description }: PolicyType, project: Project, links: Links) {
  const url = `${policyUrl(project, links)}/types/${id}`
  return { description, _links: hrefs({ self: url }), id, url, displayName }
}

// of the merge strategy policy the service gives back only what was switched on
function renderSettings({ type, settings, scope }: PolicyConfiguration) {
  const shown = Object.entries(settings).filter(
    ([, value]) => type.id !== policyTypes.mergeStrategy.id || value !== false,
  )
  return {
    ...Object.fromEntries(shown),
    scope: scope.map(({ refName, matchKind, repositoryId }) => ({
      ...(refName === null ? {} : { refName }),
      matchKind,
      repositoryId,
    })),
  }
}

export function renderConfiguration(configuration: PolicyConfiguration, links: Links) {
  const { id, revision, project, type, isEnabled, isBlocking, by, at } = configuration
  const url = `${policyUrl(project, links)}/configurations/${id}`
  const typeUrl = `${policyUrl(project, links)}/types/${type.id}`
  return {
    createdBy: renderIdentity(by, links),
    createdDate: isoDate(at),
    isEnabled,
    isBlocking,
    isDeleted: false,
    settings: renderSettings(configuration),
    isEnterpriseManaged: false,
    _links: hrefs({ self: url, policyType: typeUrl }),
    revision,
    id,
    url,
    type: { id: type.id, url: typeUrl, displayName: type.displayName },
  }
}

export function renderEvaluation(evaluation: Evaluation, links: Links) {
  const { id, pullRequest, configuration, status, startedAt, completedAt, build } = evaluation
  const { project } = configuration
  const last = pullRequest.iterations.at(-1)
  return {
    configuration: renderConfiguration(configuration, links),
    artifactId: `vstfs:///CodeReview/CodeReviewId/${project.id}/${pullRequest.id}`,
    evaluationId: id,
    startedDate: isoDate(startedAt),
    ...(completedAt === null ? {} : { completedDate: isoDate(completedAt) }),
    status,
    ...(configuration.type.id === policyTypes.build.id
      ? {
          context: {
            lastMergeSourceCommitId: last?.sourceCommit ?? '',
            lastMergeTargetCommitId: last?.targetCommit ?? '',
            buildDefinitionId: configuration.settings.buildDefinitionId,
            isExpired: false,
            buildIsNotCurrent: false,
            ...(build
              ? { buildId: build.id, buildOutputPreview: null, buildStartedUtc: isoDate(build.startedAt) }
              : {}),
          },
        }
      : {}),
  }
}
