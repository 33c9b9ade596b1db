import { basicCredentials, sameText } from '@code-agent/service/basic-authentication'
import { linkVerdict, type RunPass } from '@code-agent/service/run-link'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

/** What opens a run's page; either may be absent. */
export type PageKeys = {
  /** That sign links: the one of now first, then the one before. */
  linkKeys: string[]
  operator: { username: string; password: string } | undefined
}

export type Access =
  | { as: 'operator'; username: string }
  /** `fresh`: the link itself was brought, not yet the cookie that takes its place. */
  | { as: 'guest'; pass: RunPass; fresh: boolean }
  | { as: 'late' }
  | { as: 'stranger' }

const cookieName = 'code-agent-run'
const Pass = z.object({ expires: z.coerce.number().int(), signature: z.string().length(43) })

/** Who asks for the page of a run. Nothing is looked up for strangers: whether there is such a run shows in no answer and at no clock. */
export function accessOf(keys: PageKeys, request: FastifyRequest, runId: string, now = Date.now() / 1_000): Access {
  const username = operatorOf(keys, request)
  if (username !== undefined) return { as: 'operator', username }
  const linked = passIn(queryOf(request), runId)
  const pass = linked ?? passIn(cookieOf(request), runId)
  if (!pass) return { as: 'stranger' }
  const verdict = linkVerdict({ keys: keys.linkKeys, pass, now })
  if (verdict === 'wrong') return { as: 'stranger' }
  return verdict === 'expired' ? { as: 'late' } : { as: 'guest', pass, fresh: linked !== undefined }
}

/** The name of the operator whose credentials a request brings. Both halves are compared, whatever the first said. */
export function operatorOf({ operator }: PageKeys, request: FastifyRequest): string | undefined {
  const given = basicCredentials(request.headers.authorization)
  if (!operator || !given) return undefined
  const right = [sameText(given.username, operator.username), sameText(given.password, operator.password)].every(
    Boolean,
  )
  return right ? operator.username : undefined
}

/**
 * Takes the link's place after the first visit, so that it neither stays in the address bar nor in histories. For this run's
 * paths only, out of reach of scripts. Lax, since the visit begins at Azure DevOps: it only lets one look.
 */
export function passCookie(pass: RunPass, of: { base: string; isSecure: boolean }, now = Date.now() / 1_000): string {
  const seconds = Math.max(0, Math.floor(pass.expires - now))
  const value = `${pass.expires}.${pass.signature}`
  const secure = of.isSecure ? '; Secure' : ''
  return `${cookieName}=${value}; Path=${of.base}/runs/${pass.runId}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

export function queryOf(request: FastifyRequest): URLSearchParams {
  return new URL(request.url, 'http://localhost').searchParams
}

function passIn(from: URLSearchParams, runId: string): RunPass | undefined {
  const found = Pass.safeParse({ expires: from.get('expires') ?? undefined, signature: from.get('signature') })
  return found.success ? { runId, ...found.data } : undefined
}

function cookieOf(request: FastifyRequest): URLSearchParams {
  const cookies = (request.headers.cookie ?? '').split(';').map(one => one.trim().split('='))
  const [expires = '', signature = ''] = (cookies.find(([name]) => name === cookieName)?.[1] ?? '').split('.')
  return new URLSearchParams({ expires, signature })
}
