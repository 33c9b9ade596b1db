import { expect, test } from 'vitest'
import type { Evidence, RunFacts } from './evidence.ts'
import { violationsOf } from './invariants.ts'

const branch = 'users/alice/red/v1'

function run(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    id: 'r',
    state: 'ended',
    outcome: 'done',
    reason: null,
    slug: 'red',
    user_segment: 'alice',
    created_at: 1_000,
    ended_at: 9_000,
    variants: [{ index: 1, outcome: 'done', reason: null, branch, pull_request_id: 7 }],
    events: ['accepted', 'dispatched', 'admit', 'planned', 'dispatched', 'conclude', 'ended'].map((kind, index) => ({
      kind,
      generation: index,
      state: null,
    })),
    answers: [{ variant: 1, at: 3_000 }],
    trail: [],
    cancelled_at: null,
    late_work: [],
    worked_until: 7_000,
    ...changes,
  }
}

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    asked: { pullRequestId: 1, threadId: 1, commentId: 1, variants: 1, intent: 'red', at: 900, cancelledAt: undefined },
    acked: true,
    runs: [run()],
    topics: ['start', 'v1', 'overview'],
    effects: [
      { at: 1_500, kind: 'status-posted', what: 'pending' },
      { at: 4_000, kind: 'branch-created', what: branch },
      { at: 4_000, kind: 'commit-pushed', what: branch },
      { at: 8_000, kind: 'status-posted', what: 'succeeded' },
    ],
    drafts: [{ pullRequestId: 7, branch }],
    branches: [branch],
    calls: [{ variant: 1, at: 2_000, complete: true }],
    ...changes,
  }
}

const invariants = (of: Evidence) => violationsOf(of).map(({ invariant }) => invariant)

test('what went well violates nothing', () => {
  expect(violationsOf(evidence())).toEqual([])
})

test.for<[string, Evidence, string]>([
  ['an acknowledged request nobody knows of', evidence({ runs: [] }), 'I1 lost'],
  ['a missing overview', evidence({ topics: ['start', 'v1'] }), 'I1 lost'],
  ['a variant nobody was told of', evidence({ topics: ['start', 'overview'] }), 'I1 lost'],
  ['a run that does not end', evidence({ runs: [run({ state: 'running', ended_at: null })] }), 'I1 stuck'],
  ['a second run', evidence({ runs: [run(), run()] }), 'I8 duplicated'],
  ['a doubled comment', evidence({ topics: ['start', 'v1', 'v1', 'overview'] }), 'I8 duplicated'],
  ['a second draft', evidence({ drafts: [...evidence().drafts, { pullRequestId: 8, branch }] }), 'I8 duplicated'],
  [
    'a doubled commit',
    evidence({ effects: [...evidence().effects, { at: 5_000, kind: 'commit-pushed', what: branch }] }),
    'I8 duplicated',
  ],
  ['an answer bought again', evidence({ calls: [{ variant: 1, at: 4_000, complete: true }] }), 'I8 duplicated'],
  ['a draft that does not stand', evidence({ drafts: [] }), 'I2'],
  ['a branch that is gone', evidence({ branches: [] }), 'I2'],
  ['a status that stays pending', evidence({ effects: evidence().effects.slice(0, 3) }), 'I4'],
  [
    'a word after the end',
    evidence({ effects: [...evidence().effects, { at: 9_900, kind: 'comment-created', what: 'comment 9' }] }),
    'I5',
  ],
  ['work that begins after a cancellation', evidence({ runs: [run({ late_work: ['commit-patch'] })] }), 'I5'],
  ['a cancellation nobody asked for', evidence({ runs: [run({ outcome: 'cancelled' })] }), 'I7'],
  [
    'a /cancel without an answer',
    evidence({ asked: { ...evidence().asked, cancelledAt: 2_000 }, runs: [run({ cancelled_at: 2_100 })] }),
    'I1 lost',
  ],
  ['an audit that goes on after the end', evidence({ runs: [run({ events: run().events.toReversed() })] }), 'I7'],
])('%s is seen', ([, of, invariant]) => {
  expect(invariants(of)).toContain(invariant)
})
