import type { IncomingHttpHeaders } from 'node:http'
import type { Identities, Token } from '../state/identity.ts'
import { ServiceError } from './service-error.ts'

export interface Refusal {
  status: number
  headers: Record<string, string>
  body: string
}

/** The token of a Basic (any user name) or Bearer header, if it is one of ours and not revoked. */
export function authenticate(identities: Identities, headers: IncomingHttpHeaders): Token | undefined {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ')
  const lower = scheme.toLowerCase()
  const secret =
    lower === 'bearer'
      ? value
      : lower === 'basic'
        ? Buffer.from(value, 'base64')
            .toString()
            .replace(/^[^:]*:/, '')
        : ''
  const token = identities.tokenOf(secret)
  return token?.revoked ? undefined : token
}

const signInPage =
  '<!DOCTYPE html><html lang="en-US"><head><title>Azure DevOps Services | Sign In</title></head><body>Sign in to continue.</body></html>'

export function signIn(): Refusal {
  return { status: 203, headers: { 'content-type': 'text/html; charset=utf-8' }, body: signInPage }
}

function challenge(): Refusal {
  return { status: 401, headers: { 'www-authenticate': 'Basic realm="https://tfs.app.visualstudio.com/"' }, body: '' }
}

/**
 * How the service sends a stranger away: with X-TFS-FedAuthRedirect: Suppress an empty 401; without it the sign-in page as
 * 203, a redirect to it when no credentials came at all, and JSON for PATCH.
 */
export function refuse(method: string, headers: IncomingHttpHeaders, base: string): Refusal {
  const suppressed = String(headers['x-tfs-fedauthredirect'] ?? '').toLowerCase() === 'suppress'
  if (suppressed) return challenge()
  if (headers.authorization === undefined) {
    return {
      status: 302,
      headers: { location: `${base}/_signin`, 'content-type': 'text/html; charset=utf-8' },
      body: signInPage,
    }
  }
  if (method === 'PATCH') {
    const error = new ServiceError('unauthorized', 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa')
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    return { status: 401, headers, body: JSON.stringify(error.body()) }
  }
  return signIn()
}

// each of these may do all that the ones after it may
const implied: Record<string, readonly string[]> = {
  'vso.code_full': ['vso.code_manage', 'vso.code_write', 'vso.code', 'vso.code_status', 'vso.threads_full'],
  'vso.code_manage': ['vso.code_write', 'vso.code', 'vso.code_status', 'vso.threads_full'],
  'vso.code_write': ['vso.code', 'vso.code_status', 'vso.threads_full'],
  'vso.project_write': ['vso.project'],
  'vso.identity_manage': ['vso.identity'],
  'vso.graph_manage': ['vso.graph'],
  'vso.work_write': ['vso.work'],
}

/** Whether a token's scopes reach as far as the endpoint needs. */
export function reaches(token: Token, scope: string): boolean {
  if (token.scopes === 'full' || scope === 'none') return true
  return token.scopes.some(held => held === scope || (implied[held] ?? []).includes(scope))
}

/** What a token without the scope gets: the same empty 401 as a wrong one. */
export function missingScope(): Refusal {
  return challenge()
}
