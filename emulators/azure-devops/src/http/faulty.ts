import type { ServerResponse } from 'node:http'
import { type Clock, sleep } from '../clock.ts'
import { signIn } from './authentication.ts'
import { type Fault, rateLimitHeaders } from './faults.ts'
import { jsonReply, type Reply } from './reply.ts'
import { ServiceError } from './service-error.ts'

export type Perform = () => Promise<Reply>

/** Sends the whole reply; a slow one in pieces over `slowMs`. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  slow?: { clock: Clock; ms: number; pieces: number },
): Promise<void> {
  const length = reply.status === 204 || reply.status === 304 ? {} : { 'content-length': String(reply.body.length) }
  response.writeHead(reply.status, { ...reply.headers, ...length })
  if (!slow || reply.body.length === 0) {
    response.end(reply.body)
    return
  }
  const size = Math.ceil(reply.body.length / slow.pieces)
  for (let at = 0; at < reply.body.length && !response.destroyed; at += size) {
    await sleep(slow.clock, slow.ms / slow.pieces)
    response.write(reply.body.subarray(at, at + size))
  }
  response.end()
}

/** The service's own words for a status: 429 with limits, 503 behind a byte order mark, the rest as any error. */
function statusReply(clock: Clock, status: number, retryAfterSeconds: number | undefined): Reply {
  const retry: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  if (status === 429) {
    const error = new ServiceError('blocked', 'AzureDevOps/CommandTSTUs', 'User')
    return jsonReply(429, error.body(), rateLimitHeaders(clock, { retryAfterSeconds }))
  }
  if (status === 503) {
    const reply = jsonReply(503, new ServiceError('unavailable', 'demo').body(), retry)
    return { ...reply, body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), reply.body]) }
  }
  return jsonReply(status, new ServiceError('serverError', 'f0f0f0f0-0000-4000-8000-000000000000').body(), retry)
}

export interface FaultyExchange {
  clock: Clock
  fault: Fault
  perform: Perform
  response: ServerResponse
  /** told the status the client gets, null when it gets none */
  record: (status: number | null) => void
}

/** Performs the request as the fault has it. */
export async function sendFaulty({ clock, fault, perform, response, record }: FaultyExchange): Promise<void> {
  const { action } = fault.rule
  const cut = () => {
    record(null)
    response.socket?.destroy()
  }
  const answer = (reply: Reply, slow?: Parameters<typeof send>[2]) => {
    record(reply.status)
    return send(response, reply, slow)
  }
  switch (action.kind) {
    case 'delay':
      await sleep(clock, action.ms)
      return answer(await perform())
    case 'delayInside200': {
      await sleep(clock, action.ms)
      const reply = await perform()
      const limits = rateLimitHeaders(clock, { delayMs: action.ms, retryAfterSeconds: action.retryAfterSeconds })
      return answer({ ...reply, headers: { ...reply.headers, ...limits } })
    }
    case 'status':
      if (action.afterEffect) await perform()
      return answer(statusReply(clock, action.status, action.retryAfterSeconds))
    case 'signInPage': {
      const { body, ...page } = signIn()
      return answer({ ...page, body: Buffer.from(body) })
    }
    case 'cutBefore':
      return cut()
    case 'cutAfter':
      await perform()
      return cut()
    case 'slowBody':
      return answer(await perform(), { clock, ms: action.ms, pieces: action.pieces })
    case 'lateEffect':
      clock.setTimer(action.ms, () => void perform().catch(() => undefined))
      if (action.answer === 'hang') return record(null)
      return action.answer === 'cut' ? cut() : answer(statusReply(clock, 504, undefined))
  }
}
