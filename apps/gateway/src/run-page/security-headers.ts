import type { FastifyRequest } from 'fastify'

/** Nothing from another host, no inline script or style: text that got through as markup would still do nothing. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/**
 * Whether a form comes from a page of ours, as far as the browser tells. It names no origin where the page has no referrer, as
 * ours: then the token alone has to say it.
 */
export function isOwnPage(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  const { origin } = request.headers
  return origin === undefined || origin === 'null' || URL.parse(origin)?.host === request.headers.host
}
