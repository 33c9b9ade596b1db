import { ApiError } from './api-error.ts'

export interface RateLimit {
  /** Counts a request and tells the headers that go with its answer; throws a 429 when the minute is full. */
  take(credential: string, tokens: { input: number }): Record<string, string>
}

const inputTokensPerMinute = 4_000_000
const outputTokensPerMinute = 800_000

/** Counts in fixed minutes; the real service refills continuously, which no client can tell from the headers. */
export function createRateLimit(options: { requestsPerMinute: number; clock: () => number }): RateLimit {
  const used = new Map<string, { minute: number; requests: number; input: number }>()
  return {
    take(credential, { input }) {
      const minute = Math.floor(options.clock() / 60_000)
      const before = used.get(credential)
      const count = before?.minute === minute ? before : { minute, requests: 0, input: 0 }
      used.set(credential, count)
      const reset = new Date((minute + 1) * 60_000)
      if (count.requests >= options.requestsPerMinute) {
        const seconds = Math.max(1, Math.ceil((reset.getTime() - options.clock()) / 1000))
        const headers = { ...limitHeaders(0), 'retry-after': String(seconds) }
        throw new ApiError(
          429,
          `This request would exceed your organization's rate limit of ${options.requestsPerMinute} requests per minute.`,
          { headers },
        )
      }
      count.requests += 1
      count.input += input
      return limitHeaders(options.requestsPerMinute - count.requests)

      function limitHeaders(requestsLeft: number): Record<string, string> {
        const inputLeft = Math.max(0, inputTokensPerMinute - count.input)
        return {
          ...limitOf('requests', options.requestsPerMinute, requestsLeft, reset),
          ...limitOf('input-tokens', inputTokensPerMinute, inputLeft, reset),
          ...limitOf('output-tokens', outputTokensPerMinute, outputTokensPerMinute, reset),
          ...limitOf('tokens', inputTokensPerMinute + outputTokensPerMinute, inputLeft + outputTokensPerMinute, reset),
        }
      }
    },
  }
}

function limitOf(what: string, limit: number, remaining: number, reset: Date): Record<string, string> {
  const name = `anthropic-ratelimit-${what}`
  return {
    [`${name}-limit`]: String(limit),
    [`${name}-remaining`]: String(remaining),
    [`${name}-reset`]: reset.toISOString().replace(/\.\d+/, ''),
  }
}
