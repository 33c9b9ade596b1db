import type { Log } from '@code-agent/service/log'
import type { RunPageReads } from '@code-agent/store/run-page-reads'

/** `changed`: look again. `over`: it changed for the last time. */
export type Tell = (what: 'changed' | 'over') => void

export type RunWatch = {
  /** @param of.version what the reader has seen @returns a function that ends it; undefined when too many watch already */
  watch(of: { runId: string; version: string; tell: Tell }): (() => void) | undefined
  /** Tells nobody any more. */
  stop(): void
}

/** So many look at one run, and at all runs of this process, at once; who comes later looks now and then. */
const most = { ofRun: 30, inAll: 300 }

type Watcher = { runId: string; seen: string; tell: Tell }

/**
 * Asks the database once a second for all runs that somebody looks at, by one statement; not at all while nobody does.
 * A NOTIFY in every statement that changes a run would cost those (docs/decisions/004).
 */
export function watchRuns(of: {
  store: Pick<RunPageReads, 'versionsOf'>
  log: Pick<Log, 'warn'>
  /** Told first, before whoever looks asks for the run again. */
  onChange?: (runId: string) => void
  everyMs?: number
}): RunWatch {
  const watchers = new Set<Watcher>()
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const versions = await of.store.versionsOf([...new Set([...watchers].map(({ runId }) => runId))])
    const known = new Map(versions.map(row => [row.runId, row]))
    for (const watcher of watchers) {
      const current = known.get(watcher.runId)
      if (current && current.version === watcher.seen && !current.ended) continue
      watcher.seen = current?.version ?? ''
      of.onChange?.(watcher.runId)
      watcher.tell(current && !current.ended ? 'changed' : 'over')
    }
  }

  function schedule(): void {
    if (timer || watchers.size === 0) return
    timer = setTimeout(() => {
      look()
        .catch(error => of.log.warn({ err: error }, 'it could not be seen whether runs changed'))
        .finally(() => {
          timer = undefined
          schedule()
        })
    }, of.everyMs ?? 1_000)
  }

  return {
    watch({ runId, version, tell }) {
      const ofRun = [...watchers].filter(watcher => watcher.runId === runId).length
      if (watchers.size >= most.inAll || ofRun >= most.ofRun) return undefined
      const watcher = { runId, seen: version, tell }
      watchers.add(watcher)
      schedule()
      return () => watchers.delete(watcher)
    },
    stop() {
      clearTimeout(timer)
      watchers.clear()
    },
  }
}
