import type { FastifyInstance } from 'fastify'
import type { PageModel } from '../page-model.ts'

/**
 * GET /_page/events?pullRequest=ID: one `change` event after each change, by server-sent events; without an id after every change.
 * The page then asks for itself again: there is one way to draw things, on the server.
 */
export function registerLiveUpdates(app: FastifyInstance, model: PageModel, heartbeatMs = 15_000): void {
  const streams = new Set<() => void>()
  app.get<{ Querystring: { pullRequest?: string } }>('/_page/events', (request, reply) => {
    const id = Number(request.query.pullRequest)
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    raw.write('retry: 1000\n\n')
    const unsubscribe = model.subscribe(Number.isInteger(id) && id > 0 ? id : null, ({ kind }) => {
      raw.write(`event: change\ndata: ${kind}\n\n`)
    })
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
    const end = () => {
      clearInterval(heartbeat)
      unsubscribe()
      streams.delete(end)
      raw.end()
    }
    streams.add(end)
    raw.on('close', end)
  })
  // An open stream would keep the server from closing.
  app.addHook('preClose', async () => {
    for (const end of streams) end()
  })
}
