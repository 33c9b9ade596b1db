/** Name of our strategy in a job's options; BullMQ's own exponential has no cap. */
export const BACKOFF_TYPE = 'capped'

const CAP_FACTOR = 60

/**
 * Milliseconds until attempt `attemptsMade + 1`: doubles from `baseMs`, at most 60 × `baseMs`,
 * the upper half of it by chance so that what failed together does not come back together.
 */
export function backoffDelay(attemptsMade: number, baseMs: number, random: () => number = Math.random): number {
  const full = Math.min(2 ** (attemptsMade - 1), CAP_FACTOR) * baseMs
  return Math.round(full / 2 + (random() * full) / 2)
}

/** Milliseconds to wait for `until`: never none at all, and with up to a tenth on top, at most 30 s. */
export function delayUntil(until: Date, now: number = Date.now(), random: () => number = Math.random): number {
  const wait = Math.max(until.getTime() - now, 200)
  return Math.round(wait + random() * Math.min(Math.max(wait / 10, 100), 30_000))
}
