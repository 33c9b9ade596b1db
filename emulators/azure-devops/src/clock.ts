/** Time as the emulator sees it, in milliseconds since 1970. Everything that waits, waits here, so that tests can move it. */
export interface Clock {
  now(): number
  /** runs once after `delayMs`; the answer cancels it */
  setTimer(delayMs: number, run: () => void): () => void
}

export interface MovableClock extends Clock {
  /** what is due by then runs at once, in order */
  advance(ms: number): void
  close(): void
}

interface Timer {
  at: number
  run: () => void
  handle: NodeJS.Timeout | undefined
}

// setTimeout fires at once for anything longer
const longestTimeout = 2 ** 31 - 1

/** The system's time plus what `advance` has added; `frozen` stands still between advances. */
export function movableClock({ frozen = false, start = Date.now() } = {}): MovableClock {
  const begun = Date.now()
  let offset = start - begun
  const timers = new Set<Timer>()
  const now = () => (frozen ? begun : Date.now()) + offset

  function arm(timer: Timer) {
    clearTimeout(timer.handle)
    const due = Math.max(0, timer.at - now())
    if (frozen && due > 0) return
    timer.handle = setTimeout(
      () => {
        if (timer.at > now()) return arm(timer)
        timers.delete(timer)
        timer.run()
      },
      Math.min(due, longestTimeout),
    )
    timer.handle.unref()
  }

  return {
    now,
    setTimer(delayMs, run) {
      const timer: Timer = { at: now() + delayMs, run, handle: undefined }
      timers.add(timer)
      arm(timer)
      return () => {
        clearTimeout(timer.handle)
        timers.delete(timer)
      }
    },
    advance(ms) {
      offset += ms
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) arm(timer)
    },
    close() {
      for (const timer of timers) clearTimeout(timer.handle)
      timers.clear()
    },
  }
}

export function isMovable(clock: Clock): clock is MovableClock {
  return 'advance' in clock
}

/** Waits on the emulator's clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise(resolve => {
    clock.setTimer(ms, resolve)
  })
}
