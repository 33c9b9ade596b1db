import type { FlowNode } from '@code-agent/jobs/flows'
import type { QueueName } from '@code-agent/jobs/steps'
import { createRedisBackend, FlowProducer, type RedisQueueBackend } from 'bullmq'
import { connectRedis, type RedisConnection } from './connect.ts'
import { defaultJobSettings, flowJob, type JobSettings } from './flow-job.ts'
import { ensureFlowScripts } from './flow-scripts.ts'
import { type QueueCounts, type QueueFigures, queueCounts, queueFigures } from './queue-figures.ts'

/** `live`: in a queue or waiting for children; `finished`: completed or failed for good. */
export type RootState = 'absent' | 'finished' | 'live'

export type ProducerOptions = {
  redisUrl: string
  /** With hash tag, the same for every queue. */
  prefix: string
  job?: Partial<JobSettings>
  commandTimeoutMs?: number
  onError?: (error: Error) => void
}

export type Producer = {
  /** False while Redis is unreachable: everything below rejects at once then. */
  isReady(): boolean
  /**
   * Adds a flow. When this rejects the flow may be there wholly, partly or not: never add these ids again,
   * leave it to the sweeper, which adds the next generation.
   * @param traceContext W3C traceparent that its jobs carry
   */
  addFlow(node: FlowNode, traceContext?: string): Promise<void>
  rootState(queue: QueueName, jobId: string): Promise<RootState>
  counts(queue: QueueName): Promise<QueueCounts>
  figures(queue: QueueName): Promise<QueueFigures>
  ping(): Promise<void>
  close(): Promise<void>
}

/** Never waits for Redis: it may be down now and come later. */
export function createProducer(options: ProducerOptions): Producer {
  const connection = connectRedis({
    url: options.redisUrl,
    ...(options.commandTimeoutMs === undefined ? {} : { commandTimeoutMs: options.commandTimeoutMs }),
    ...(options.onError ? { onError: options.onError } : {}),
  })
  const settings = { ...defaultJobSettings, ...options.job }
  const flows = new FlowProducer(
    // Its version check is an INFO whose failure BullMQ remembers for ever.
    { connection: connection.client, prefix: options.prefix, skipVersionCheck: true },
    strictBackend(connection),
  )
  flows.on('error', options.onError ?? (() => {}))

  function queue(name: QueueName) {
    if (!connection.isReady()) throw new Error('Redis is not reachable at the moment')
    return flows.getBackend().forQueue(name)
  }

  return {
    isReady: connection.isReady,
    async addFlow(node, traceContext) {
      const job = flowJob(node, { ...settings, traceContext })
      if (!connection.isReady()) throw new Error(`Redis is not reachable at the moment; ${node.id} was not added`)
      try {
        await flows.add(job)
      } catch (error) {
        throw new Error(`Uncertain whether flow ${node.id} was added`, { cause: error })
      }
    },
    async rootState(name, jobId) {
      const state = await queue(name).getState(jobId)
      if (state === 'unknown') return 'absent'
      return state === 'completed' || state === 'failed' ? 'finished' : 'live'
    },
    counts: async name => await queueCounts(queue(name)),
    figures: async name => await queueFigures(queue(name)),
    ping: () => connection.ping(),
    async close() {
      await flows.close()
      connection.close()
    },
  }
}

/**
 * BullMQ looks at the root's reply only. A child that was not stored would leave the flow hanging, so every reply counts.
 * NOSCRIPT (a SCRIPT FLUSH at just this moment) stays for ever on this connection, unless it is made anew.
 */
function strictBackend(connection: RedisConnection): typeof createRedisBackend {
  return (name, options, extra) => {
    const backend: RedisQueueBackend = createRedisBackend(name, options, extra)
    const addFlow = backend.addFlow.bind(backend)
    backend.addFlow = async entries => {
      try {
        await ensureFlowScripts(connection.client)
        const replies = await addFlow(entries)
        for (const [error, id] of replies) {
          if (error) throw error
          if (typeof id !== 'string') throw new Error(`BullMQ refused a job of the flow with code ${id}`)
        }
        return replies
      } catch (error) {
        if (error instanceof Error && error.message.includes('NOSCRIPT')) connection.client.disconnect(true)
        throw error
      }
    }
    return backend
  }
}
