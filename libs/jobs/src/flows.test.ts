import { expect, test } from 'vitest'
import { admissionFlow, closingFlow, type FlowNode, refusalFlow, taskJob, variantsFlow } from './flows.ts'
import { steps } from './steps.ts'

const run = { runId: '0b6f6f0e-3a4b-4a52-9a0e-0d5a1b0b7c11', generation: 3 }

function all(node: FlowNode): FlowNode[] {
  return [node, ...node.children.flatMap(all)]
}

function drawn(node: FlowNode, depth = 0): string {
  const variant = 'variant' in node.data && node.data.variant ? ` ${node.data.variant}` : ''
  const arrow = node.onFailure === 'fail-parent' ? '!' : node.onFailure === 'parent-goes-on' ? '~' : ''
  return [
    `${'  '.repeat(depth)}${arrow}${node.name}${variant}`,
    ...node.children.map(child => drawn(child, depth + 1)),
  ].join('\n')
}

test('admission is planned once it was admitted', () => {
  expect(drawn(admissionFlow(run))).toBe('plan-run\n  !admit-run')
})

test('the variants flow looks like the picture', () => {
  expect(drawn(variantsFlow(run, { chains: [1, 2], announcements: [] }))).toBe(
    [
      'publish-overview',
      '  ~conclude-run',
      ...[1, 2].flatMap(v => [
        `    ~announce-variant ${v}`,
        `      ~open-draft-pr ${v}`,
        `        !commit-patch ${v}`,
        `          !write-patch ${v}`,
        `            !reserve-branch ${v}`,
      ]),
    ].join('\n'),
  )
})

test('a running run that lost its flow gets chains for what has no outcome and announcements for what nobody was told', () => {
  const flow = variantsFlow(run, { chains: [2], announcements: [1] })
  expect(
    drawn(flow)
      .split('\n')
      .filter(line => line.includes('announce-variant')),
  ).toHaveLength(2)
  expect(all(flow).filter(node => node.name === 'write-patch')).toHaveLength(1)
})

test('a closing flow announces, concludes and publishes; a refusal publishes alone', () => {
  expect(drawn(closingFlow(run, [2]))).toBe('publish-overview\n  ~conclude-run\n    ~announce-variant 2')
  expect(drawn(refusalFlow(run))).toBe('publish-overview')
})

test('every child says what its failure does to its parent, no two jobs share an id, and each stands in its step’s queue', () => {
  for (const flow of [
    admissionFlow(run),
    variantsFlow(run, { chains: [1, 2, 3], announcements: [4] }),
    closingFlow(run, [1]),
  ]) {
    const [root, ...rest] = all(flow)
    expect(root?.onFailure).toBeUndefined()
    expect(rest.every(node => node.onFailure !== undefined)).toBe(true)
    expect(new Set(all(flow).map(node => node.id)).size).toBe(all(flow).length)
    for (const node of all(flow)) {
      if (node.name in steps) expect(node.queue).toBe(steps[node.name as keyof typeof steps].queue)
      expect(node.id).not.toContain(':')
    }
  }
})

test('a newer generation never meets the ids of an older one', () => {
  const ids = (generation: number) =>
    all(variantsFlow({ ...run, generation }, { chains: [1], announcements: [] })).map(node => node.id)
  expect(ids(4).filter(id => ids(3).includes(id))).toEqual([])
})

test('answers to people go ahead of other tasks', () => {
  const task = { taskId: run.runId, generation: 1 }
  expect(taskJob('answer-comment', task).priority).toBeLessThan(taskJob('poll-comments', task).priority ?? 0)
})
