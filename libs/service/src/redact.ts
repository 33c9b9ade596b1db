import { redactPatterns } from './redact-patterns.ts'

const MIN_LENGTH = 4
const REPLACEMENT = '[secret]'

/**
 * Replaces the given secrets wherever they stand in a text: as they are, JSON-escaped, URL-encoded, and in base64,
 * also inside a longer base64 text such as a basic authentication header. Secrets under 4 characters are left alone.
 * What looks like a secret is replaced too, known or not.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const needles = new Set([...secrets].filter(secret => secret.length >= MIN_LENGTH).flatMap(writings))
  if (needles.size === 0) return redactPatterns
  // Longest first, or a secret that begins with another one would keep its end.
  const alternatives = [...needles].toSorted((a, b) => b.length - a.length).map(escapeRegExp)
  const pattern = new RegExp(alternatives.join('|'), 'g')
  return text => redactPatterns(text.replace(pattern, REPLACEMENT))
}

function writings(secret: string): string[] {
  const encoded = encodeURIComponent(secret)
  const plain = [secret, JSON.stringify(secret).slice(1, -1), encoded, encoded.replaceAll('%20', '+')]
  const base64 = [0, 1, 2].map(offset => base64At(secret, offset)).filter(text => text.length >= MIN_LENGTH)
  return [...plain, ...base64, ...base64.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))]
}

/** What a text's base64 looks like when `offset` bytes (mod 3) stand before it; without characters shared with neighbours. */
function base64At(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
  const firstOwn = Math.ceil((offset * 8) / 6)
  const lastOwn = Math.floor((bytes.length * 8) / 6)
  return bytes.toString('base64').slice(firstOwn, lastOwn)
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
