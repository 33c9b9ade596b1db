import type { FlowNode } from '@code-agent/jobs/flows'
import type { FlowJob, FlowJobNode, JobsOptions } from 'bullmq'
import { BACKOFF_TYPE } from './backoff.ts'

export type JobSettings = {
  /** How often a step is tried before it fails for good. */
  attempts: number
  /** First retry after about this long; doubles up to 60 times it. */
  backoffMs: number
  keepCompletedSeconds: number
  keepFailedSeconds: number
}

/** Eight attempts are about two minutes. What needs a result later has it in Postgres, so Redis forgets soon. */
export const defaultJobSettings: JobSettings = {
  attempts: 8,
  backoffMs: 1_000,
  keepCompletedSeconds: 3_600,
  keepFailedSeconds: 86_400,
}

/** `traceContext`: W3C traceparent of whoever adds it, which every job of the flow carries. */
export type FlowSettings = JobSettings & { traceContext?: string | undefined }

/** A flow of ours as BullMQ takes it. Throws on a child without `onFailure`, and on a root with one. */
export function flowJob(root: FlowNode, settings: FlowSettings): FlowJob {
  if (root.onFailure) throw new Error(`Root ${root.id} has no parent, so it cannot have onFailure ${root.onFailure}`)
  return {
    ...jobBase(root),
    opts: jobOptions(root, settings),
    children: root.children.map(child => childJob(child, settings)),
  }
}

function childJob(node: FlowNode, settings: FlowSettings): FlowJobNode {
  if (!node.onFailure)
    throw new Error(`Child ${node.id} without onFailure: its parent would wait for ever if it failed`)
  const onFailure =
    node.onFailure === 'fail-parent' ? { failParentOnFailure: true } : { ignoreDependencyOnFailure: true }
  return {
    ...jobBase(node),
    opts: { ...jobOptions(node, settings), ...onFailure },
    children: node.children.map(child => childJob(child, settings)),
  }
}

function jobBase(node: FlowNode) {
  return { name: node.name, queueName: node.queue, data: node.data }
}

// BullMQ does not hand options down a flow, so every node carries them.
function jobOptions(node: FlowNode, settings: FlowSettings): Omit<JobsOptions, 'deduplication'> {
  return {
    jobId: node.id,
    attempts: settings.attempts,
    backoff: { type: BACKOFF_TYPE, delay: settings.backoffMs },
    removeOnComplete: { age: settings.keepCompletedSeconds },
    removeOnFail: { age: settings.keepFailedSeconds },
    stackTraceLimit: 1,
    // Where BullMQ's own telemetry would put it.
    ...(settings.traceContext === undefined ? {} : { telemetry: { metadata: settings.traceContext } }),
    ...queuePosition(node.priority),
  }
}

// Jobs without a priority already come before all that have one; the head of the queue is before those.
function queuePosition(priority: number | undefined): { lifo?: boolean; priority?: number } {
  if (priority === undefined) return {}
  return priority === 0 ? { lifo: true } : { priority }
}
