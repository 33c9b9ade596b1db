import type { Gate, Gates } from '@code-agent/store/gates'
import type { Read, Run, TimelineEvent } from '@code-agent/store/read'
import type { Attempt, RunPageReads } from '@code-agent/store/run-page-reads'
import type { Usage, UsagePart } from '@code-agent/store/usage'
import type { Wait, Waits } from '@code-agent/store/waits'

export type PageStore = Pick<Read, 'run' | 'timeline'> &
  RunPageReads &
  Pick<UsagePart, 'usageOf'> &
  Pick<Gates, 'closedGates'> &
  Pick<Waits, 'waitOf'>

/** All that is known of a run. `now` is the database's, as all times of it; those of gates and waits are this process's. */
export type PageFacts = {
  run: Run
  now: Date
  /** Another text once anything of this changed. */
  version: string
  attempts: Attempt[]
  usage: Usage[]
  diffs: { variant: number; diff: string }[]
  events: TimelineEvent[]
  gates: Gate[]
  wait: Wait | undefined
}

export type PageReader = {
  /** Undefined when there is no such run. */
  read(runId: string): Promise<PageFacts | undefined>
  /** What was read of it is no longer so. */
  changed(runId: string): void
}

/** Who looks at a run together shares one reading; a moment later it is read anew. */
const sharedMs = 300

export function pageReader(store: PageStore): PageReader {
  const reading = new Map<string, Promise<PageFacts | undefined>>()
  const read = (runId: string) => {
    const shared = reading.get(runId)
    if (shared) return shared
    const begun = readFacts(store, runId)
    reading.set(runId, begun)
    const isOld = () =>
      setTimeout(() => {
        if (reading.get(runId) === begun) reading.delete(runId)
      }, sharedMs).unref()
    begun.then(isOld, isOld)
    return begun
  }
  return { read, changed: runId => void reading.delete(runId) }
}

async function readFacts(store: PageStore, runId: string): Promise<PageFacts | undefined> {
  // First, so that whatever changes while the rest is read makes another version.
  const [current] = await store.versionsOf([runId])
  const run = current && (await store.run(runId))
  if (!run) return undefined
  const [{ now, attempts }, usage, diffs, events, gates, wait] = await Promise.all([
    store.attemptsOf(runId),
    store.usageOf(runId),
    store.diffsOf(runId),
    store.timeline(runId),
    store.closedGates(),
    run.state === 'ended' ? undefined : store.waitOf(runId),
  ])
  return { run, now, version: current.version, attempts, usage, diffs, events, gates, wait }
}
