import { mkdir } from 'node:fs/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { createAdmin } from './admin.ts'
import { type Clock, isMovable, movableClock } from './clock.ts'
import type { Exchange } from './contract/check.ts'
import { createServiceHooks, type HookSettings, type ServiceHooks } from './hooks/service-hooks.ts'
import { createFaults, type Faults } from './http/faults.ts'
import { createSite } from './http/site.ts'
import { pageModel } from './page-view.ts'
import { followPolicies } from './pull-request/auto-complete.ts'
import { createApi } from './rest/api.ts'
import { linksOf } from './rest/links.ts'
import { policySetup } from './setup/policy-setup.ts'
import { pullRequestSetup } from './setup/pull-request-setup.ts'
import { permissionBits, repositorySetup } from './setup/repository-setup.ts'
import type { Identity } from './state/identity.ts'
import type { Ledger } from './state/ledger.ts'
import { createWorld, importRepositories, type World } from './state/world.ts'
import { registerPages } from './web/pages.ts'

export interface AzureDevOpsOptions {
  /** bare repositories are kept at `reposDir/<project>/<repository>.git` */
  reposDir: string
  /** default: a free one */
  port?: number
  /** default 127.0.0.1; the admin port never leaves it */
  host?: string
  /** default demo */
  organisation?: string
  projects?: readonly { name: string; repositories?: readonly { name: string; from?: string }[] }[]
  /** every `DIR/<project>/<repository>.git` is cloned; the source is never written */
  importRepos?: string
  /** default: the system's time, movable over the admin port */
  clock?: Clock
  hooks?: Partial<HookSettings>
  /** how long merges and completions stay queued, default 20 */
  mergeDelayMs?: number
  log?: (message: string, fields: Record<string, unknown>) => void
  /** sees every REST exchange */
  observe?: (exchange: Exchange) => void
}

type Setup = ReturnType<typeof repositorySetup> & ReturnType<typeof pullRequestSetup> & ReturnType<typeof policySetup>

export interface AzureDevOpsEmulator extends Setup {
  /** what azure-devops-node-api's WebApi takes */
  url: string
  adminUrl: string
  /** personal access tokens */
  tokens: { alice: string; bot: string; reader: string }
  readonly users: readonly Identity[]
  reposDir: string
  /** the project and repository that were made first; empty strings while there is none */
  first(): { project: string; repository: string }
  readonly project: string
  readonly repository: string
  gitUrl(project: string, repository: string): string
  pageOf(at: { project: string; repository: string; pullRequestId: number }): string
  addUser(user: { name: string; displayName: string; groups?: readonly string[] }): { id: string; token: string }
  /** without scopes the token may do all that its user may */
  issueToken(token: { user: string; scopes?: readonly string[] }): string
  revokeToken(token: string): void
  faults: Faults
  ledger: Ledger
  hooks: ServiceHooks
  clock: Clock
  close(): Promise<void>
}

const contributor = [
  'GenericRead',
  'GenericContribute',
  'CreateBranch',
  'CreateTag',
  'ManageNote',
  'PullRequestContribute',
] as const

/** alice develops, bot is the service, reader may look and comment; carol contributes only through a group. */
function people(world: World) {
  const { identities } = world
  const contributors = identities.add({ name: 'Contributors', displayName: '[demo]\\Contributors', isGroup: true })
  const alice = identities.add({ name: 'alice', displayName: 'Alice Archer', mayEditHooks: true })
  const bot = identities.add({ name: 'bot', displayName: 'Code Agent', mayEditHooks: true })
  const reader = identities.add({ name: 'reader', displayName: 'Robin Reader' })
  identities.add({ name: 'carol', displayName: 'Carol Crane', memberOf: [contributors.id] })
  for (const one of [contributors, alice, bot]) identities.setRights(one, { allow: permissionBits(contributor) })
  identities.setRights(reader, { allow: permissionBits(['GenericRead', 'PullRequestContribute']) })
  const token = (identity: Identity) => identities.issueToken(identity).value
  return { by: alice, tokens: { alice: token(alice), bot: token(bot), reader: token(reader) } }
}

function peopleActions(world: World) {
  const { identities } = world
  const named = (name: string) => {
    const identity = identities.byName(name)
    if (!identity) throw new Error(`nobody is called ${name}`)
    return identity
  }
  return {
    addUser({ name, displayName, groups = [] }: { name: string; displayName: string; groups?: readonly string[] }) {
      const identity = identities.add({ name, displayName, memberOf: groups.map(group => named(group).id) })
      return { id: identity.id, token: identities.issueToken(identity).value }
    },
    issueToken: ({ user, scopes }: { user: string; scopes?: readonly string[] }) =>
      identities.issueToken(named(user), scopes ?? 'full').value,
    revokeToken(token: string) {
      const found = identities.tokenOf(token)
      if (found) found.revoked = true
    },
  }
}

/** Everything that isn't a page goes to the service, untouched by Fastify's parsers. */
function serve(app: FastifyInstance, site: ReturnType<typeof createSite>) {
  void app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.all('/*', (request, reply) => {
      reply.hijack()
      void site(request.raw, reply.raw)
    })
  })
}

async function populate(world: World, { projects = [], importRepos }: AzureDevOpsOptions, by: Identity) {
  for (const { name, repositories = [] } of projects) {
    const project = world.createProject(name)
    for (const repository of repositories) await world.createRepository({ project, by, ...repository })
  }
  if (importRepos !== undefined) await importRepositories(world, importRepos, by)
}

/** Starts an Azure DevOps of one organisation on two ports. Throws when a port is taken or an import fails. */
export async function startAzureDevOps(options: AzureDevOpsOptions): Promise<AzureDevOpsEmulator> {
  const { reposDir, port = 0, host = '127.0.0.1', organisation = 'demo', mergeDelayMs = 20 } = options
  const clock = options.clock ?? movableClock()
  const log = options.log ?? ((message, fields) => console.error(message, fields))
  await mkdir(reposDir, { recursive: true })
  const world = createWorld({ organisation, reposDir, clock, mergeDelayMs, log })
  followPolicies(world)
  const { by, tokens } = people(world)
  await populate(world, options, by)

  const faults = createFaults()
  let url = ''
  const hooks = createServiceHooks(world, () => linksOf(url), { latencyMs: 0, timeoutMs: 10_000, ...options.hooks })
  const setup = { ...repositorySetup(world), ...pullRequestSetup(world, hooks), ...policySetup(world) }
  const app = Fastify({ logger: false, forceCloseConnections: true, routerOptions: { maxParamLength: 5000 } })
  registerPages(app, pageModel(world, setup))
  serve(app, createSite(world, createApi(world, hooks, options.observe), faults))
  url = `${await app.listen({ port, host })}/${organisation}`

  const first = () => {
    const [repository] = world.repositories
    return { project: repository?.project.name ?? '', repository: repository?.name ?? '' }
  }
  const gitUrl = (project: string, repository: string) =>
    `${url}/${encodeURIComponent(project)}/_git/${encodeURIComponent(repository)}`
  const actions = {
    ...setup,
    ...peopleActions(world),
    url,
    tokens,
    get users() {
      return world.identities.all()
    },
    reposDir,
    first,
    get project() {
      return first().project
    },
    get repository() {
      return first().repository
    },
    gitUrl,
    pageOf: (at: { project: string; repository: string; pullRequestId: number }) =>
      `${gitUrl(at.project, at.repository)}/pullrequest/${at.pullRequestId}`,
    faults,
    ledger: world.ledger,
    hooks,
    clock,
  }
  const admin = createAdmin(world, { hooks, faults, actions })
  const adminUrl = await admin.listen({ port: 0, host: '127.0.0.1' })
  return Object.assign(actions, {
    adminUrl,
    async close() {
      await Promise.all([app.close(), admin.close()])
      await world.close()
      if (options.clock === undefined && isMovable(clock)) clock.close()
    },
  })
}
