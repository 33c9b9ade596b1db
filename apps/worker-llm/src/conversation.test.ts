import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type TestWorld, testWorld } from './test-world.ts'

/** Every way a variant's conversation may end, with what the model says scripted. */

// git over HTTP, Postgres and models for every case: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 })

let world: TestWorld
beforeAll(async () => {
  const long = Array.from({ length: 500 }, (_, line) => `line ${line}\n`).join('')
  world = await testWorld({
    files: { 'a.txt': 'one\nOld\nthree\n', 'b.txt': 'x\ny\nz\ny\nz\nlast\n', 'long.txt': long, '.env': 'A=1\n' },
  })
})
afterAll(() => world.stop())
beforeEach(() => world.model.setScript({ replies: [] }))

type Replies = Parameters<TestWorld['model']['setScript']>[0]['replies']

async function variantWith(replies: Replies, options: Parameters<TestWorld['write']>[1] = {}) {
  const runId = await world.admitted()
  world.model.setScript({ replies })
  const run = await world.write(runId, options)
  const calls = world.model.calls().filter(call => call.runId === runId)
  const patch = await world.database.store.patch({ runId, variant: 1 })
  return { reason: run.variants[0]?.reason ?? null, calls, patch, runId }
}

const diff = (old: string, fresh: string, path = 'a.txt') =>
  `Does it.\n\n\`\`\`diff\n--- a/${path}\n+++ b/${path}\n@@ @@\n one\n-${old}\n+${fresh}\n three\n\`\`\`\n`
const good = diff('Old', 'New')
const bad = diff('Odl', 'New')

/** The user's texts of the last call, as the model read them. */
function lastUserText(calls: { body: unknown }[]): string {
  return JSON.stringify(calls.at(-1)?.body)
}

test('an edit that lands at once costs one call', async () => {
  const { patch, calls, reason } = await variantWith([{ text: good }])
  expect(patch).toMatchObject({
    changes: [{ path: 'a.txt', kind: 'edit', content: 'one\nNew\nthree\n' }],
    summary: 'Does it.',
  })
  expect([calls.length, reason]).toEqual([1, null])
})

/** The last turn of the last call, as plain text. */
function lastTurn(calls: { body: unknown }[]): string {
  const body = calls.at(-1)?.body as { messages: { content: { text?: string }[] }[] } | undefined
  return body?.messages.at(-1)?.content.at(-1)?.text ?? ''
}

test('a refused edit goes back in its conversation, with what was quoted and what really stands there', async () => {
  const { patch, calls } = await variantWith([{ text: bad }, { text: good }])
  expect(patch?.changes[0]?.content).toBe('one\nNew\nthree\n')
  expect(calls).toHaveLength(2)
  expect(lastUserText(calls)).toContain('-Odl')
  const report = lastTurn(calls)
  expect(report).toMatch(/<report boundary="\w+">\nNothing of your edit was applied\.\n\na\.txt, hunk 1: not-found\./)
  expect(report).toMatch(/You quoted:\n {4}\| one\n {4}\| Odl\n {4}\| three\nNowhere in the file:\n {4}\| Odl\n/)
  expect(report).toMatch(/The most similar place really reads:\n +1 \| one\n +2 \| Old\n +3 \| three\n/)
})

test('of several hunks only the refused one need be sent again, with all places it might have meant', async () => {
  const hunks = (third: string) => [
    '--- a/a.txt\n+++ b/a.txt\n@@ @@\n one\n-Old\n+New\n',
    `--- a/b.txt\n+++ b/b.txt\n@@ @@\n-x\n+X\n y\n${third}`,
  ]
  const first = `Does it.\n\n\`\`\`diff\n${hunks('@@ @@\n-z\n+Z\n').join('')}\`\`\`\n`
  const { patch, calls } = await variantWith([
    { text: first },
    { text: 'Now so.\n\n```diff\n--- a/b.txt\n+++ b/b.txt\n@@ @@\n-z\n+Z\n last\n```\n' },
  ])
  const report = lastTurn(calls)
  expect(report).toContain('b.txt, hunk 2: ambiguous.')
  expect(report).toContain('Candidate places start at line 3, 5.')
  expect(report).toMatch(/are kept; .*\n<kept [^>]*>\n[\s\S]*-Old\n\+New\n[\s\S]*-x\n\+X\n[\s\S]*<\/kept/)
  expect(report).toContain('Send only the others again')
  expect(patch?.changes.map(({ path, content }) => [path, content]).toSorted()).toEqual([
    ['a.txt', 'one\nNew\nthree\n'],
    ['b.txt', 'X\ny\nz\ny\nZ\nlast\n'],
  ])
  expect(patch?.stats).toEqual({ files: 2, additions: 3, deletions: 3 })
})

test('a small file that comes whole in the end does not take back what was fine in others', async () => {
  const text =
    '```diff\n--- a/b.txt\n+++ b/b.txt\n@@ @@\n-last\n+end\n--- a/a.txt\n+++ b/a.txt\n@@ @@\n-Odl\n+New\n```\n'
  const whole = 'Whole.\n\na.txt\n```\none\nNew\nthree\n```\n'
  const { patch, calls } = await variantWith([{ text }, { text: bad }, { text: bad }, { text: whole }])
  expect(lastTurn(calls)).toMatch(
    /<kept [\s\S]*\+end\n[\s\S]*complete new content of these files[\s\S]*\na\.txt\n<\/paths/,
  )
  expect(patch?.changes.map(({ path }) => path).toSorted()).toEqual(['a.txt', 'b.txt'])
})

test('after two repairs a small file may come whole', async () => {
  const whole = 'Whole.\n\na.txt\n```\none\nNew\nthree\n```\n'
  const { patch, calls } = await variantWith([{ text: bad }, { text: bad }, { text: bad }, { text: whole }])
  expect(patch?.changes[0]?.content).toBe('one\nNew\nthree\n')
  expect(calls).toHaveLength(4)
})

test('after that nothing is asked any more, and the reason names file and line', async () => {
  const { patch, calls, reason } = await variantWith([{ text: bad, repeat: true }])
  expect([patch, calls.length]).toEqual([undefined, 4])
  expect(reason).toMatch(/a\.txt/)
})

test('a large file is not asked for whole', async () => {
  const { calls, reason } = await variantWith([{ text: diff('nothing of the kind', 'x', 'long.txt'), repeat: true }])
  expect(calls).toHaveLength(3)
  expect(reason).toMatch(/long\.txt/)
})

test('prose alone is an answer: nothing more is asked, and the commenter reads it', async () => {
  const { calls, reason } = await variantWith([{ text: 'There is no such button in this project.' }])
  expect(calls).toHaveLength(1)
  expect(reason).toBe('The model wrote no edit. It says: There is no such button in this project.')
})

test('a refusal of the model ends the variant at once', async () => {
  const { calls, reason } = await variantWith([{ stop: 'refusal' }])
  expect(calls).toHaveLength(1)
  expect(reason).toMatch(/^The model declined to write this edit/)
})

test('an answer that was cut off is never applied, even if what came would fit', async () => {
  const { patch, calls, reason } = await variantWith([{ text: good, stop: 'max_tokens', repeat: true }])
  expect(patch).toBeUndefined()
  expect(calls).toHaveLength(3)
  expect(lastUserText(calls)).toContain('cut off')
  expect(reason).toBe('The edit was longer than one answer of the model may be.')
})

test('a prompt that leaves no room for an answer is not sent again', async () => {
  const { calls, reason } = await variantWith([{ text: good, stop: 'model_context_window_exceeded', repeat: true }])
  expect(calls).toHaveLength(1)
  expect(reason).toMatch(/together more than claude-sonnet-5-5 can hold: ask for less at once/)
})

test('placeholders are reported back; a model that keeps writing them fails and is quoted', async () => {
  const lazy = diff('Old', '// ... existing code ...')
  const repaired = await variantWith([{ text: lazy }, { text: good }])
  expect(repaired.patch).toBeDefined()
  const { patch, reason } = await variantWith([{ text: lazy, repeat: true }])
  expect(patch).toBeUndefined()
  expect(reason).toMatch(/in place of code/)
})

test('three rounds of reading are answered, in the fourth it is told to write, after that it is over', async () => {
  const read = { toolCalls: [{ name: 'read_file', input: { path: 'long.txt', start_line: 100, end_line: 101 } }] }
  const wrote = await variantWith([read, read, read, read, { text: good }])
  expect(wrote.patch).toBeDefined()
  const body = lastUserText(wrote.calls)
  expect(body.match(/line 99\\\\nline 100|line 99\\nline 100/g)?.length).toBe(3)
  expect(body).toContain('no rounds of reading are left')
  const { calls, reason } = await variantWith([{ ...read, repeat: true }])
  expect(calls).toHaveLength(5)
  expect(reason).toBe('The model kept reading and wrote no edit.')
})

test('the same result as another variant fails, naming it', async () => {
  const runId = await world.admitted({ variants: 2 })
  world.model.setScript({ replies: [{ text: good, repeat: true }] })
  const { variants } = await world.write(runId)
  expect(variants.filter(({ reason }) => /^The result is the same as v[12]\.$/.test(reason ?? ''))).toHaveLength(1)
})

test('what looks like a secret is never written', async () => {
  const { patch, calls, reason } = await variantWith([{ text: diff('Old', `token = ghp_${'aB3dE5fG7hJ9'.repeat(3)}`) }])
  expect([patch, calls.length]).toEqual([undefined, 1])
  expect(reason).toMatch(/would have written what looks like a GitHub token into “a.txt”/)
})

test('a file that looks secret cannot be edited blindly, and no report quotes it', async () => {
  const { calls, reason } = await variantWith([
    { text: '```diff\n--- a/.env\n+++ b/.env\n@@ @@\n-B=2\n+B=3\n```\n', repeat: true },
  ])
  expect(calls).toHaveLength(1)
  expect(reason).toMatch(/“\.env”, which no model may edit/)
  expect(JSON.stringify(calls.map(call => call.body))).not.toContain('A=1')
})

test('no call is begun that cannot end before the deadline, and the reason says so', async () => {
  const runId = await world.admitted()
  await world.plan(runId)
  await world.database.query(`UPDATE runs SET deadline = now() + interval '17 seconds' WHERE id = $1`, [runId])
  world.model.setScript({ replies: [{ text: bad, delayMs: 2_500 }, { text: good }] })
  const { variants } = await world.write(runId)
  expect(variants[0]?.reason).toMatch(/a\.txt.* No time was left before the deadline to let the model correct it\.$/)
  expect(world.model.calls().filter(call => call.runId === runId)).toHaveLength(1)

  const late = await world.admitted()
  await world.plan(late)
  await world.database.query(`UPDATE runs SET deadline = now() + interval '12 seconds' WHERE id = $1`, [late])
  expect((await world.write(late)).variants[0]?.reason).toMatch(/^No time was left before the deadline/)
  expect(world.model.calls().filter(call => call.runId === late)).toHaveLength(0)
})

test('an answer that does not come in time is asked for once more, then never again', async () => {
  const slow = [{ text: good, delayMs: 30_000, repeat: true }]
  const first = await variantWith(slow, { callSeconds: 1, attempt: 1 })
  expect(first.reason).toBe('The model did not answer as it should, several times in a row.')
  const second = await variantWith(slow, { callSeconds: 1, attempt: 2 })
  expect(second.reason).toBe('The model did not finish within 1 s, 2 times.')
})
