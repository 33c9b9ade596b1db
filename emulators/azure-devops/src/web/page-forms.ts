import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { PageModel } from '../page-model.ts'
import { actingUser, userCookie } from './acting-user.ts'
import { safeUrl } from './html.ts'

const threadStatus = z.enum(['active', 'pending', 'fixed', 'wontFix', 'closed', 'byDesign'])
const back = z.string().default('/')
const line = z.coerce.number().int().min(1)
const optionalLine = z.preprocess(value => (value === '' ? undefined : value), line.optional())
const text = z
  .string()
  .trim()
  .min(1, 'Write something first.')
  .max(150_000, 'A comment cannot be longer than 150000 characters.')
const number = z.coerce.number().int().positive()

const newComment = z.object({
  back,
  content: text,
  path: z.string().optional(),
  startLine: line.optional(),
  endLine: optionalLine,
})
const reply = z.object({ back, content: text })
const edit = z.object({ back, content: z.string().trim().max(150_000), delete: z.string().optional() })

/** What the page's forms send. A browser without scripts is sent back to its page; the page's own script gets 204, or the reason as JSON. */
export function registerForms(app: FastifyInstance, model: PageModel): void {
  app.post('/_page/user', (request, response) => {
    const form = z.object({ back, user: z.string() }).parse(request.body)
    const known = model.users().some(({ name }) => name === form.user)
    if (known) response.header('set-cookie', userCookie(form.user))
    return done(request, response, form.back)
  })
  app.post('/_page/pull-requests/:id/comments', async (request, response) => {
    const { id } = z.object({ id: number }).parse(request.params)
    const { content, path, startLine = 1, endLine = startLine, ...form } = newComment.parse(request.body)
    const context =
      path === undefined
        ? undefined
        : ({ path, startLine, endLine: Math.max(startLine, endLine), side: 'right' } as const)
    await model.postComment({
      pullRequestId: id,
      user: actingUser(request, model).name,
      content,
      ...(context ? { context } : {}),
    })
    return done(request, response, form.back)
  })
  app.post('/_page/pull-requests/:id/threads/:thread/comments', async (request, response) => {
    const { id, thread } = z.object({ id: number, thread: number }).parse(request.params)
    const form = reply.parse(request.body)
    await model.postComment({
      pullRequestId: id,
      user: actingUser(request, model).name,
      threadId: thread,
      content: form.content,
    })
    return done(request, response, form.back)
  })
  app.post('/_page/pull-requests/:id/threads/:thread/comments/:comment', async (request, response) => {
    const { id, thread, comment } = z.object({ id: number, thread: number, comment: number }).parse(request.params)
    const form = edit.parse(request.body)
    const place = { pullRequestId: id, user: actingUser(request, model).name, threadId: thread, commentId: comment }
    if (form.delete) await model.deleteComment(place)
    else await model.editComment({ ...place, content: text.parse(form.content) })
    return done(request, response, form.back)
  })
  app.post('/_page/pull-requests/:id/threads/:thread/status', async (request, response) => {
    const { id, thread } = z.object({ id: number, thread: number }).parse(request.params)
    const form = z.object({ back, status: threadStatus }).parse(request.body)
    await model.setThreadStatus({
      pullRequestId: id,
      user: actingUser(request, model).name,
      threadId: thread,
      status: form.status,
    })
    return done(request, response, form.back)
  })
}

export function wantsJson(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('application/json') ?? false
}

function done(request: FastifyRequest, response: FastifyReply, to: string) {
  if (wantsJson(request)) return response.code(204).send()
  return response.redirect(safeUrl(to)?.startsWith('/') ? to : '/', 303)
}
