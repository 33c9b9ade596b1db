import { z } from 'zod'
import type { policyEndpoints } from '../contract/policy-endpoints.ts'
import type { repositoryEndpoints } from '../contract/repository-endpoints.ts'
import { type Answer, type Call, type Handlers, list, param, readBody } from '../http/call.ts'
import { looseEnum } from '../http/loose-enum.ts'
import { ServiceError } from '../http/service-error.ts'
import { type Evaluation, matchKinds, type PolicyConfiguration, type PolicyToSet } from '../policy/policies.ts'
import { policyTypeOf, policyTypes } from '../policy/policy-types.ts'
import { permission } from '../state/identity.ts'
import type { Project } from '../state/repository.ts'
import type { World } from '../state/world.ts'
import { demand, may, numberParam, page } from './access.ts'
import { renderConfiguration, renderEvaluation, renderPolicyType } from './render-policy.ts'

type OfBranch = Pick<Handlers<typeof repositoryEndpoints>, 'getPolicyConfigurationsOfBranch'>

const scope = z.object({
  repositoryId: z.string().nullish(),
  refName: z.string().nullish(),
  matchKind: looseEnum(matchKinds).nullish(),
})
const policyBody = z.object({
  type: z.object({ id: z.string() }),
  isEnabled: z.boolean(),
  isBlocking: z.boolean(),
  settings: z.looseObject({ scope: z.array(scope).min(1, 'Invalid argument value.') }),
})
const everywhere = ''

function projectOf(call: Call): Project {
  if (!call.project) throw new ServiceError('projectNotFound', '')
  return call.project
}

function demandEditing(world: World, call: Call, { scope }: Pick<PolicyToSet, 'scope'>) {
  for (const { repositoryId } of scope) {
    if ((world.identities.effective(call.user, repositoryId ?? everywhere) & permission.EditPolicies) === 0)
      throw new ServiceError('needsPermission', 'EditPolicies', call.user.displayName, 'repository')
  }
}

function readPolicy(world: World, call: Call): PolicyToSet {
  const body = readBody(call, policyBody, 'configuration')
  const type = policyTypeOf(body.type.id)
  if (!type) throw new ServiceError('policyTypeNotFound', body.type.id)
  const { scope: given, ...settings } = body.settings
  const policy = {
    type,
    isEnabled: body.isEnabled,
    isBlocking: body.isBlocking,
    settings,
    scope: given.map(one => ({
      repositoryId: one.repositoryId?.toLowerCase() ?? null,
      refName: one.refName ?? null,
      matchKind: one.matchKind ?? 'Exact',
    })),
    by: call.user,
  }
  demandEditing(world, call, policy)
  return policy
}

/** Settings that are not those of the type are refused in the service's form. */
function inForm<T>(set: () => T): T {
  try {
    return set()
  } catch (error) {
    if (error instanceof z.ZodError) throw new ServiceError('policySettings', z.prettifyError(error))
    throw error
  }
}

function configurationOf(world: World, call: Call): PolicyConfiguration {
  const id = numberParam(call, 'configurationId')
  const found = world.policies.find(projectOf(call), id)
  if (!found) throw new ServiceError('policyNotFound', id)
  return found
}

function configurationHandlers(world: World) {
  const { policies } = world
  const answer = (call: Call, one: PolicyConfiguration): Answer => ({ json: renderConfiguration(one, call.links) })
  const revisionsOf = (call: Call) => {
    const found = policies.revisions(projectOf(call), numberParam(call, 'configurationId'))
    if (found.length === 0) throw new ServiceError('policyNotFound', param(call, 'configurationId'))
    return found
  }
  return {
    getPolicyConfigurations(call: Call) {
      const [type, wanted] = [call.query.text('policyType')?.toLowerCase(), call.query.text('scope')?.toLowerCase()]
      // a scope is a repository's GUID without hyphens, and its branch after a colon
      const keys = (one: PolicyConfiguration) =>
        one.scope.map(({ repositoryId, refName }) =>
          [repositoryId?.replaceAll('-', '') ?? '', refName?.toLowerCase()]
            .filter(part => part !== undefined)
            .join(':'),
        )
      const found = policies
        .of(projectOf(call))
        .filter(one => (!type || one.type.id === type) && (!wanted || keys(one).includes(wanted)))
      return list(page(call, found, 1000).map(one => renderConfiguration(one, call.links)))
    },
    createPolicyConfiguration(call: Call) {
      const project = projectOf(call)
      const policy = readPolicy(world, call)
      return answer(
        call,
        inForm(() => policies.add(project, policy)),
      )
    },
    getPolicyConfiguration: (call: Call) => answer(call, configurationOf(world, call)),
    updatePolicyConfiguration(call: Call) {
      const configuration = configurationOf(world, call)
      demandEditing(world, call, configuration)
      const policy = readPolicy(world, call)
      if (policy.type !== configuration.type) throw new ServiceError('policyTypeChanged')
      return answer(
        call,
        inForm(() => policies.replace(configuration, policy)),
      )
    },
    deletePolicyConfiguration(call: Call) {
      const configuration = configurationOf(world, call)
      demandEditing(world, call, configuration)
      policies.remove(configuration)
      return {}
    },
    getPolicyRevisions: (call: Call) =>
      list(page(call, revisionsOf(call).toReversed(), 1000).map(one => renderConfiguration(one, call.links))),
    getPolicyRevision(call: Call) {
      const revision = revisionsOf(call).find(one => one.revision === numberParam(call, 'revisionId'))
      if (!revision) throw new ServiceError('policyNotFound', param(call, 'revisionId'))
      return answer(call, revision)
    },
  }
}

/** Those of the pull request that `vstfs:///CodeReview/CodeReviewId/{projectId}/{pullRequestId}` names. */
async function evaluationsOfArtifact(world: World, call: Call): Promise<Evaluation[]> {
  const artifact = call.query.text('artifactId')
  if (!artifact) throw new ServiceError('argumentNull', 'artifactId')
  const [, projectId, id] = /^vstfs:\/\/\/CodeReview\/CodeReviewId\/([^/]+)\/(\d+)$/i.exec(artifact) ?? []
  if (id === undefined) throw new ServiceError('badArgument', 'Invalid argument value.', 'artifactId')
  const pullRequest = world.pullRequests.get(Number(id))
  const project = projectOf(call)
  const known =
    pullRequest?.repository.project === project &&
    projectId?.toLowerCase() === project.id &&
    may(world, call.user, 'GenericRead', pullRequest.repository)
  if (!known) throw new ServiceError('pullRequestNotFound')
  return world.policies.evaluate(pullRequest)
}

async function evaluationOf(world: World, call: Call): Promise<Evaluation> {
  const id = param(call, 'evaluationId').toLowerCase()
  for (const pullRequest of world.pullRequests.values()) {
    if (pullRequest.repository.project !== projectOf(call)) continue
    const found = (await world.policies.evaluate(pullRequest)).find(one => one.id === id)
    if (found && may(world, call.user, 'GenericRead', pullRequest.repository)) return found
  }
  throw new ServiceError('policyEvaluationNotFound', id)
}

export function policyHandlers(world: World): Handlers<typeof policyEndpoints> & OfBranch {
  return {
    ...configurationHandlers(world),
    getPolicyTypes(call) {
      const project = projectOf(call)
      return list(Object.values(policyTypes).map(type => renderPolicyType(type, project, call.links)))
    },
    getPolicyType(call) {
      const type = policyTypeOf(param(call, 'typeId'))
      if (!type) throw new ServiceError('policyTypeNotFound', param(call, 'typeId'))
      return { json: renderPolicyType(type, projectOf(call), call.links) }
    },
    async getPolicyEvaluations(call) {
      const all = await evaluationsOfArtifact(world, call)
      const everything = call.query.flag('includeNotApplicable')
      const shown = all.filter(one => everything || one.status !== 'notApplicable')
      return list(page(call, shown, 1000).map(one => renderEvaluation(one, call.links)))
    },
    getPolicyEvaluation: async call => ({ json: renderEvaluation(await evaluationOf(world, call), call.links) }),
    async requeuePolicyEvaluation(call) {
      const { pullRequest, configuration } = await evaluationOf(world, call)
      demand(world, call.user, 'PullRequestContribute', pullRequest.repository)
      if (pullRequest.state !== 'active') throw new ServiceError('pullRequestNotEditable')
      // everything but a build is as new as the pull request itself
      if (configuration.type.id === policyTypes.build.id) world.policies.queueBuild(pullRequest, configuration)
      return { json: renderEvaluation(await evaluationOf(world, call), call.links) }
    },
    async getPolicyConfigurationsOfBranch(call) {
      const project = projectOf(call)
      const [repositoryId, refName] = [call.query.text('repositoryId')?.toLowerCase(), call.query.text('refName')]
      const type = call.query.text('policyType')?.toLowerCase()
      const repository = world.repositories.find(one => one.project === project && one.id === repositoryId)
      if (repositoryId && !repository) throw new ServiceError('repositoryNotFound', repositoryId)
      const holds = repository && refName ? await world.policies.inForce(repository, refName) : undefined
      const found = world.policies
        .of(project)
        .filter(
          one =>
            (!type || one.type.id === type) &&
            (holds?.includes(one) ??
              (!repository || one.scope.some(each => [null, repository.id].includes(each.repositoryId)))),
        )
      return list(page(call, found, 1000).map(one => renderConfiguration(one, call.links)))
    },
  }
}
