import { createHash } from 'node:crypto'

/** A block of the prompt in the order in which prefixes are formed: tools, system, messages. */
export interface PromptBlock {
  /** Everything of the block that counts for its identity. */
  identity: string
  tokens: number
  /** The block ends with a breakpoint, kept this long. */
  cache?: '5m' | '1h'
}

export interface CacheUse {
  inputTokens: number
  readTokens: number
  write5mTokens: number
  write1hTokens: number
  /** Makes what was written readable; to be called when the answer begins. */
  commit(): void
}

export interface PromptCache {
  /** Works out what a prompt reads and writes. `scope` keeps models and credentials apart. */
  use(scope: string, blocks: readonly PromptBlock[], minTokens: number): CacheUse
}

const lifetimeMs = { '5m': 300_000, '1h': 3_600_000 } as const
/** How many blocks before a breakpoint are searched for an older entry. */
const lookBack = 20

/** The prompt cache by the rules of the real service; `now` in milliseconds. */
export function createPromptCache(now: () => number): PromptCache {
  const entries = new Map<string, { expiresAt: number; lifetime: number }>()

  function readable(key: string): boolean {
    const entry = entries.get(key)
    if (!entry || entry.expiresAt <= now()) return false
    entry.expiresAt = now() + entry.lifetime
    return true
  }

  return {
    use(scope, blocks, minTokens) {
      const prefixes = prefixesOf(scope, blocks)
      const breakpoints = prefixes.filter(prefix => prefix.cache && prefix.tokens >= minTokens)
      const last = breakpoints.at(-1)
      const total = prefixes.at(-1)?.tokens ?? 0
      const readTokens = last ? longestHit(prefixes, breakpoints, readable) : 0
      const written = breakpoints.filter(prefix => prefix.tokens > readTokens)
      return {
        inputTokens: total - Math.max(readTokens, last?.tokens ?? 0),
        readTokens,
        ...splitWrites(written, readTokens),
        commit() {
          for (const [key, entry] of entries) if (entry.expiresAt <= now()) entries.delete(key)
          for (const { key, cache = '5m' } of written) {
            entries.set(key, { expiresAt: now() + lifetimeMs[cache], lifetime: lifetimeMs[cache] })
          }
        },
      }
    },
  }
}

interface Prefix {
  key: string
  tokens: number
  index: number
  cache?: '5m' | '1h'
}

function prefixesOf(scope: string, blocks: readonly PromptBlock[]): Prefix[] {
  let key = createHash('sha256').update(scope).digest('hex')
  let tokens = 0
  return blocks.map((block, index) => {
    key = createHash('sha256').update(key).update(block.identity).digest('hex')
    tokens += block.tokens
    return { key, tokens, index, ...(block.cache ? { cache: block.cache } : {}) }
  })
}

function longestHit(prefixes: Prefix[], breakpoints: Prefix[], readable: (key: string) => boolean): number {
  for (const breakpoint of breakpoints.toReversed()) {
    const first = Math.max(0, breakpoint.index - lookBack)
    const hit = prefixes.slice(first, breakpoint.index + 1).findLast(prefix => readable(prefix.key))
    if (hit) return hit.tokens
  }
  return 0
}

function splitWrites(written: Prefix[], from: number): { write5mTokens: number; write1hTokens: number } {
  const sums = { '5m': 0, '1h': 0 }
  let before = from
  for (const { tokens, cache = '5m' } of written) {
    sums[cache] += tokens - before
    before = tokens
  }
  return { write5mTokens: sums['5m'], write1hTokens: sums['1h'] }
}
