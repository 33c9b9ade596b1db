import {
  type JobName,
  type QueueName,
  type RunJob,
  type StepName,
  stepJobId,
  steps,
  type TaskJob,
  type TaskKind,
  taskJobId,
} from './steps.ts'

/** What the parent does when this job has failed for good. A child without one would leave its parent waiting for ever. */
export type OnFailure = 'fail-parent' | 'parent-goes-on'

/** A flow as data: libs/queue turns it into BullMQ jobs. A root has no `onFailure`, every child has exactly one. */
export type FlowNode = {
  queue: QueueName
  name: JobName
  id: string
  data: RunJob | TaskJob
  /** 0 is ahead of everything with a priority. */
  priority?: number
  onFailure?: OnFailure
  children: FlowNode[]
}

type Run = { runId: string; generation: number }

/** accepted: admit, then plan. */
export function admissionFlow(run: Run): FlowNode {
  return step('plan-run', run, [failing(step('admit-run', run))])
}

/**
 * ready (or running again after a loss): the picture of ARCHITECTURE.md, read from the bottom up.
 * @param chains variants without an outcome: the whole chain
 * @param announcements variants that have an outcome nobody was told of yet
 */
export function variantsFlow(run: Run, variants: { chains: number[]; announcements: number[] }): FlowNode {
  const announced = [
    ...variants.chains.map(variant =>
      step('announce-variant', { ...run, variant }, [variantChain({ ...run, variant })]),
    ),
    ...variants.announcements.map(variant => step('announce-variant', { ...run, variant })),
  ]
  return step('publish-overview', run, [goingOn(step('conclude-run', run, announced.map(goingOn)))])
}

function variantChain(variant: Run & { variant: number }): FlowNode {
  return goingOn(
    step('open-draft-pr', variant, [
      failing(
        step('commit-patch', variant, [
          failing(step('write-patch', variant, [failing(step('reserve-branch', variant))])),
        ]),
      ),
    ]),
  )
}

/** ending, after a cancel, a deadline or a failed admission: say what became of the run. */
export function closingFlow(run: Run, unannounced: number[]): FlowNode {
  const announced = unannounced.map(variant => goingOn(step('announce-variant', { ...run, variant })))
  return step('publish-overview', run, [goingOn(step('conclude-run', run, announced))])
}

/** ending, refused: nothing was begun, so publish-overview alone says why. */
export function refusalFlow(run: Run): FlowNode {
  return step('publish-overview', run, [])
}

/** A task is one job; answers to people go ahead of everything. */
export function taskJob(kind: TaskKind, task: TaskJob): FlowNode {
  const priority = kind === 'answer-comment' || kind === 'show-wait' ? 0 : 10
  return { queue: 'ado', name: kind, id: taskJobId(kind, task), data: task, priority, children: [] }
}

function step(name: StepName, run: RunJob, children: FlowNode[] = []): FlowNode {
  return { queue: steps[name].queue, name, id: stepJobId(name, run), data: run, children }
}

function failing(node: FlowNode): FlowNode {
  return { ...node, onFailure: 'fail-parent' }
}

function goingOn(node: FlowNode): FlowNode {
  return { ...node, onFailure: 'parent-goes-on' }
}
