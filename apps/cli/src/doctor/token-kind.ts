export type TokenForm = { words: string; flaw: string | undefined; remedy: string }

const soonMs = 15 * 60_000

/** What a token looks like, and whether that fits how it is presented; remedies speak of TOKEN. */
export function kindOfToken(token: string, presentedAs: string, now: Date): TokenForm {
  if (/\s/.test(token))
    return { words: 'a text with white space in it', flaw: 'no credential has any', remedy: 'Copy TOKEN again.' }
  const expiry = expiryOf(token)
  if (expiry !== undefined) {
    const words = 'an Entra token'
    if (presentedAs !== 'bearer') return { words, flaw: 'it is presented as a PAT', remedy: 'Set TOKEN_KIND=bearer.' }
    if (expiry.getTime() < now.getTime() + soonMs)
      return {
        words,
        flaw: `it ends at ${expiry.toISOString()}`,
        remedy: 'Renew TOKEN, or use a PAT: nothing here renews it by itself.',
      }
    return { words, flaw: undefined, remedy: '' }
  }
  const isPat = /^[a-z2-7]{52}$/.test(token) || /^.{76}AZDO.{4}$/.test(token)
  if (isPat && presentedAs === 'bearer')
    return {
      words: 'a personal access token',
      flaw: 'it is presented as a bearer token',
      remedy: 'Set TOKEN_KIND=pat.',
    }
  return { words: isPat ? 'a personal access token' : 'a token', flaw: undefined, remedy: '' }
}

/** Of a JSON Web Token; undefined for anything else. */
function expiryOf(token: string): Date | undefined {
  const [header = '', payload = ''] = token.split('.')
  if (!header.startsWith('eyJ')) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? Number(claims.exp) : Number.NaN
    return Number.isNaN(exp) ? undefined : new Date(exp * 1_000)
  } catch {
    return undefined
  }
}
