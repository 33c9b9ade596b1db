/** Headers as Node gives them: names in lower case. */
export type Headers = { [name: string]: string | string[] | undefined }

/** How long a blocked credential rests when Azure DevOps does not say: its window is five minutes, sliding. */
const unstatedWaitMs = 30_000

/** Returning to zero takes minutes; a credential with nothing left only needs to slow down before it is delayed. */
const longestPauseMs = 30_000

const longestWaitMs = 15 * 60_000

/** Until when a blocked call (429, or 503 with Retry-After) must wait. */
export function blockedUntil(headers: Headers, now: Date): Date {
  return new Date(now.getTime() + (retryAfterMs(headers, now) ?? unstatedWaitMs))
}

/**
 * What a successful answer says about the next calls: Azure DevOps delays up to 30 s inside a 200 before it blocks at all.
 * @returns undefined when there is nothing to wait for
 */
export function restAfter(headers: Headers, now: Date): { until: Date; reason: string } | undefined {
  const resource = text(headers, 'x-ratelimit-resource') ?? 'its resources'
  const wait = retryAfterMs(headers, now)
  if (wait !== undefined && wait > 0)
    return rest(now, wait, `Azure DevOps asks for a pause because of the use of ${resource}`)
  const delayMs = (number(headers, 'x-ratelimit-delay') ?? 0) * 1_000
  if (delayMs > 0)
    return rest(now, Math.min(delayMs, longestPauseMs), `Azure DevOps delays calls because of the use of ${resource}`)
  const reset = number(headers, 'x-ratelimit-reset')
  if (reset === undefined || (number(headers, 'x-ratelimit-remaining') ?? 1) > 0) return undefined
  const untilReset = reset * 1_000 - now.getTime()
  return untilReset > 0
    ? rest(now, Math.min(untilReset, longestPauseMs), `the allowance for ${resource} is used up`)
    : undefined
}

function rest(now: Date, milliseconds: number, reason: string): { until: Date; reason: string } {
  return { until: new Date(now.getTime() + milliseconds), reason }
}

/** Seconds, or a date as a proxy in between may say it. */
function retryAfterMs(headers: Headers, now: Date): number | undefined {
  const value = text(headers, 'retry-after')
  if (value === undefined) return undefined
  const milliseconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime()
  return Number.isNaN(milliseconds) ? undefined : Math.min(Math.max(milliseconds, 0), longestWaitMs)
}

function number(headers: Headers, name: string): number | undefined {
  const value = Number(text(headers, name) ?? Number.NaN)
  return Number.isNaN(value) ? undefined : value
}

function text(headers: Headers, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
