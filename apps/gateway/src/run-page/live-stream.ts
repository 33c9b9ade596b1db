import type { FastifyReply } from 'fastify'
import type { RunWatch } from './watch-runs.ts'

const heartbeatMs = 15_000
/** Then the reader comes again, and is asked again who it is. */
const longestMs = 30 * 60_000

/**
 * Server-sent events of one run: `changed`, and at last `over`. What is new the page asks for itself: there is one way to
 * draw things.
 * @returns a function that ends it; undefined when it was refused because too many watch
 */
export function liveStream(
  reply: FastifyReply,
  of: { watch: RunWatch; runId: string; version: string; headers: Record<string, string> },
): (() => void) | undefined {
  const { raw } = reply
  const unwatch = of.watch.watch({
    runId: of.runId,
    version: of.version,
    tell(what) {
      raw.write(`event: ${what}\ndata: \n\n`)
      if (what === 'over') end()
    },
  })
  if (!unwatch) return undefined
  reply.hijack()
  raw.writeHead(200, { ...of.headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
  raw.write('retry: 2000\n\n')
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
  const longest = setTimeout(end, longestMs)
  function end(): void {
    clearInterval(heartbeat)
    clearTimeout(longest)
    unwatch?.()
    raw.end()
  }
  raw.on('close', end)
  return end
}
