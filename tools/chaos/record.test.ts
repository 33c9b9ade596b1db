import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { classRecords, recordOf, summaryOf, type Trial, type TrialRecord } from './record.ts'
import { appendRecord, readRecords, tableOf } from './record-file.ts'

function record(changes: Partial<TrialRecord> = {}): TrialRecord {
  return {
    ...{ seed: 1, revision: 'abc', pace: 'fast', redis: 'pair', acked: 3, variants: 5, draftless: 0, usualMs: 900 },
    violations: [],
    faults: [{ name: 'redis-flush', grossMs: 4_000 }],
    cancelsMs: [],
    ...changes,
  }
}

const lost = { invariant: 'I1 lost', intent: 'red', says: 'nobody knows of it' }

test('two series in two files make one record', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-record-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [one, other] = [join(folder, 'one.jsonl'), join(folder, 'other.jsonl')]
  appendRecord(one, record())
  appendRecord(one, record({ seed: 2, faults: [{ name: 'redis-flush', grossMs: 8_000 }], violations: [lost] }))
  appendRecord(other, record({ seed: 9, redis: 'sentinel' }))
  const records = readRecords([one, other])
  expect(records.map(({ seed }) => seed)).toEqual([1, 2, 9])
  expect(summaryOf(records)).toMatchObject({ acked: 9, lost: 1, duplicated: 0, stuck: 0, other: 0 })
  const table = tableOf(records)
  expect(table).toContain('3 schedules, 9 requests acknowledged: 1 lost, 0 doubled, 0 stuck')
  expect(table).toContain('| redis-flush | 2 of 3 | 4.0 s | 8.0 s | – | – |')
  expect(table).toContain('abc (fast, pair); abc (fast, sentinel)')
})

test('a file that is no record is refused, with the line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-record-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'broken.jsonl')
  appendRecord(file, record())
  appendRecord(file, { ...record(), seed: Number.NaN })
  expect(() => readRecords([file])).toThrow('line 2')
})

test('recovery is told in all, and less what the same request takes undisturbed', () => {
  const run = (endedAt: number) => ({ created_at: 1_000, ended_at: endedAt, variants: [], worked_until: null })
  const disturbed = trialOf([run(9_000), run(3_000)])
  const undisturbed = trialOf([run(2_500), run(2_000)])
  const { faults } = recordOf(disturbed, { revision: 'abc', pace: 'fast', redis: 'pair', usualMs: 1 }, undisturbed)
  // Struck at 2,000: the last run ended 7,000 later, and took 6,500 longer than it does.
  expect(faults).toEqual([{ name: 'redis-flush', grossMs: 7_000, netMs: 6_500 }])
  expect(classRecords([record({ faults })])).toMatchObject([{ gross: { p95Ms: 7_000 }, net: { p95Ms: 6_500 } }])
})

function trialOf(runs: object[]): Trial {
  const asked = {
    pullRequestId: 1,
    threadId: 1,
    commentId: 1,
    variants: 1,
    intent: 'red',
    at: 900,
    cancelledAt: undefined,
  }
  const facts = { ...{ id: 'r', state: 'ended', outcome: 'done', reason: null, slug: null, user_segment: null } }
  const rest = {
    events: [],
    answers: [],
    trail: [],
    cancelled_at: null,
    late_work: [],
    variants: [],
    worked_until: null,
  }
  return {
    played: {
      ...{ seed: 1, beganAt: 0, ledgerFrom: 0, asked: [], unexplained: [], unfinished: false },
      struck: [{ fault: { kind: 'redis-flush' }, at: 2_000, struckAt: 2_000 }],
    },
    evidence: runs.map(run => ({
      ...{ asked, acked: true, topics: [], effects: [], drafts: [], branches: [], calls: [] },
      runs: [{ created_at: 0, ended_at: null, ...facts, ...rest, ...run }],
    })),
    violations: [],
  }
}
