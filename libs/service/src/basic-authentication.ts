import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares without telling by its time where two texts part, or how long either is. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

/** User name and password of an `Authorization: Basic` header; undefined for anything else. */
export function basicCredentials(
  authorization: string | undefined,
): { username: string; password: string } | undefined {
  const [, base64] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '') ?? []
  if (base64 === undefined) return undefined
  const text = Buffer.from(base64, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}
