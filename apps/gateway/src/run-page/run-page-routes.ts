import { withoutInvisible } from '@code-agent/command/invisible'
import type { Log } from '@code-agent/service/log'
import type { Transitions } from '@code-agent/store/transitions'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { CancelForm, cancelToken } from './cancel-form.ts'
import type { DiffChoice } from './diff-view.ts'
import { liveStream } from './live-stream.ts'
import { type Access, accessOf, operatorOf, type PageKeys, passCookie, queryOf } from './page-access.ts'
import { serveAssets } from './page-assets.ts'
import type { PageFrame } from './page-layout.ts'
import { type Messages, messages } from './page-messages.ts'
import { type PageReader, type PageStore, pageReader } from './read-page.ts'
import { runView } from './run-view.ts'
import { isOwnPage, securityHeaders } from './security-headers.ts'
import { type RunWatch, watchRuns } from './watch-runs.ts'

export type RunPagePorts = {
  store: PageStore & Pick<Transitions, 'cancel'>
  keys: PageKeys
  /** Where browsers reach this; without it they come as they come, over http. */
  publicUrl: string | undefined
  redact(text: string): string
  pullRequestUrl(of: { projectId: string; repositoryId: string; pullRequestId: number }): string
  log: Pick<Log, 'warn' | 'info'>
}

const RunParams = z.object({ runId: z.uuid() })
const SignIn = z.object({ run: z.uuid().optional().catch(undefined) })
type Asked = FastifyRequest<{ Params: { runId: string } }>

/** What the routes share. */
type Desk = RunPagePorts & {
  frame: PageFrame
  isSecure: boolean
  say: Messages
  reader: PageReader
  watch: RunWatch
  streams: Set<() => void>
}

/**
 * The page of a run: `GET /runs/ID`, by its signed link or for operators. A scope of its own: nothing in here reaches the
 * webhook.
 */
export function runPageRoutes(ports: RunPagePorts) {
  return async (app: FastifyInstance): Promise<void> => {
    const url = ports.publicUrl === undefined ? undefined : new URL(ports.publicUrl)
    const base = url?.pathname.replace(/\/+$/, '') ?? ''
    const frame = { base, assets: serveAssets(app, base) }
    const reader = pageReader(ports.store)
    const desk: Desk = {
      ...ports,
      frame,
      isSecure: url?.protocol === 'https:',
      say: messages(frame, { operators: ports.keys.operator !== undefined }),
      reader,
      watch: watchRuns({ store: ports.store, log: ports.log, onChange: reader.changed }),
      streams: new Set(),
    }
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 4_096 },
      async (_request: FastifyRequest, body: string) => body,
    )
    app.addHook('onSend', async (_, reply) => {
      if (!reply.hasHeader('cache-control')) void reply.headers(securityHeaders)
    })
    app.setErrorHandler((error, request, reply) => {
      const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
      if (status < 500) return desk.say.nothing(reply, undefined)
      request.log.warn({ err: error }, 'a run page could not be shown')
      return desk.say.trouble(reply)
    })
    app.addHook('preClose', async () => {
      desk.watch.stop()
      for (const end of desk.streams) end()
    })
    app.get('/runs/:runId', (request: Asked, reply) => showRun(desk, request, reply))
    app.get('/runs/:runId/events', { exposeHeadRoute: false }, (request: Asked, reply) =>
      followRun(desk, request, reply),
    )
    app.get('/runs/sign-in', (request, reply) => signIn(desk, request, reply))
    app.post('/runs/:runId/cancel', (request: Asked, reply) => cancelRun(desk, request, reply))
  }
}

async function showRun(desk: Desk, request: Asked, reply: FastifyReply): Promise<FastifyReply> {
  const { say, frame, keys, isSecure } = desk
  const { access, runId } = whoAsks(keys, request)
  if (access.as === 'late') return say.late(reply)
  if (access.as === 'stranger') return say.nothing(reply, runId)
  if (access.as === 'guest' && access.fresh) {
    const cookie = passCookie(access.pass, { base: frame.base, isSecure })
    return reply.header('set-cookie', cookie).redirect(`${frame.base}/runs/${runId}`, 303)
  }
  const facts = await desk.reader.read(runId)
  if (!facts) return say.nothing(reply, runId)
  const { projectId, key } = facts.run
  const page = runView(facts, {
    ...frame,
    reader: { isOperator: access.as === 'operator', redact: text => withoutInvisible(desk.redact(text)) },
    redactCode: desk.redact,
    choice: choiceOf(queryOf(request)),
    expires: access.as === 'guest' ? new Date(access.pass.expires * 1_000) : undefined,
    cancelToken: access.as === 'operator' ? tokenFor(keys, runId) : undefined,
    pullRequestUrl: pullRequestId => desk.pullRequestUrl({ projectId, repositoryId: key.repositoryId, pullRequestId }),
  })
  return reply.type('text/html; charset=utf-8').send(page)
}

async function followRun({ say, keys, watch, streams }: Desk, request: Asked, reply: FastifyReply): Promise<unknown> {
  const { access, runId } = whoAsks(keys, request)
  if (access.as === 'stranger' || access.as === 'late') return say.nothing(reply, runId)
  const version = queryOf(request).get('version') ?? ''
  const end = liveStream(reply, { watch, runId, version, headers: securityHeaders })
  if (!end) return reply.code(503).header('retry-after', '10').send('Too many look at this at once.')
  streams.add(end)
  reply.raw.on('close', () => streams.delete(end))
  return reply
}

/** Apart from the pages, so that readers with a link are not asked for a password; beside them, so that browsers know it for all. */
async function signIn({ say, keys, frame }: Desk, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (!keys.operator) return say.nothing(reply, undefined)
  if (operatorOf(keys, request) === undefined) return say.challenge(reply)
  const { run } = SignIn.parse(request.query)
  return run === undefined ? say.signedIn(reply) : reply.redirect(`${frame.base}/runs/${run}`, 303)
}

async function cancelRun(desk: Desk, request: Asked, reply: FastifyReply): Promise<FastifyReply> {
  const { say, keys, frame } = desk
  const { access, runId } = whoAsks(keys, request)
  if (access.as !== 'operator') return say.nothing(reply, runId)
  const form = CancelForm.safeParse(
    Object.fromEntries(new URLSearchParams(typeof request.body === 'string' ? request.body : '')),
  )
  if (!isOwnPage(request) || !form.success || form.data.token !== tokenFor(keys, runId)) return say.foreignForm(reply)
  const by = `operator ${access.username}`
  const cancelled = await desk.store.cancel({ runId, by, cause: 'cancelled', reason: form.data.reason })
  desk.reader.changed(runId)
  desk.log.info({ runId, by, cancelled }, 'cancelled on its page')
  const page = `${frame.base}/runs/${runId}`
  return cancelled ? reply.redirect(page, 303) : say.overAlready(reply, page)
}

function whoAsks(keys: PageKeys, request: Asked): { access: Access; runId: string } {
  const params = RunParams.safeParse(request.params)
  if (!params.success) return { access: { as: 'stranger' }, runId: '' }
  const runId = params.data.runId.toLowerCase()
  return { runId, access: accessOf(keys, request, runId) }
}

function tokenFor({ operator }: PageKeys, runId: string): string {
  return cancelToken(operator?.password ?? '', runId)
}

function choiceOf(query: URLSearchParams): DiffChoice {
  const columns = query.get('columns')
  return {
    columns: columns === '2' ? 2 : columns === '3' ? 3 : undefined,
    variants: query.getAll('v').map(Number).filter(Number.isSafeInteger),
  }
}
