import { basicCredentials, sameText } from '@code-agent/service/basic-authentication'
import { isSigned, type SignedHeaders } from '@code-agent/service/webhook-signature'

/** What a caller may prove itself with. At least one is there: the settings see to it. */
export type Credentials = {
  /** The Azure DevOps hook's user name and its passwords; two are valid at once while one is being replaced. */
  basic?: { username: string; passwords: string[] }
  /** Keys of Standard Webhooks signatures; two are valid at once while one is being replaced. */
  hmac?: { keys: Buffer[] }
}

/** Both halves are compared, whatever the first said. */
export function isBasicAuthentic({ basic }: Credentials, authorization: string | undefined): boolean {
  const given = basicCredentials(authorization)
  if (!basic || !given) return false
  const passwords = basic.passwords.map(valid => sameText(given.password, valid))
  return [sameText(given.username, basic.username), passwords.includes(true)].every(Boolean)
}

/** @param now seconds since the epoch */
export function isSignatureAuthentic(
  { hmac }: Credentials,
  headers: SignedHeaders,
  body: Buffer,
  now: number,
): boolean {
  return hmac !== undefined && isSigned({ keys: hmac.keys, headers, body, now })
}
