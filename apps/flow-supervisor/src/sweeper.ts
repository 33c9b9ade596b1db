import { stepJobId, taskJobId } from '@code-agent/jobs/steps'
import type { Producer, RootState } from '@code-agent/queue/producer'
import type { Log } from '@code-agent/service/log'
import type { Recurring } from '@code-agent/store/recurring'
import type { Suspect, Sweep } from '@code-agent/store/sweep'
import type { Tasks } from '@code-agent/store/tasks'
import type { Transitions } from '@code-agent/store/transitions'
import type { Waits } from '@code-agent/store/waits'

export type Swept = { dueAgain: number; pastDeadline: number; stuck: number; polls: number; waits: number }

type Ports = {
  store: Sweep & Transitions & Tasks & Recurring & Waits
  producer: Pick<Producer, 'rootState' | 'isReady'>
  log: Log
  /** How often a run may be begun again in one state. */
  maxGenerations: number
  /** Dispatched longer ago than this, its root is looked for. */
  suspectSeconds: number
  /** No attempt, effect or lease for this long: its root is not believed any more. */
  idleSeconds: number
  /** Commands whose event did not come are looked for this often. */
  pollSeconds: number
  /** Who waits for longer is told so. */
  waitSeconds: number
}

/**
 * Finds work whose flow Redis no longer has, runs past their deadline, and what was begun too often. The clock is the
 * database's, and the timer lives in this process: BullMQ's schedulers die with Redis.
 */
export function sweeper({ store, producer, log, ...limits }: Ports): () => Promise<Swept | undefined> {
  return async () => {
    const result = await store.underSweeperLock(async () => ({
      stuck: await endStuck(),
      pastDeadline: await endLate(),
      dueAgain: producer.isReady() ? await makeDueAgain() : 0,
      polls: await store.pollCommentsDue({ everySeconds: limits.pollSeconds }),
      waits: await store.waitsDue({ seconds: limits.waitSeconds }),
    }))
    return result.swept ? result.result : undefined
  }

  async function endStuck(): Promise<number> {
    const overdone = await store.overGenerations(limits.maxGenerations)
    for (const { scope, generation, state, dispatches } of overdone) {
      log.error({ ...scope, generation, state, dispatches, alarm: 'stuck' }, 'given up: begun too often without an end')
      const reason = `It was begun ${dispatches} times without coming to an end; those who run this service were alarmed.`
      if ('taskId' in scope) await store.failTask({ ...scope, generation, reason })
      else if (state === 'ending') await store.ended({ ...scope, generation, undeliverable: reason })
      else await store.cancel({ ...scope, generation, by: 'sweeper', cause: 'stuck', reason })
    }
    return overdone.length
  }

  async function endLate(): Promise<number> {
    const late = await store.pastDeadline()
    for (const { runId, generation } of late) {
      log.warn({ runId, generation }, 'past its deadline')
      await store.cancel({
        runId,
        generation,
        by: 'sweeper',
        cause: 'deadline',
        reason: 'It took longer than a run may take.',
      })
    }
    return late.length
  }

  async function makeDueAgain(): Promise<number> {
    let count = 0
    for (const suspect of await store.suspects({
      dispatchedBefore: limits.suspectSeconds,
      idleSeconds: limits.idleSeconds,
    })) {
      const root = suspect.reason === 'idle' ? 'idle' : await rootOf(producer, suspect)
      if (root === 'live' || !(await store.dueAgain({ ...suspect.scope, generation: suspect.generation }))) continue
      log.warn(
        { ...suspect.scope, generation: suspect.generation, state: suspect.state, root },
        'due again: its flow is gone or stands still',
      )
      count += 1
    }
    return count
  }
}

function rootOf(producer: Pick<Producer, 'rootState'>, { scope, generation, root }: Suspect): Promise<RootState> {
  if ('taskId' in scope) {
    return root === 'plan-run' || root === 'publish-overview'
      ? Promise.reject(new Error(`a task has no ${root}`))
      : producer.rootState('ado', taskJobId(root, { ...scope, generation }))
  }
  return root === 'plan-run'
    ? producer.rootState('llm', stepJobId(root, { ...scope, generation }))
    : producer.rootState('ado', stepJobId('publish-overview', { ...scope, generation }))
}

/** A timer that never overlaps itself and survives a database that comes and goes. */
export function startSweeping(of: { sweep: () => Promise<unknown>; everyMs: number; log: Log }): {
  stop(): Promise<void>
} {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let running = Promise.resolve()
  const next = () => {
    running = of
      .sweep()
      .then(
        () => {},
        error => of.log.warn({ err: error }, 'sweeping failed; will try again'),
      )
      .finally(() => {
        if (!stopped) timer = setTimeout(next, of.everyMs)
      })
  }
  next()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
