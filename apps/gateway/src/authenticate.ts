import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a caller may prove itself with. At least one is there: the settings see to it. */
export type Credentials = {
  /** The Azure DevOps hook's user name and its passwords; two are valid at once while one is being replaced. */
  basic?: { username: string; passwords: string[] }
  /** Keys of Standard Webhooks signatures, raw bytes; two are valid at once while one is being replaced. */
  hmac?: { keys: Buffer[] }
}

/** How far a signature's timestamp may be from now: Standard Webhooks 1.0. */
const toleranceSeconds = 300

/** Both halves are compared, hashed to one length, so that the time says nothing about either. */
export function isBasicAuthentic(credentials: Credentials, authorization: string | undefined): boolean {
  const basic = credentials.basic
  if (!basic || !authorization || !/^basic /i.test(authorization)) return false
  const given = Buffer.from(authorization.slice(6).trim(), 'base64').toString('utf8')
  const colon = given.indexOf(':')
  const username = sameText(colon < 0 ? given : given.slice(0, colon), basic.username)
  const password = basic.passwords.map(valid => sameText(colon < 0 ? '' : given.slice(colon + 1), valid))
  return password.includes(true) && username && colon >= 0
}

export type SignedHeaders = { id: string | undefined; timestamp: string | undefined; signature: string | undefined }

/**
 * Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, one valid `v1,` entry of the list is enough.
 * @param now seconds since the epoch
 */
export function isSignatureAuthentic(
  credentials: Credentials,
  headers: SignedHeaders,
  body: Buffer,
  now: number,
): boolean {
  const { id, timestamp, signature } = headers
  if (!credentials.hmac || !id || !signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now - Number(timestamp)) > toleranceSeconds) return false
  const expected = credentials.hmac.keys.map(key => signatureOf(key, id, timestamp, body))
  const given = signature
    .split(' ')
    .filter(entry => entry.startsWith('v1,'))
    .slice(0, 8)
  return given.some(entry => expected.some(valid => sameText(entry, valid)))
}

/** One entry of the `webhook-signature` header. */
export function signatureOf(key: Buffer, id: string, timestamp: string, body: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}

/** `whsec_` and base64, as Standard Webhooks writes a key, or plain text. */
export function signingKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8')
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}
