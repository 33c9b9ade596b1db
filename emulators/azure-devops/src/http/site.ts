import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { World } from '../state/world.ts'
import { type Arrival, locate } from './arrival.ts'
import { authenticate } from './authentication.ts'
import type { Faults } from './faults.ts'
import { send, sendFaulty } from './faulty.ts'
import { type Reply, textReply } from './reply.ts'
import { smartHttp } from './smart-http.ts'

export type Api = (arrival: Arrival, body: Buffer) => Promise<Reply>

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// headers every answer of the service has
function standing(arrival: Arrival): Record<string, string> {
  const activity = randomUUID()
  const { token } = arrival
  return {
    activityid: activity,
    'x-vss-e2eid': activity,
    'x-tfs-session': String(arrival.headers['x-tfs-session'] ?? randomUUID()),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
    ...(token ? { 'x-vss-userdata': `${token.identity.id}:${token.identity.uniqueName}` } : {}),
  }
}

/** Everything the service answers to: REST, git, and the faults and ledger around both. */
export function createSite(world: World, api: Api, faults: Faults) {
  async function perform(arrival: Arrival, body: Buffer): Promise<Reply> {
    const reply =
      arrival.area === '_apis'
        ? await api(arrival, body)
        : ((arrival.area === '_git' ? await smartHttp(world, arrival, body) : undefined) ??
          textReply(404, 'There is nothing at this address.\n'))
    return { ...reply, headers: { ...standing(arrival), ...reply.headers } }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const started = world.clock.now()
    const { method = 'GET', url = '/', headers } = request
    const place = locate(world.organisation, { url, host: headers.host ?? 'localhost' })
    // an aborted upload has nobody left to answer
    const body = await readAll(request).catch(() => undefined)
    if (body === undefined) return
    if (!place) return send(response, textReply(404, 'No organisation has this address.\n'))
    const arrival: Arrival = { method, url, headers, ...place, token: authenticate(world.identities, headers) }
    const user = arrival.token?.identity.name ?? null
    const fault = faults.strike({ method, path: url, user })
    const run = () => perform(arrival, body)
    // written before the last byte goes out, so that whoever has the answer finds it in the ledger
    const record = (status: number | null) => {
      const durationMs = world.clock.now() - started
      world.ledger.add({
        kind: 'request',
        method,
        path: url,
        status,
        user,
        fault: fault?.rule.action.kind ?? null,
        durationMs,
      })
    }
    try {
      if (fault) await sendFaulty({ clock: world.clock, fault, perform: run, response, record })
      else {
        const reply = await run()
        record(reply.status)
        await send(response, reply)
      }
    } catch (error) {
      world.log('a request failed inside the emulator', { error, url })
      if (!response.headersSent) await send(response, textReply(500, 'The emulator failed; see its log.\n'))
    }
  }
}
