import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { PageFileDiff, PageModel, PagePullRequest } from '../page-model.ts'
import { actingUser } from './acting-user.ts'
import { draftsOf, parentOf } from './draft-relations.ts'
import { comparePage } from './draft-view.ts'
import type { Html } from './html.ts'
import { homePage, listFilters, messagePage, pullRequestListPage } from './list-pages.ts'
import { registerLiveUpdates } from './live-updates.ts'
import { contentSecurityPolicy, type PageAssets, registerAssets } from './page-assets.ts'
import { registerForms, wantsJson } from './page-forms.ts'
import { type PageContent, type PageView, page } from './page-layout.ts'
import { markdownLinks, pageLinks } from './page-links.ts'
import { commitPage, pullRequestPage } from './pull-request-page.ts'

/**
 * The emulator's web page: lists, pull requests, drafts, commits, comments. Adds `/`, `/{organisation}`, `/_page/*` and, with the paths
 * Azure DevOps has, `/{organisation}/{project}/_git/{repository}[/pullrequests|/pullrequest/N|/pullrequest/N/drafts|/commit/ID]`.
 */
export function registerPages(app: FastifyInstance, model: PageModel): void {
  void app.register(async scope => {
    // Its own parser in its own scope: forms mean nothing to the REST interface.
    if (!scope.hasContentTypeParser('application/x-www-form-urlencoded'))
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: 1_048_576 },
        (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
      )
    scope.addHook('onRequest', async (request, reply) => {
      reply
        .header('content-security-policy', contentSecurityPolicy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
      const site = request.headers['sec-fetch-site']
      if (request.method === 'POST' && site !== undefined && site !== 'same-origin')
        throw new Refused('Another site sent this form.')
    })
    const drawing = { model, assets: registerAssets(scope), diffs: rememberedDiffs(model) }
    scope.setErrorHandler((error, request, reply) => sendError(drawing, request, reply, error))
    registerLiveUpdates(scope, model)
    registerForms(scope, model)
    registerLists(scope, drawing)
    registerPullRequest(scope, drawing)
    registerCommit(scope, drawing)
  })
}

type Drawing = { model: PageModel; assets: PageAssets; diffs: (pr: PagePullRequest) => Promise<PageFileDiff[]> }

class Missing extends Error {}
class Refused extends Error {}

const inRepository = z.object({ project: z.string(), repository: z.string() })
const inPullRequest = z.object({ id: z.coerce.number().int().positive() })
const base = '/:organisation/:project/_git/:repository'

function registerLists(app: FastifyInstance, drawing: Drawing): void {
  const home = async (request: FastifyRequest, reply: FastifyReply) => {
    const { organisation } = z.object({ organisation: z.string().optional() }).parse(request.params)
    if (organisation !== undefined && organisation.toLowerCase() !== drawing.model.organisation.toLowerCase())
      throw new Missing('There is no such page.')
    const view = viewOf(drawing, request)
    const main = homePage(view, await drawing.model.repositories(), drawing.model.pullRequests({ status: 'active' }))
    return send(reply, view, { title: drawing.model.organisation, breadcrumb: [], live: null, main })
  }
  app.get('/', home)
  app.get('/:organisation', home)
  app.get(base, (request, reply) =>
    reply.redirect(`${request.url.split('?')[0]?.replace(/\/$/, '')}/pullrequests`, 302),
  )
  app.get(`${base}/pullrequests`, async (request, reply) => {
    const names = inRepository.parse(request.params)
    const found = (await drawing.model.repositories()).find(
      ({ project, name }) => same(project, names.project) && same(name, names.repository),
    )
    if (!found) throw new Missing(`There is no repository ${names.project}/${names.repository}.`)
    const { _a: filter } = z.object({ _a: z.enum(listFilters).catch('active') }).parse(request.query)
    const view = viewOf(drawing, request)
    const list = { project: found.project, repository: found.name, filter }
    const main = pullRequestListPage(view, {
      ...list,
      pullRequests: drawing.model.pullRequests({ ...list, status: filter }),
    })
    return send(reply, view, {
      title: `Pull requests · ${found.name}`,
      breadcrumb: crumbs(view, list),
      live: null,
      main,
    })
  })
}

function registerPullRequest(app: FastifyInstance, drawing: Drawing): void {
  const { model } = drawing
  app.get(`${base}/pullrequest/:id`, async (request, reply) => {
    const pr = pullRequestAt(model, request)
    const { _a: tab } = z
      .object({ _a: z.enum(['overview', 'files', 'commits']).catch('overview') })
      .parse(request.query)
    const view = viewOf(drawing, request)
    const groups = tab === 'overview' ? draftsOf(model, pr) : []
    const drafts = groups.flatMap(group => group.drafts.map(draft => draft.pullRequest))
    const [commits, files, ...diffs] = await Promise.all([
      model.commits(pr.id),
      drawing.diffs(pr),
      ...drafts.map(drawing.diffs),
    ])
    const data = {
      pullRequest: pr,
      parent: parentOf(model, pr),
      threads: model.threads(pr.id).filter(thread => !thread.isDeleted),
      statuses: model.statuses(pr.id),
      commits,
      files,
      groups,
      diffs: new Map(drafts.map(({ id }, at) => [id, diffs[at] ?? []])),
    }
    const main = pullRequestPage(view, data, tab)
    return send(reply, view, { title: `!${pr.id} ${pr.title}`, breadcrumb: crumbs(view, pr), live: pr.id, main })
  })
  app.get(`${base}/pullrequest/:id/drafts`, async (request, reply) => {
    const parent = pullRequestAt(model, request)
    const groups = draftsOf(model, parent)
    const drafts = groups.flatMap(group => group.drafts.map(draft => draft.pullRequest))
    const query = z
      .object({ left: z.coerce.number().optional(), right: z.coerce.number().optional(), view: z.string().optional() })
      .parse(request.query)
    const pair = groups.find(group => group.drafts.length > 1)?.drafts.map(draft => draft.pullRequest) ?? drafts
    const left = drafts.find(({ id }) => id === query.left) ?? pair[0]
    const right = drafts.find(({ id }) => id === query.right) ?? pair.find(draft => draft !== left) ?? left
    if (!left || !right) throw new Missing(`!${parent.id} has no drafts yet.`)
    const files = await model.compare({
      project: parent.project,
      repository: parent.repository,
      base: left.sourceCommit,
      target: right.sourceCommit,
    })
    const view = viewOf(drawing, request)
    const main = comparePage(view, { parent, groups, left, right, files, sideBySide: query.view !== 'unified' })
    const breadcrumb = [...crumbs(view, parent), { label: `!${parent.id}`, href: view.links.pullRequest(parent) }]
    return send(reply, view, { title: `Drafts of !${parent.id}`, breadcrumb, live: parent.id, main })
  })
}

function registerCommit(app: FastifyInstance, drawing: Drawing): void {
  app.get(`${base}/commit/:commitId`, async (request, reply) => {
    const at = inRepository.extend({ commitId: z.string() }).parse(request.params)
    const found = /^[0-9a-f]{7,64}$/i.test(at.commitId) ? await drawing.model.commit(at) : undefined
    if (!found) throw new Missing('There is no such commit.')
    const view = viewOf(drawing, request)
    const main = commitPage(view, at, found)
    return send(reply, view, {
      title: found.commit.message.split('\n')[0] ?? 'Commit',
      breadcrumb: crumbs(view, at),
      live: null,
      main,
    })
  })
}

function pullRequestAt(model: PageModel, request: FastifyRequest): PagePullRequest {
  const names = inRepository.parse(request.params)
  const { id } = inPullRequest.catch({ id: 0 }).parse(request.params)
  const found = model.pullRequest(id)
  if (!found || !same(found.project, names.project) || !same(found.repository, names.repository))
    throw new Missing('There is no such pull request here.')
  return found
}

function viewOf({ model, assets }: Drawing, request: FastifyRequest): PageView {
  const links = pageLinks(model.organisation)
  return {
    model,
    links,
    markdownLinks: markdownLinks(model, links),
    user: actingUser(request, model),
    now: new Date(),
    path: request.url,
    origin: `${request.protocol}://${request.host}`,
    assets,
  }
}

function crumbs(
  view: PageView,
  { project, repository }: { project: string; repository: string },
): PageContent['breadcrumb'] {
  return [{ label: `${project} / ${repository}`, href: view.links.pullRequests({ project, repository }, 'active') }]
}

function send(reply: FastifyReply, view: PageView, content: PageContent): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page(view, content).text)
}

function sendError(drawing: Drawing, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  // What a form asks for is refused with a sentence; a page that can't be drawn is a fault of ours.
  const other = request.method === 'POST' ? 400 : 500
  const status = error instanceof Missing ? 404 : error instanceof Refused ? 403 : other
  const message =
    error instanceof z.ZodError
      ? error.issues.map(issue => issue.message).join(' ')
      : error instanceof Error
        ? error.message
        : String(error)
  reply.code(status)
  if (wantsJson(request)) return reply.send({ message })
  const title = status === 404 ? 'Not found' : 'That did not work'
  const main: Html = messagePage(title, message)
  return send(reply, viewOf(drawing, request), { title, breadcrumb: [], live: null, main })
}

/** A page is drawn again at every change; what two commits differ in does not change. */
function rememberedDiffs(model: PageModel): Drawing['diffs'] {
  const diffs = new Map<string, Promise<PageFileDiff[]>>()
  return pr => {
    const key = `${pr.id} ${pr.sourceCommit} ${pr.targetCommit}`
    const known = diffs.get(key)
    if (known) return known
    const diff = model.diff(pr.id)
    diffs.set(key, diff)
    diff.catch(() => diffs.delete(key))
    const [oldest] = diffs.keys()
    if (diffs.size > 100 && oldest !== undefined) diffs.delete(oldest)
    return diff
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
