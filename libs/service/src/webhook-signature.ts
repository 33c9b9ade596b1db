import { createHmac } from 'node:crypto'
import { sameText } from './basic-authentication.ts'

/** Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, sent as a list of `v1,base64`. */

/** How far a signature's timestamp may be from now. */
const toleranceSeconds = 300

export type SignedHeaders = { id: string | undefined; timestamp: string | undefined; signature: string | undefined }

/** `whsec_` and base64, as Standard Webhooks writes a key, or plain text. */
export function signingKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8')
}

/** One entry of the `webhook-signature` header. */
export function signatureOf(key: Buffer, id: string, timestamp: string, body: Buffer): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`
}

/** @param of.now seconds since the epoch */
export function isSigned(of: { keys: Buffer[]; headers: SignedHeaders; body: Buffer; now: number }): boolean {
  const { id, timestamp, signature } = of.headers
  if (!id || !signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(of.now - Number(timestamp)) > toleranceSeconds) return false
  const expected = of.keys.map(key => signatureOf(key, id, timestamp, of.body))
  const given = signature
    .split(' ')
    .filter(entry => entry.startsWith('v1,'))
    .slice(0, 8)
  return given.some(entry => expected.some(valid => sameText(entry, valid)))
}
