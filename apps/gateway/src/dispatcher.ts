import { setTimeout as delay } from 'node:timers/promises'
import type { FlowNode } from '@code-agent/jobs/flows'
import { admissionFlow, closingFlow, refusalFlow, taskJob, variantsFlow } from '@code-agent/jobs/flows'
import type { Producer } from '@code-agent/queue/producer'
import type { Log } from '@code-agent/service/log'
import type { Dispatch, DispatchPart } from '@code-agent/store/dispatch'
import type { Listen } from '@code-agent/store/listen'
import type { DispatchObserver } from './dispatch-metrics.ts'
import type { DispatchSpans } from './dispatch-spans.ts'
import { wakeableSleep } from './wakeable-sleep.ts'

export type Windows = { admissions: number; running: number; perRepository: number }

export type Dispatcher = {
  /** Something was accepted here: look now. Others' work is told by Postgres, and looked for every second besides. */
  wake(): void
  stop(): Promise<void>
}

type Ports = {
  store: DispatchPart & Pick<Listen, 'listenForWork'>
  producer: Pick<Producer, 'addFlow' | 'isReady'>
  windows: Windows
  log: Log
  /** Fallback when nobody was told. */
  everyMs?: number
  observe?: DispatchObserver
  /** For trials of recovery: told before and after each add. */
  crash?: ((place: string) => void) | undefined
  /** Adds each flow as a span. */
  spans?: DispatchSpans
}

const perLook = 50
/** A flood of commands is looked at twenty times a second, not once each. */
const restMs = 50

/** Adds the flow that a run's state is due for. */
export async function startDispatcher(ports: Ports): Promise<Dispatcher> {
  const { store, producer, windows, log, spans = (_dispatch, begin) => begin(undefined) } = ports
  const sleep = wakeableSleep()
  let stopped = false

  async function look(): Promise<number> {
    if (!producer.isReady()) return 0
    const due = await store.dispatchNext({ ...windows, limit: perLook })
    for (const dispatch of due) await spans(dispatch, context => add(ports, dispatch, context))
    return due.length
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      const found = await look().catch(error => {
        ports.observe?.failed()
        log.warn({ err: error }, 'dispatching failed; will try again')
        return 0
      })
      if (found > 0) continue
      await delay(restMs)
      await sleep.until(ports.everyMs ?? 1_000)
    }
  }

  const listener = await store.listenForWork(sleep.wake)
  const running = loop()
  return {
    wake: sleep.wake,
    async stop() {
      stopped = true
      sleep.wake()
      await listener.stop()
      await running
    },
  }
}

/**
 * The row is marked dispatched and committed first, then added once: an add that may or may not have arrived is left to
 * the sweeper, since adding the same ids again can hang a parent for ever (bullmq.md §0).
 */
async function add(
  { producer, log, crash, observe }: Ports,
  { trace, ...dispatch }: Dispatch,
  context: string | undefined,
): Promise<void> {
  try {
    crash?.(`dispatch-${dispatch.kind}:before-add`)
    await producer.addFlow(flowOf(dispatch), context)
    crash?.(`dispatch-${dispatch.kind}:after-add`)
    observe?.added(dispatch)
    log.info({ ...dispatch }, 'dispatched')
  } catch (error) {
    observe?.uncertain(dispatch)
    log.warn({ err: error, ...dispatch }, 'a flow may not have reached Redis; the sweeper will see to it')
  }
}

/** The picture of ARCHITECTURE.md, row by row. */
function flowOf(dispatch: Dispatch): FlowNode {
  switch (dispatch.kind) {
    case 'admission':
      return admissionFlow(dispatch)
    case 'variants':
      return variantsFlow(run(dispatch), dispatch)
    case 'closing':
      return closingFlow(run(dispatch), dispatch.unannounced)
    case 'refusal':
      return refusalFlow(run(dispatch))
    case 'task':
      return taskJob(dispatch.task, { taskId: dispatch.taskId, generation: dispatch.generation })
  }
}

function run({ runId, generation }: { runId: string; generation: number }) {
  return { runId, generation }
}
