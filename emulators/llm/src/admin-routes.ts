import type { FastifyInstance } from 'fastify'
import type { Stage } from './stage.ts'

/** What tests in other processes steer the emulator by: the log of calls, the script, faults. */
export function adminRoutes(app: FastifyInstance, stage: Stage): void {
  app.setErrorHandler((error, _request, reply) =>
    reply.code(400).send({ message: error instanceof Error ? error.message : String(error) }),
  )
  app.get('/health', async () => ({ ok: true }))
  app.get('/calls', async () => ({ calls: stage.calls }))
  app.put('/script', async (request, reply) => {
    stage.setScript(request.body)
    return reply.code(204).send()
  })
  app.post('/faults', async (request, reply) => {
    stage.addFault(request.body)
    return reply.code(204).send()
  })
}
