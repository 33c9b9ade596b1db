import type { Log } from './log.ts'
import type { Finding } from './server-findings.ts'

/** By server: asks it for what is wrong with its settings. Rejects while it cannot be asked. */
export type StartChecks = Readonly<Record<string, () => Promise<Finding[]>>>

const askAgainMs = 5_000

/**
 * Before a process takes work: asks each server once, and says what is wrong, each with its remedy. What refuses ends the
 * process with 1. A server that is away is no reason not to start: it is asked again until it answers, and judged then.
 * `wrong` is how many settings of each server were not as they should be.
 */
export async function startChecks(
  log: Pick<Log, 'warn' | 'fatal'>,
  checks: StartChecks,
  options: { exit?: (code: number) => void; againMs?: number } = {},
): Promise<{ stop(): void; wrong(): Readonly<Record<string, number>> }> {
  const timers = new Set<NodeJS.Timeout>()
  const wrong: Record<string, number> = Object.fromEntries(Object.keys(checks).map(server => [server, 0]))
  const exit = options.exit ?? process.exit
  let stopped = false

  async function ask(server: string, check: () => Promise<Finding[]>): Promise<void> {
    try {
      const findings = await check()
      wrong[server] = findings.length
      for (const { severity, ...finding } of findings) {
        const level = severity === 'refuse' ? 'fatal' : 'warn'
        log[level](
          { server, ...finding },
          severity === 'refuse' ? 'refusing to start' : 'a setting is not as it should be',
        )
      }
      if (findings.some(finding => finding.severity === 'refuse')) exit(1)
    } catch (error) {
      log.warn({ err: error, server }, 'not there at the start; will ask again')
      if (!stopped) later(server, check)
    }
  }

  function later(server: string, check: () => Promise<Finding[]>): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      void ask(server, check)
    }, options.againMs ?? askAgainMs)
    timers.add(timer)
  }

  await Promise.all(Object.entries(checks).map(([server, check]) => ask(server, check)))
  return {
    wrong: () => wrong,
    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
