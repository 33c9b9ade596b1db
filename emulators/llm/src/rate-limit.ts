import { ApiError } from './api-error.ts'

export interface RateLimit {
  /** Counts a request and tells the headers that go with its answer; throws a 429 when the minute is full. */
  take(credential: string, call: { inputTokens: number; style: 'anthropic' | 'openai' }): Record<string, string>
}

const inputTokensPerMinute = 4_000_000
const outputTokensPerMinute = 800_000

/** Counts in fixed minutes; the real service refills continuously, which no client can tell from the headers. */
export function createRateLimit(options: { requestsPerMinute: number; clock: () => number }): RateLimit {
  const used = new Map<string, { minute: number; requests: number; input: number }>()
  return {
    take(credential, { inputTokens, style }) {
      const minute = Math.floor(options.clock() / 60_000)
      const before = used.get(credential)
      const count = before?.minute === minute ? before : { minute, requests: 0, input: 0 }
      used.set(credential, count)
      const reset = new Date((minute + 1) * 60_000)
      const secondsLeft = Math.max(1, Math.ceil((reset.getTime() - options.clock()) / 1000))
      if (count.requests >= options.requestsPerMinute) {
        const headers = { ...limitHeaders(0), 'retry-after': String(secondsLeft) }
        throw new ApiError(
          429,
          `This request would exceed your organization's rate limit of ${options.requestsPerMinute} requests per minute.`,
          { headers },
        )
      }
      count.requests += 1
      count.input += inputTokens
      return limitHeaders(options.requestsPerMinute - count.requests)

      function limitHeaders(requestsLeft: number): Record<string, string> {
        const left = { requests: requestsLeft, input: Math.max(0, inputTokensPerMinute - count.input) }
        const limits = { requests: options.requestsPerMinute, reset, secondsLeft }
        return style === 'openai' ? openaiHeaders(left, limits) : anthropicHeaders(left, limits)
      }
    },
  }
}

interface Left {
  requests: number
  input: number
}

interface Limits {
  requests: number
  reset: Date
  secondsLeft: number
}

function anthropicHeaders(left: Left, { requests, reset }: Limits): Record<string, string> {
  return {
    ...limitOf('requests', requests, left.requests, reset),
    ...limitOf('input-tokens', inputTokensPerMinute, left.input, reset),
    ...limitOf('output-tokens', outputTokensPerMinute, outputTokensPerMinute, reset),
    ...limitOf('tokens', inputTokensPerMinute + outputTokensPerMinute, left.input + outputTokensPerMinute, reset),
  }
}

function openaiHeaders(left: Left, { requests, secondsLeft }: Limits): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(requests),
    'x-ratelimit-remaining-requests': String(left.requests),
    'x-ratelimit-reset-requests': `${secondsLeft}s`,
    'x-ratelimit-limit-tokens': String(inputTokensPerMinute),
    'x-ratelimit-remaining-tokens': String(left.input),
    'x-ratelimit-reset-tokens': `${secondsLeft}s`,
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
