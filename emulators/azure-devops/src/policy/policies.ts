import type { Clock } from '../clock.ts'
import type { PullRequest } from '../pull-request/pull-request.ts'
import { guidOf } from '../state/guid.ts'
import type { Identity } from '../state/identity.ts'
import { defaultBranch, type Project, type Repository } from '../state/repository.ts'
import { type PolicyType, policyTypes } from './policy-types.ts'
import type { EvaluationStatus, Rule } from './rules.ts'

export const matchKinds = ['Exact', 'Prefix', 'DefaultBranch'] as const

/** Where a policy holds; null is everywhere in the project, or on every branch. */
export interface PolicyScope {
  repositoryId: string | null
  refName: string | null
  matchKind: (typeof matchKinds)[number]
}

export interface PolicyToSet {
  type: PolicyType
  isEnabled: boolean
  isBlocking: boolean
  /** as it was given, without the scope */
  settings: Record<string, unknown>
  scope: PolicyScope[]
  by: Identity
}

export interface PolicyConfiguration extends PolicyToSet {
  id: number
  revision: number
  project: Project
  at: number
  rule: Rule
}

/** There are no pipelines: a build begins by itself and ends when a test says so. */
interface BuildRun {
  id: number
  iteration: number
  status: 'running' | 'approved' | 'rejected'
  startedAt: number
  completedAt: number | null
}

export interface Evaluation {
  id: string
  pullRequest: PullRequest
  configuration: PolicyConfiguration
  status: EvaluationStatus
  startedAt: number
  completedAt: number | null
  build: BuildRun | undefined
}

export interface Policies {
  /** in force or not, oldest first */
  of(project: Project): PolicyConfiguration[]
  find(project: Project, id: number): PolicyConfiguration | undefined
  /** oldest first, also of a deleted one */
  revisions(project: Project, id: number): PolicyConfiguration[]
  add(project: Project, policy: PolicyToSet): PolicyConfiguration
  replace(configuration: PolicyConfiguration, policy: PolicyToSet): PolicyConfiguration
  remove(configuration: PolicyConfiguration): void
  /** those that are enabled and hold for this branch */
  inForce(repository: Repository, refName: string): Promise<PolicyConfiguration[]>
  evaluate(pullRequest: PullRequest): Promise<Evaluation[]>
  /** begins the build anew, also of a draft */
  queueBuild(pullRequest: PullRequest, configuration: PolicyConfiguration): void
  finishBuild(pullRequest: PullRequest, configuration: PolicyConfiguration, status: 'approved' | 'rejected'): void
}

async function holdsFor(scope: PolicyScope, repository: Repository, refName: string): Promise<boolean> {
  if (scope.repositoryId !== null && scope.repositoryId !== repository.id) return false
  if (scope.matchKind === 'DefaultBranch') return refName === (await defaultBranch(repository))
  if (scope.refName === null) return true
  return scope.matchKind === 'Prefix' ? refName.startsWith(scope.refName) : refName === scope.refName
}

function buildRuns(clock: Clock, nextId: (kind: string) => number) {
  const runs = new Map<string, BuildRun>()
  const keyOf = (pullRequest: PullRequest, { id }: PolicyConfiguration) => `${pullRequest.id}/${id}`

  function start(pullRequest: PullRequest, configuration: PolicyConfiguration): BuildRun {
    const run: BuildRun = {
      id: nextId('build'),
      iteration: pullRequest.iterations.length,
      status: 'running',
      startedAt: clock.now(),
      completedAt: null,
    }
    runs.set(keyOf(pullRequest, configuration), run)
    return run
  }

  return {
    start,
    /** that of the newest iteration; a draft's does not begin by itself */
    current(pullRequest: PullRequest, configuration: PolicyConfiguration): BuildRun | undefined {
      const run = runs.get(keyOf(pullRequest, configuration))
      if (run?.iteration === pullRequest.iterations.length) return run
      const waits = pullRequest.isDraft || configuration.settings.manualQueueOnly === true
      return waits || pullRequest.state !== 'active' ? undefined : start(pullRequest, configuration)
    },
  }
}

async function holding(
  candidates: readonly PolicyConfiguration[],
  repository: Repository,
  refName: string,
): Promise<PolicyConfiguration[]> {
  const holds = await Promise.all(
    candidates.map(async one => {
      const fits = await Promise.all(one.scope.map(scope => holdsFor(scope, repository, refName)))
      return fits.includes(true)
    }),
  )
  return candidates.filter((_, index) => holds[index])
}

function evaluations(clock: Clock, builds: ReturnType<typeof buildRuns>) {
  // when an evaluation was first seen in the state it is in
  const since = new Map<string, { status: EvaluationStatus; at: number }>()

  return (pullRequest: PullRequest, configuration: PolicyConfiguration): Evaluation => {
    const build =
      configuration.type.id === policyTypes.build.id ? builds.current(pullRequest, configuration) : undefined
    const status = configuration.rule(pullRequest, build?.status ?? 'queued')
    const id = guidOf('evaluation', pullRequest.mergeId, configuration.id)
    const known = since.get(id)
    const entry = known?.status === status ? known : { status, at: clock.now() }
    since.set(id, entry)
    const done = status === 'approved' || status === 'rejected'
    const startedAt = build?.startedAt ?? Math.max(pullRequest.createdAt, configuration.at)
    return { id, pullRequest, configuration, status, startedAt, completedAt: done ? entry.at : null, build }
  }
}

/** The policies of all projects, and what they say. Nothing is stored about a pull request but its builds. */
export function createPolicies(clock: Clock, nextId: (kind: string) => number): Policies {
  const living: PolicyConfiguration[] = []
  const all: PolicyConfiguration[] = []
  const builds = buildRuns(clock, nextId)
  const evaluateOne = evaluations(clock, builds)

  function set(project: Project, id: number, revision: number, policy: PolicyToSet): PolicyConfiguration {
    const configuration = { ...policy, id, revision, project, at: clock.now(), rule: policy.type.rule(policy.settings) }
    all.push(configuration)
    return configuration
  }

  const inForce = (repository: Repository, refName: string) =>
    holding(
      living.filter(one => one.isEnabled && one.project === repository.project),
      repository,
      refName,
    )

  return {
    of: project => living.filter(one => one.project === project),
    find: (project, id) => living.find(one => one.project === project && one.id === id),
    revisions: (project, id) => all.filter(one => one.project === project && one.id === id),
    add(project, policy) {
      const added = set(project, nextId('policy'), 1, policy)
      living.push(added)
      return added
    },
    replace(configuration, policy) {
      const replaced = set(configuration.project, configuration.id, configuration.revision + 1, policy)
      living.splice(living.indexOf(configuration), 1, replaced)
      return replaced
    },
    remove(configuration) {
      living.splice(living.indexOf(configuration), 1)
    },
    inForce,
    async evaluate(pullRequest) {
      const configurations = await inForce(pullRequest.repository, pullRequest.targetRef)
      return configurations.map(one => evaluateOne(pullRequest, one))
    },
    queueBuild(pullRequest, configuration) {
      builds.start(pullRequest, configuration)
    },
    finishBuild(pullRequest, configuration, status) {
      const run = builds.current(pullRequest, configuration)
      if (!run) throw new Error(`no build of policy ${configuration.id} has begun for pull request ${pullRequest.id}`)
      Object.assign(run, { status, completedAt: clock.now() })
    },
  }
}
