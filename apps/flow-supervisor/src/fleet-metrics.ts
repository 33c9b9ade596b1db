import { type RunState, runStates } from '@code-agent/jobs/run'
import { queues } from '@code-agent/jobs/steps'
import type { Producer } from '@code-agent/queue/producer'
import type { Metrics } from '@code-agent/service/metrics'
import type { Gates } from '@code-agent/store/gates'
import type { OverdueRuns } from '@code-agent/store/overdue-runs'
import type { Read } from '@code-agent/store/read'
import { gateParties, gatesOf, queueLoad } from './queue-load.ts'

/** Shorter than any scrape interval. */
const askAgainMs = 500

const openStates = runStates.filter(state => state !== 'ended')

type Ports = { store: Pick<Read, 'runCounts'> & OverdueRuns & Gates; producer: Pick<Producer, 'figures'> }
type Checks = { wrong(): Readonly<Record<string, number>> }

/** What Redis and Postgres say at each scrape; every supervisor says the same, so take the maximum over them. */
export function fleetMetrics(metrics: Metrics, { store, producer, checks }: Ports & { checks?: Checks }): void {
  queueMetrics(metrics, { store, producer })
  metrics.gauge({
    name: 'code_agent_wrong_settings',
    help: 'Settings of a server that are not as they should be, as found at the start; the log says which, and the remedy',
    labels: ['server'],
    read: async gauge => {
      for (const [server, count] of Object.entries(checks?.wrong() ?? {})) gauge.set({ server }, count)
    },
  })
  const counts = sharedFor(askAgainMs, () => store.runCounts())
  metrics.gauge({
    name: 'code_agent_run_oldest_seconds',
    help: 'Age of the oldest run of a state, since its acceptance; 0 if there is none',
    labels: ['state'],
    read: async gauge => {
      for (const state of openStates) gauge.set({ state }, rowOf(await counts(), state)?.oldestSeconds ?? 0)
    },
  })
  metrics.gauge({
    name: 'code_agent_runs',
    help: 'Runs that have not ended, by state',
    labels: ['state'],
    read: async gauge => {
      for (const state of openStates) gauge.set({ state }, Number(rowOf(await counts(), state)?.count ?? 0))
    },
  })
  metrics.gauge({
    name: 'code_agent_runs_overdue',
    help: 'Runs past their deadline, or past the time their closing flow takes, that nobody ended',
    read: async gauge => gauge.set(await store.overdueRuns()),
  })
  metrics.gauge({
    name: 'code_agent_gate_closed_seconds',
    help: 'How long the gates of a party stay closed from now on; 0 if all are open',
    labels: ['party'],
    read: async gauge => {
      const closed = await store.closedGates()
      for (const party of gateParties) {
        const until = Math.max(0, ...gatesOf(party, closed).map(gate => gate.until.getTime() - Date.now()))
        gauge.set({ party }, until / 1_000)
      }
    },
  })
}

type RunCount = Awaited<ReturnType<Read['runCounts']>>[number]

function rowOf(counts: RunCount[], state: RunState): RunCount | undefined {
  return counts.find(row => row.state === state)
}

function queueMetrics(metrics: Metrics, { store, producer }: Ports): void {
  const snapshot = sharedFor(askAgainMs, () =>
    Promise.all(queues.map(async queue => ({ queue, figures: await producer.figures(queue) }))),
  )
  metrics.gauge({
    name: 'code_agent_queue_load',
    help: 'Jobs that more workers would help: waiting, in hand, delayed and due, less what is held',
    labels: ['queue'],
    read: async gauge => {
      const closed = await store.closedGates()
      for (const { queue, figures } of await snapshot()) gauge.set({ queue }, queueLoad(queue, figures, closed))
    },
  })
  metrics.gauge({
    name: 'code_agent_queue_jobs',
    help: 'Jobs by queue and state',
    labels: ['queue', 'state'],
    read: async gauge => {
      for (const { queue, figures } of await snapshot())
        for (const [state, count] of Object.entries(figures.counts)) gauge.set({ queue, state }, count)
    },
  })
  metrics.gauge({
    name: 'code_agent_queue_oldest_seconds',
    help: 'Seconds since the oldest job of a state was added, of an active one since it was begun; 0 if there is none',
    labels: ['queue', 'state'],
    read: async gauge => {
      for (const { queue, figures } of await snapshot())
        for (const [state, seconds] of Object.entries(figures.oldestSeconds)) gauge.set({ queue, state }, seconds)
    },
  })
  metrics.gauge({
    name: 'code_agent_queue_finished',
    help: 'Jobs that BullMQ has seen finish since Redis has the queue',
    labels: ['queue', 'result'],
    read: async gauge => {
      for (const { queue, figures } of await snapshot())
        for (const [result, count] of Object.entries(figures.finished)) gauge.set({ queue, result }, count)
    },
  })
}

/** One answer for all who ask at nearly the same time, as the gauges of one scrape do. */
function sharedFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let asked: { at: number; answer: Promise<T> } | undefined
  return () => {
    if (asked === undefined || performance.now() - asked.at > ms) asked = { at: performance.now(), answer: ask() }
    return asked.answer
  }
}
