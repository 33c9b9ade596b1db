import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createRouter } from '../http/router.ts'
import { checkExchange, type Exchange } from './check.ts'
import { endpoints, isEndpointName } from './endpoints.ts'
import { allLocations, newestVersion, resourceAreas } from './locations.ts'
import { shapes } from './shapes.ts'

// what was recorded from the real service lies beside the project on some machines only
const shared = new URL('../../../../../shared/azure-devops-data/', import.meta.url)
const present = existsSync(shared)
if (!present) console.info('skipped: no recordings at ../shared/azure-devops-data, so only the own contract is tried')
const load = <T extends z.ZodType>(file: string, schema: T): z.infer<T> =>
  schema.parse(JSON.parse(readFileSync(new URL(file, shared), 'utf8')))

const exchange = z.object({
  request: z.object({ method: z.string(), uri: z.string(), body: z.unknown() }),
  response: z.object({
    status: z.object({ code: z.number() }),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
})
const location = z.object({
  id: z.string(),
  area: z.string(),
  resourceName: z.string(),
  routeTemplate: z.string(),
  resourceVersion: z.number(),
  minVersion: z.string(),
  maxVersion: z.string(),
  releasedVersion: z.string(),
})
const locationList = z.object({ value: z.array(location) })

function text(body: unknown): string {
  return typeof body === 'string' ? body : body === null || body === undefined ? '' : JSON.stringify(body)
}

/** A recorded exchange as one of ours, if we have the endpoint and it went well. */
function asExchange({ request, response }: z.infer<typeof exchange>): Exchange | undefined {
  const rest = /\/_apis\/([^?]*)/i.exec(request.uri)?.[1]
  const match = rest === undefined ? undefined : createRouter(endpoints).match(request.method, rest)
  if (!match || match === 'method' || !isEndpointName(match.name)) return undefined
  return {
    endpoint: match.name,
    path: request.uri,
    requestBody: text(request.body),
    status: response.status.code,
    contentType: response.headers['content-type'] ?? '',
    body: text(response.body),
  }
}

test.skipIf(!present)('what was recorded from the real service fits the contract', () => {
  const files = ['pull-requests', 'refs', 'policies', 'security', 'errors']
  const recorded = files.flatMap(file =>
    load(`recorded/${file}.json`, z.array(exchange)).flatMap(one => asExchange(one) ?? []),
  )
  const good = recorded.filter(one => one.status < 400)
  const findings = new Set(good.flatMap(checkExchange))
  expect([...findings]).toEqual([])
  expect(new Set(good.map(one => one.endpoint)).size).toBeGreaterThan(12)
})

test.skipIf(!present)('every location is the real one, and every living git location is there', () => {
  const real = [
    ...load('recorded/options-git.json', locationList).value,
    ...load('recorded/options-other-areas.json', locationList.or(z.array(z.unknown()).transform(() => ({ value: [] }))))
      .value,
    ...load('recorded/options-resourceareas.json', z.array(exchange)).flatMap(
      one => locationList.safeParse(one.response.body).data?.value ?? [],
    ),
  ]
  const byId = new Map(real.map(one => [one.id, one]))
  const foreign = ['IMS', 'Graph']
  for (const one of allLocations().filter(({ area }) => !foreign.includes(area))) {
    const expected = byId.get(one.id)
    expect(expected, one.id).toMatchObject({
      area: one.area,
      resourceName: one.resource,
      routeTemplate: one.template,
      resourceVersion: one.resourceVersion,
      minVersion: one.minVersion,
      maxVersion: newestVersion,
      releasedVersion: one.releasedVersion,
    })
  }
  const ours = new Set(allLocations().map(({ id }) => id))
  const git = load('recorded/options-git.json', locationList).value.filter(one => one.maxVersion === newestVersion)
  expect(git.filter(one => !ours.has(one.id))).toEqual([])
  const client = load('node-api-git-locations.json', z.array(z.object({ locationId: z.string() })))
  expect(client.filter(one => !ours.has(one.locationId))).toEqual([])
})

test.skipIf(!present)('the resource areas are the real ones', () => {
  const areas = load('recorded/options-resourceareas.json', z.array(exchange))
    .flatMap(
      one =>
        z.object({ value: z.array(z.object({ id: z.string(), name: z.string() })) }).safeParse(one.response.body).data
          ?.value ?? [],
    )
    .map(({ id, name }) => `${name} ${id}`)
  expect(resourceAreas.filter(([name, id]) => !areas.includes(`${name} ${id}`))).toEqual([])
})

const definition: z.ZodType<{
  properties?: Record<string, unknown> | undefined
  allOf?: { $ref?: string | undefined }[] | undefined
}> = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  allOf: z.array(z.looseObject({ $ref: z.string().optional() })).optional(),
})
const swagger = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  definitions: z.record(z.string(), definition),
})

const specs = ['git', 'policy', 'security', 'core'] as const
const specFile = {
  git: 'git-7.2-git',
  policy: 'policy-7.2-policy',
  security: 'security-7.2-security',
  core: 'core-7.2-core',
}

/** Answers the real service gives although its swagger does not say so. */
const beyondSwagger: Record<string, readonly string[]> = {
  Repository: ['isInMaintenance'],
  PullRequest: ['codeReviewId', 'completionQueueTime'],
}

test.skipIf(!present)('the official swagger knows every endpoint of its areas', () => {
  const unknown = specs.flatMap(area => {
    const spec = load(`swagger/${specFile[area]}.json`, swagger)
    const routes = Object.entries(spec.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method =>
        `${method} ${path.replace(/^.*?_apis\//i, '').replace(/\{[^}]*\}/g, '{}')}`.toLowerCase(),
      ),
    )
    const prefix =
      area === 'security' ? /^(access|security|permissions)/i : area === 'core' ? /^projects/i : new RegExp(`^${area}/`)
    return Object.entries(endpoints)
      .filter(([, { path }]) => prefix.test(path))
      .filter(([, { method, path }]) => !routes.includes(`${method} ${path.replace(/\{[^}]*\}/g, '{}')}`.toLowerCase()))
      .map(([name]) => name)
  })
  // forms of the same routes that the locations have and the swagger lacks
  const routesOfLocationsOnly = [
    'getRefsByPath',
    'getItemsByPath',
    'getBranch',
    'getPushCommits',
    'getIterationStatus',
    'getSecurityNamespaces',
  ]
  expect(unknown.filter(name => !routesOfLocationsOnly.includes(name))).toEqual([])
})

test.skipIf(!present)('shapes name no key that the official definitions lack', () => {
  const definitions = { ...load(`swagger/${specFile.policy}.json`, swagger).definitions }
  Object.assign(definitions, load(`swagger/${specFile.git}.json`, swagger).definitions)
  const properties = (name: string): string[] => {
    const found = definitions[name]
    const parents = (found?.allOf ?? []).flatMap(({ $ref = '' }) => properties($ref.split('/').at(-1) ?? ''))
    return [...Object.keys(found?.properties ?? {}), ...parents]
  }
  const pairs = {
    Repository: 'GitRepository',
    Ref: 'GitRef',
    RefUpdateResult: 'GitRefUpdateResult',
    PullRequest: 'GitPullRequest',
    Iteration: 'GitPullRequestIteration',
    Thread: 'GitPullRequestCommentThread',
    Comment: 'Comment',
    PullRequestStatus: 'GitPullRequestStatus',
    Reviewer: 'IdentityRefWithVote',
    Push: 'GitPush',
    Commit: 'GitCommit',
    CommitDiffs: 'GitCommitDiffs',
    Attachment: 'Attachment',
    BranchStats: 'GitBranchStats',
    PolicyConfiguration: 'PolicyConfiguration',
    PolicyEvaluation: 'PolicyEvaluationRecord',
    PolicyType: 'PolicyType',
  } as const
  const findings = Object.entries(pairs).flatMap(([shapeName, official]) => {
    const shape = Object.entries(shapes).find(([name]) => name === shapeName)?.[1]
    const there = [...properties(official), ...(beyondSwagger[shapeName] ?? [])]
    return [...(shape?.required ?? []), ...(shape?.optional ?? [])]
      .filter(key => !there.includes(key))
      .map(key => `${shapeName}.${key}`)
  })
  expect(findings).toEqual([])
})
