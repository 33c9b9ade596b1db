import { admissionFlow, type FlowNode, taskJob, variantsFlow } from '@code-agent/jobs/flows'
import { expect, test } from 'vitest'
import { defaultJobSettings, flowJob } from './flow-job.ts'

const run = { runId: '6f4dd5a3-62c5-4d2e-9f1e-0123456789ab', generation: 1 }
const flow = (node: FlowNode) => flowJob(node, defaultJobSettings)

type Node = { name: string; opts?: object; children?: Node[] }
const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)]

test('every node carries its own attempts, backoff and retention, because BullMQ does not hand them down', () => {
  const nodes = all(flow(variantsFlow(run, { chains: [1, 2], announcements: [3] })))
  expect(nodes).toHaveLength(2 + 2 * 5 + 1)
  for (const node of nodes) {
    expect(node.opts).toMatchObject({
      attempts: 8,
      backoff: { type: 'capped', delay: 1_000 },
      removeOnComplete: { age: 3_600 },
      removeOnFail: { age: 86_400 },
    })
  }
})

test('every child says exactly one thing about its failure and the root says none', () => {
  const [root, ...children] = all(flow(variantsFlow(run, { chains: [1], announcements: [] })))
  const said = (node: Node | undefined) => Object.keys(node?.opts ?? {}).filter(key => key.endsWith('OnFailure'))
  expect(said(root)).toEqual([])
  for (const child of children) expect(said(child)).toHaveLength(1)
  expect(said(all(flow(admissionFlow(run)))[1])).toEqual(['failParentOnFailure'])
})

test('a child without onFailure is refused before anything is added', () => {
  const orphan = { ...admissionFlow(run), children: [taskJob('show-wait', { taskId: run.runId, generation: 1 })] }
  expect(() => flow(orphan)).toThrow(/without onFailure/)
})

test('a root with onFailure is refused', () => {
  expect(() => flow({ ...admissionFlow(run), onFailure: 'fail-parent' })).toThrow(/has no parent/)
})

test('answers to people go to the head of the queue, other tasks behind the steps', () => {
  const task = { taskId: run.runId, generation: 1 }
  expect(flow(taskJob('answer-comment', task)).opts).toMatchObject({ lifo: true })
  expect(flow(taskJob('answer-comment', task)).opts).not.toHaveProperty('priority')
  expect(flow(taskJob('poll-comments', task)).opts).toMatchObject({ priority: 10 })
})
