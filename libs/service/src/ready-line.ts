import type { Log } from './log.ts'

/** Says that a process is up: in its log and, if its parent listens on an IPC channel, there as `{ kind: 'ready', app, port }`. */
export function announceReady(ready: { app: string; port: number; log: Log }): void {
  const { app, port, log } = ready
  log.info({ app, port }, 'ready')
  process.send?.({ kind: 'ready', app, port })
}
