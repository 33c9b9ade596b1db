import type { Log } from './log.ts'

/** What the steps may take beyond the grace they were given. */
const MARGIN_MS = 5_000

/**
 * On the first SIGTERM or SIGINT, or when the parent at the other end of an IPC channel is gone: runs `steps` in order
 * and exits 0. A step that fails does not keep the rest from closing. A second signal, or `graceMs` and 5 s without an
 * end, exits 1 at once.
 */
export function onShutdown(log: Log, graceMs: number, ...steps: (() => unknown)[]): void {
  let begun = false
  const begin = (cause: string) => {
    if (begun) {
      if (cause !== 'disconnect') process.exit(1)
      return
    }
    begun = true
    log.info({ cause }, 'shutting down')
    setTimeout(() => {
      log.error('shutdown takes too long: leaving')
      process.exit(1)
    }, graceMs + MARGIN_MS)
    void runSteps(log, steps).then(() => process.exit(0))
  }
  process.on('SIGTERM', () => begin('SIGTERM'))
  process.on('SIGINT', () => begin('SIGINT'))
  if (process.connected) process.on('disconnect', () => begin('disconnect'))
}

async function runSteps(log: Log, steps: (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      log.error({ err: error }, 'a step of the shutdown failed')
    }
  }
  log.info('shut down')
}
