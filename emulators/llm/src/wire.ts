import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** A piece of a response body, and how many output tokens it stands for. */
export interface Frame {
  text: string
  tokens: number
}

export interface Disturbance {
  cutAfter: number | null
  stallAfter: number | undefined
}

export type Outcome = 'complete' | 'cut' | 'stalled' | 'client-gone'

/**
 * Sends a response, no faster than so many tokens a second, breaking or stalling where it is told to.
 * `begun` is called when the first byte has left. Ends early when the client goes away or `closing` fires.
 */
export async function sendFrames(
  response: ServerResponse,
  frames: Iterable<Frame>,
  options: Disturbance & { tokensPerSecond: number; begun: () => void; closing: AbortSignal },
): Promise<Outcome> {
  const gone = goneSignal(response, options.closing)
  let room = Math.min(options.cutAfter ?? Number.POSITIVE_INFINITY, options.stallAfter ?? Number.POSITIVE_INFINITY)
  const started = Date.now()
  let tokens = 0
  response.flushHeaders()
  options.begun()
  for (const frame of frames) {
    tokens += frame.tokens
    const early = options.tokensPerSecond > 0 ? started + (tokens * 1000) / options.tokensPerSecond - Date.now() : 0
    if (early > 1) await sleep(early, undefined, { signal: gone }).catch(() => undefined)
    if (gone.aborted) return 'client-gone'
    const bytes = Buffer.from(frame.text)
    if (bytes.length > room) return breakOff(response, bytes.subarray(0, room), options, gone)
    room -= bytes.length
    if (!response.write(bytes)) await once(response, 'drain', { signal: gone }).catch(() => undefined)
    // An endless stream of small frames must not starve the other connections.
    else if (frame.tokens > 0) await new Promise(resolve => setImmediate(resolve))
  }
  response.end()
  return 'complete'
}

async function breakOff(
  response: ServerResponse,
  rest: Buffer,
  options: Disturbance,
  gone: AbortSignal,
): Promise<Outcome> {
  const stall = options.stallAfter !== undefined && (options.cutAfter === null || options.stallAfter < options.cutAfter)
  if (rest.length > 0) await new Promise<void>(resolve => response.write(rest, () => resolve()))
  if (!stall) {
    response.destroy()
    return 'cut'
  }
  if (!gone.aborted) await once(gone, 'abort')
  response.destroy()
  return 'stalled'
}

function goneSignal(response: ServerResponse, closing: AbortSignal): AbortSignal {
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  return AbortSignal.any([controller.signal, closing])
}

/** Waits, but not longer than the client does. False when it left. */
export async function waitForClient(response: ServerResponse, ms: number, closing: AbortSignal): Promise<boolean> {
  if (ms <= 0) return !response.destroyed
  const gone = goneSignal(response, closing)
  await sleep(ms, undefined, { signal: gone }).catch(() => undefined)
  return !gone.aborted
}

/** Splits by code points, so that no piece ends within a surrogate pair. */
export function pieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? []
}
