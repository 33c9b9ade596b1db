import type { Clock } from '../clock.ts'

type Log = (message: string, fields: Record<string, unknown>) => void

export interface Background {
  /** work that no request waits for, begun after `delayMs`; close waits for what has begun */
  later(delayMs: number, work: () => Promise<void>): void
  /** aborts when the emulator closes */
  closing: AbortSignal
}

/** Starts work on the clock, remembers what runs, and logs what fails. */
export function background(clock: Clock, log: Log): Background & { close(): Promise<void> } {
  const running = new Set<Promise<void>>()
  const closing = new AbortController()
  return {
    closing: closing.signal,
    later(delayMs: number, work: () => Promise<void>) {
      clock.setTimer(delayMs, () => {
        if (closing.signal.aborted) return
        const done = work()
          .catch(error => log('background work failed', { error }))
          .finally(() => running.delete(done))
        running.add(done)
      })
    },
    async close() {
      closing.abort()
      await Promise.all(running)
    },
  }
}
