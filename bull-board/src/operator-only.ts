import { basicCredentials, sameText } from '@code-agent/service/basic-authentication'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * A hook that lets only the operator in, by basic authentication, and changes only from the dashboard's own pages:
 * a browser sends basic credentials along with every stranger's form, and Bull Board has no guard against that.
 */
export function operatorOnly(operator: { username: string; password: string }) {
  function isOperator(request: FastifyRequest): boolean {
    const given = basicCredentials(request.headers.authorization)
    if (!given) return false
    return [sameText(given.username, operator.username), sameText(given.password, operator.password)].every(Boolean)
  }

  return async function letOperatorIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!isOperator(request)) {
      await reply.code(401).header('www-authenticate', 'Basic realm="Code Agent", charset="UTF-8"').send()
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isSameOrigin(request)) {
      await reply.code(403).send({ error: 'Changes come from the dashboard’s own pages only.' })
    }
  }
}

// What is not a browser sends neither header, and no stranger's page can make it send anything.
function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = request.headers
  return origin === undefined || URL.parse(origin)?.host === request.headers.host
}
