const REPLACEMENT = '[secret]'

const SECRET_KEY = /^(authorization|cookie|set-cookie|password|passwd|secret|token|pat|credentials?|(x-)?api[-_]?key)$/i

/** What credentials look like that may turn up in an error message, a log or a stack. */
const SECRET_VALUES = [
  // Authorization headers.
  /(?<=\b(?:Basic|Bearer)\s+)[A-Za-z0-9+/=_.~-]{8,}/gi,
  // JSON Web Tokens.
  /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g,
  // Keys of Anthropic and OpenAI.
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  // Azure DevOps: 52 characters base32 of old, 84 with a signature now.
  /\b[a-z2-7]{52}\b/g,
  /\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b/g,
  // GitHub, and Standard Webhooks keys.
  /\b(?:gh[pousr]_|github_pat_|whsec_)[A-Za-z0-9_+/=]{16,}/g,
  // User information of URLs.
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+(?=@)/gi,
  // name=value and "name": "value" inside a text.
  /(?<=\b(?:password|passwd|secret|token|api[-_]?key|sig)["']?\s*[=:]\s*["']?)[^\s"'&,;}]{4,}/gi,
] as const

/**
 * A JSON value with everything that looks like a credential replaced, and `known` secrets too.
 * Bull Board's own formatters do not reach failure reasons, stacks, logs and the reasons in a flow.
 */
export function scrubber(known: readonly string[]): (value: unknown) => unknown {
  const scrubText = (text: string) =>
    SECRET_VALUES.reduce<string>(
      (scrubbed, pattern) => scrubbed.replace(pattern, REPLACEMENT),
      known.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, REPLACEMENT), text),
    )
  return function scrub(value: unknown): unknown {
    if (typeof value === 'string') return scrubText(value)
    if (Array.isArray(value)) return value.map(scrub)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        SECRET_KEY.test(key) && typeof inner === 'string' ? REPLACEMENT : scrub(inner),
      ]),
    )
  }
}
