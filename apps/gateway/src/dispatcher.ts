import type { FlowNode } from '@code-agent/jobs/flows'
import { admissionFlow, closingFlow, refusalFlow, taskJob, variantsFlow } from '@code-agent/jobs/flows'
import type { Producer } from '@code-agent/queue/producer'
import type { Log } from '@code-agent/service/log'
import type { Dispatch, DispatchPart } from '@code-agent/store/dispatch'
import type { Listen } from '@code-agent/store/listen'

export type Windows = { admissions: number; running: number; perRepository: number }

/**
 * Adds the flow that a run's state is due for. The row is marked dispatched and committed first, then added once:
 * an add that may or may not have arrived is left to the sweeper, since adding the same ids again can hang a parent
 * for ever (bullmq.md §0).
 */
export async function startDispatcher(ports: {
  store: DispatchPart & Listen
  producer: Pick<Producer, 'addFlow' | 'isReady'>
  windows: Windows
  log: Log
  /** Fallback when a notification was lost. */
  everyMs?: number
  /** For trials of recovery: told before and after each add. */
  crash?: ((place: string) => void) | undefined
}): Promise<{ stop(): Promise<void> }> {
  const { store, producer, windows, log, crash } = ports
  let wanted = true
  let stopped = false
  let wake: () => void = () => {}

  const listener = await store.listenForWork(() => {
    wanted = true
    wake()
  })

  async function dispatchAll(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false
      if (!producer.isReady()) return
      const due = await store.dispatchNext({ ...windows, limit: 50 })
      for (const dispatch of due) await add(dispatch)
      if (due.length > 0) wanted = true
    }
  }

  async function add(dispatch: Dispatch): Promise<void> {
    try {
      crash?.(`dispatch-${dispatch.kind}:before-add`)
      await producer.addFlow(flowOf(dispatch))
      crash?.(`dispatch-${dispatch.kind}:after-add`)
      log.info({ ...dispatch }, 'dispatched')
    } catch (error) {
      log.warn({ err: error, ...dispatch }, 'a flow may not have reached Redis; the sweeper will see to it')
    }
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      await dispatchAll().catch(error => log.warn({ err: error }, 'dispatching failed; will try again'))
      await new Promise<void>(resolve => {
        wake = resolve
        setTimeout(resolve, ports.everyMs ?? 1_000).unref()
        if (wanted && producer.isReady() && !stopped) setTimeout(resolve, 50).unref()
      })
      wanted = true
    }
  }

  const running = loop()
  return {
    async stop() {
      stopped = true
      wake()
      await listener.stop()
      await running
    },
  }
}

/** The picture of ARCHITECTURE.md, row by row. */
export function flowOf(dispatch: Dispatch): FlowNode {
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
