import { createHash, timingSafeEqual } from 'node:crypto'
import { queues } from '@code-agent/jobs/steps'
import type { Producer } from '@code-agent/queue/producer'
import type { Routes } from '@code-agent/service/health'
import type { Gates } from '@code-agent/store/gates'
import { queueLoad } from './queue-load.ts'

/**
 * `GET /queues/:name/load` for autoscalers: `{ load }`, how many jobs more workers would help. 401 without the token,
 * to everybody if none is set; 404 for a queue there is not; 503 while Redis or Postgres do not answer, so that nobody
 * takes silence for idleness.
 */
export function loadRoute(ports: {
  producer: Pick<Producer, 'figures'>
  store: Pick<Gates, 'closedGates'>
  token: string | undefined
}): Routes {
  return async app => {
    app.get<{ Params: { name: string } }>('/queues/:name/load', async (request, reply) => {
      if (!isAuthentic(ports.token, request.headers.authorization)) {
        return await reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthenticated' })
      }
      const queue = queues.find(name => name === request.params.name)
      if (queue === undefined) return await reply.code(404).send({ error: 'there is no such queue' })
      try {
        const [figures, closed] = await Promise.all([ports.producer.figures(queue), ports.store.closedGates()])
        return await reply.send({ load: queueLoad(queue, figures, closed) })
      } catch {
        return await reply.code(503).send({ error: 'the load is not known at the moment' })
      }
    })
  }
}

function isAuthentic(token: string | undefined, authorization: string | undefined): boolean {
  if (token === undefined || authorization === undefined) return false
  return timingSafeEqual(digest(`Bearer ${token}`), digest(authorization))
}

/** Of one length, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
