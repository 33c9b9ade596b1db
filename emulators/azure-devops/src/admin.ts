import Fastify, { type FastifyInstance } from 'fastify'
import { z } from 'zod'
import { isMovable } from './clock.ts'
import type { AzureDevOpsEmulator } from './emulator.ts'
import type { ServiceHooks } from './hooks/service-hooks.ts'
import type { Faults } from './http/faults.ts'
import { policyKinds } from './policy/policy-types.ts'
import { type PermissionName, permission } from './state/identity.ts'
import type { World } from './state/world.ts'

type Actions = Omit<AzureDevOpsEmulator, 'adminUrl' | 'close'>

const permissionName = z.string().transform((name, context): PermissionName => {
  const found = (Object.keys(permission) as PermissionName[]).find(one => one.toLowerCase() === name.toLowerCase())
  if (found) return found
  context.addIssue({ code: 'custom', message: `no such permission; there are ${Object.keys(permission).join(', ')}` })
  return z.NEVER
})
const bits = z.union([z.number().int(), z.array(permissionName)])
const at = { project: z.string(), repository: z.string() }

function faultRoutes(app: FastifyInstance, faults: Faults) {
  app.get('/faults', () => faults.list())
  app.post('/faults', request => {
    const rules = Array.isArray(request.body) ? request.body : [request.body]
    const added = rules.map(rule => ({ id: faults.addUnknown(rule).id }))
    return Array.isArray(request.body) ? added : added[0]
  })
  app.delete('/faults', () => {
    faults.clear()
    return {}
  })
  app.delete('/faults/:id', request => {
    faults.clear(z.object({ id: z.coerce.number() }).parse(request.params).id)
    return {}
  })
}

function recordRoutes(app: FastifyInstance, world: World) {
  const query = z.object({ since: z.coerce.number().default(0), kind: z.string().optional() })
  app.get('/ledger', request => {
    const { since, kind } = query.parse(request.query)
    return world.ledger.entries({ since, ...(kind === undefined ? {} : { kind }) })
  })
  app.delete('/ledger', () => {
    world.ledger.clear()
    return {}
  })
  app.get('/clock', () => ({ now: new Date(world.clock.now()).toISOString() }))
  app.post('/clock', (request, reply) => {
    const { advanceMs } = z.object({ advanceMs: z.number().min(0) }).parse(request.body)
    if (!isMovable(world.clock)) return reply.code(409).send({ message: "this emulator's clock can't be moved" })
    world.clock.advance(advanceMs)
    return { now: new Date(world.clock.now()).toISOString() }
  })
}

function hookRoutes(app: FastifyInstance, hooks: ServiceHooks, actions: Actions) {
  app.get('/webhooks', () =>
    hooks.subscriptions.map(({ createdBy, ...rest }) => ({ ...rest, createdBy: createdBy.name })),
  )
  app.post('/webhooks', async request => {
    const body = z.object({
      url: z.string(),
      username: z.string().default(''),
      password: z.string().default(''),
      headers: z.record(z.string(), z.string()).default({}),
    })
    return { id: await actions.subscribe(body.parse(request.body)) }
  })
  app.put('/webhooks/settings', request => {
    const { latencyMs, timeoutMs } = z
      .object({ latencyMs: z.number().min(0).optional(), timeoutMs: z.number().min(1).optional() })
      .parse(request.body)
    if (latencyMs !== undefined) hooks.settings.latencyMs = latencyMs
    if (timeoutMs !== undefined) hooks.settings.timeoutMs = timeoutMs
    return hooks.settings
  })
  app.post('/webhooks/replay', async (request, reply) => {
    const body = z.object({ notificationId: z.number().int(), subscriptionId: z.string().optional() })
    const { notificationId, subscriptionId } = body.parse(request.body)
    const subscription = hooks.subscriptions.find(one => subscriptionId === undefined || one.id === subscriptionId)
    const replayed = subscription && (await hooks.replay(subscription, notificationId))
    return replayed ?? reply.code(404).send({ message: 'no such notification' })
  })
}

function peopleRoutes(app: FastifyInstance, actions: Actions) {
  app.get('/users', () =>
    actions.users.map(({ id, name, displayName, uniqueName }) => ({ id, name, displayName, uniqueName })),
  )
  app.post('/users', request => {
    const body = z.object({
      name: z.string(),
      displayName: z.string().optional(),
      groups: z.array(z.string()).default([]),
    })
    const { name, displayName = name, groups } = body.parse(request.body)
    return actions.addUser({ name, displayName, groups })
  })
  app.get('/tokens', () => actions.tokens)
  app.post('/tokens', request => {
    const { user, scopes } = z.object({ user: z.string(), scopes: z.array(z.string()).optional() }).parse(request.body)
    return { token: actions.issueToken({ user, ...(scopes ? { scopes } : {}) }) }
  })
  app.delete('/tokens/:token', request => {
    actions.revokeToken(z.object({ token: z.string() }).parse(request.params).token)
    return {}
  })
  app.put('/rights', request => {
    const body = z.object({
      user: z.string(),
      allow: bits.default([]),
      deny: bits.default([]),
      project: z.string().optional(),
      repository: z.string().optional(),
    })
    const { project, repository, ...rights } = body.parse(request.body)
    actions.setRights({ ...rights, ...(project && repository ? { project, repository } : {}) })
    return {}
  })
}

function setupRoutes(app: FastifyInstance, actions: Actions) {
  app.post('/projects', request => actions.createProject(z.object({ name: z.string() }).parse(request.body).name))
  app.post('/repositories', request => {
    const { from, ...rest } = z
      .object({ project: z.string(), name: z.string(), from: z.string().optional() })
      .parse(request.body)
    return actions.createRepository({ ...rest, ...(from === undefined ? {} : { from }) })
  })
  app.put('/repositories/disabled', request => {
    actions.setDisabled(z.object({ ...at, disabled: z.boolean() }).parse(request.body))
    return {}
  })
  app.post('/commits', async request => {
    const body = z.object({
      ...at,
      branch: z.string(),
      base: z.string().default('main'),
      files: z.record(z.string(), z.string().nullable()),
      message: z.string().default('Change files'),
      user: z.string().default('alice'),
    })
    return { commitId: await actions.commitFiles(body.parse(request.body)) }
  })
  app.put('/refs/protect', request => {
    actions.protectBranch(z.object({ ...at, branch: z.string() }).parse(request.body))
    return {}
  })
  app.post('/refs/delete', async request => {
    await actions.deleteBranch(
      z.object({ ...at, branch: z.string(), user: z.string().default('alice') }).parse(request.body),
    )
    return {}
  })
  app.post('/pull-requests', async request => {
    const body = z.object({
      ...at,
      title: z.string(),
      description: z.string().default(''),
      sourceBranch: z.string(),
      targetBranch: z.string(),
      user: z.string().default('alice'),
      isDraft: z.boolean().default(false),
      labels: z.array(z.string()).default([]),
      workItems: z.array(z.string()).default([]),
    })
    return { pullRequestId: await actions.createPullRequest(body.parse(request.body)) }
  })
  app.post('/comments', request => {
    const body = z.object({
      pullRequestId: z.number(),
      user: z.string(),
      content: z.string(),
      threadId: z.number().optional(),
    })
    const { threadId, ...comment } = body.parse(request.body)
    return actions.postComment({ ...comment, ...(threadId === undefined ? {} : { threadId }) })
  })
}

function policyRoutes(app: FastifyInstance, actions: Actions) {
  app.post('/policies', request => {
    const body = z.object({
      project: z.string(),
      repository: z.string().optional(),
      branch: z.string().optional(),
      kind: z.enum(policyKinds),
      isBlocking: z.boolean().default(true),
      settings: z.record(z.string(), z.unknown()).default({}),
    })
    const { repository, branch, ...policy } = body.parse(request.body)
    const where = { ...(repository === undefined ? {} : { repository }), ...(branch === undefined ? {} : { branch }) }
    return { id: actions.addPolicy({ ...policy, ...where }) }
  })
  app.post('/builds', request => {
    const body = z.object({ pullRequestId: z.number(), policyId: z.number(), status: z.enum(['approved', 'rejected']) })
    actions.finishBuild(body.parse(request.body))
    return {}
  })
}

/** The second, loopback-only port: faults, ledger, clock, and whatever a test wants to set up. Not part of Azure DevOps. */
export function createAdmin(
  world: World,
  { hooks, faults, actions }: { hooks: ServiceHooks; faults: Faults; actions: Actions },
): FastifyInstance {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.setErrorHandler((error, _, reply) => {
    const message =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error)
    return reply.code(400).send({ message })
  })
  app.get('/health', () => ({ url: actions.url }))
  faultRoutes(app, faults)
  recordRoutes(app, world)
  hookRoutes(app, hooks, actions)
  peopleRoutes(app, actions)
  setupRoutes(app, actions)
  policyRoutes(app, actions)
  return app
}
