import { randomUUID } from 'node:crypto'
import { admissionFlow, type FlowNode, variantsFlow } from '@code-agent/jobs/flows'
import { queues } from '@code-agent/jobs/steps'
import { type FlowJob, FlowProducer, Worker } from 'bullmq'

/** The same trees on bare BullMQ, with steps that do nothing and nobody who remembers: the most that the queue can give. */
export async function startRawBullmq(of: { redisUrl: string }) {
  const prefix = `{raw-${randomUUID().slice(0, 8)}}`
  const connection = { url: of.redisUrl, maxRetriesPerRequest: null }
  const producer = new FlowProducer({ connection, prefix })
  let ended = 0
  const workers = queues.map(
    name =>
      new Worker(
        name,
        async job => {
          if (job.name === 'publish-overview') ended += 1
          return { outcome: 'done' }
        },
        { connection, prefix, concurrency: 50 },
      ),
  )
  await Promise.all(workers.map(worker => worker.waitUntilReady()))
  return {
    prefix,
    /** Runs `count` runs, at most `inFlight` at once. */
    async finish(count: number, variants: number, inFlight: number): Promise<void> {
      const target = ended + count
      let begun = 0
      const chains = Array.from({ length: variants }, (_, n) => n + 1)
      while (ended < target) {
        while (begun < count && begun - (ended - (target - count)) < inFlight) {
          begun += 1
          const run = { runId: randomUUID(), generation: 1 }
          await producer.add(bare(admissionFlow(run)))
          await producer.add(bare(variantsFlow({ ...run, generation: 2 }, { chains, announcements: [] })))
        }
        await new Promise(resolve => setTimeout(resolve, 2))
      }
    },
    async stop() {
      await Promise.all(workers.map(worker => worker.close()))
      await producer.close()
    },
  }
}

function bare(node: FlowNode): FlowJob {
  const onFailure =
    node.onFailure === 'fail-parent'
      ? { failParentOnFailure: true }
      : node.onFailure
        ? { ignoreDependencyOnFailure: true }
        : {}
  return {
    name: node.name,
    queueName: node.queue,
    data: node.data,
    opts: { jobId: node.id, ...onFailure },
    children: node.children.map(bare),
  }
}
