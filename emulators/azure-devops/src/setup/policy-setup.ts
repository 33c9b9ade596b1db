import { type PolicyKind, policyTypes } from '../policy/policy-types.ts'
import type { World } from '../state/world.ts'
import { finders, fullRef } from './finders.ts'

export interface PolicyToAdd {
  project: string
  /** absent is every repository of the project */
  repository?: string
  /** absent is every branch */
  branch?: string
  kind: PolicyKind
  /** default true */
  isBlocking?: boolean
  /** as REST takes it, without the scope: `{minimumApproverCount: 1}`, `{statusGenre, statusName}`, `{buildDefinitionId}` … */
  settings?: Record<string, unknown>
  user?: string
}

/** Branch policies and the builds they wait for, without a request. */
export function policySetup(world: World) {
  const { person, repositoryAt, pullRequestAt } = finders(world)
  return {
    /** its number; throws when the settings are not those of the kind */
    addPolicy({ project, repository, branch, kind, isBlocking = true, settings = {}, user = 'alice' }: PolicyToAdd) {
      const at = world.createProject(project)
      const repositoryId = repository === undefined ? null : repositoryAt({ project, repository }).id
      const refName = branch === undefined ? null : fullRef(branch)
      return world.policies.add(at, {
        type: policyTypes[kind],
        isEnabled: true,
        isBlocking,
        settings,
        scope: [{ repositoryId, refName, matchKind: 'Exact' }],
        by: person(user),
      }).id
    },
    removePolicy({ project, policyId }: { project: string; policyId: number }): void {
      const found = world.policies.find(world.createProject(project), policyId)
      if (found) world.policies.remove(found)
    },
    /** ends the build that a build policy has begun; throws while none has */
    finishBuild(build: { pullRequestId: number; policyId: number; status: 'approved' | 'rejected' }): void {
      const pullRequest = pullRequestAt(build.pullRequestId)
      const configuration = world.policies.find(pullRequest.repository.project, build.policyId)
      if (!configuration) throw new Error(`there is no policy ${build.policyId}`)
      world.policies.finishBuild(pullRequest, configuration, build.status)
      world.happenings.emit({ kind: 'build-finished', pullRequest, by: configuration.by })
    },
  }
}
