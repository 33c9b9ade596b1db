import { sharedContext } from '@code-agent/llm/shared-context'
import type { Admission } from '@code-agent/store/admission'
import type { Run } from '@code-agent/store/read'
import { admission } from '@code-agent/store/test-store'
import { expect, test } from 'vitest'
import { gatherContext, wordsOf } from './gather-context.ts'
import type { Shown } from './what-is-shown.ts'

test.each([
  ['make buttons red', ['buttons', 'button', 'red']],
  ['rename oldName to newName', ['oldName', 'newName']],
  ['replace "hello world" with „x“ in src/a.ts', ['hello world']],
])('%s is about %j', (intent, words) => {
  expect(wordsOf(intent)).toEqual(expect.arrayContaining(words))
})

test('an intent of any length yields a dozen words at most', () => {
  expect(wordsOf(Array.from({ length: 500 }, (_, n) => `word${n}`).join(' ')).length).toBe(12)
})

const text = 'a line of code, with Old in it\n'.repeat(1_500)
const paths = Array.from({ length: 3_000 }, (_, index) => `source/folder-${index % 30}/file-number-${index}.ts`)
/** A large repository in which everything fits the intent. */
const everything: Shown = {
  paths: async () => paths,
  list: async () => [],
  read: async () => ({ kind: 'text', content: text, executable: false }),
  readMany: async wanted =>
    new Map([...wanted].map(path => [path, { kind: 'text', content: text, executable: false }])),
  grep: async () => paths.slice(0, 40).map((path, line) => ({ path, line, text: 'Old' })),
  changedFiles: async () => [],
  diff: async (_from, { maxBytes }) => ({ text: text.slice(0, maxBytes), withheld: [] }),
  editable: files => files,
  hidden: () => undefined,
}

async function promptFor(contextTokens: number, instructions = '', location: Admission['location'] = null) {
  const run = { intent: 'replace Old with New' } as Run
  const of = { shown: everything, run, admission: { ...admission, location }, include: [], contextTokens }
  return sharedContext(await gatherContext({ ...of, instructions: { text: instructions, notes: [] } }))
}

test.each([8_000, 32_000, 128_000, 1_000_000])(
  'the first prompt leaves room in a context of %d tokens',
  async tokens => {
    const prompt = await promptFor(tokens)
    expect(prompt.length).toBeLessThan(Math.min(tokens * 2.5, 240_000))
    expect(prompt.length).toBeGreaterThan(Math.min(tokens, 100_000) * 0.4)
    expect(await promptFor(tokens)).toBe(prompt)
    expect(prompt).toContain('The tree is cut: it has 3000 files.')
  },
)

test('long rules of the project take their room from the rest', async () => {
  const rules = 'Mind this rule.\n'.repeat(2_000)
  expect((await promptFor(32_000, rules)).length).toBeLessThan(32_000 * 3)
})

test('of a file too large for the model, the lines around the comment are shown, with their numbers', async () => {
  const prompt = await promptFor(16_000, '', { path: paths[7] ?? '', startLine: 700, endLine: 702 })
  const [, from, to] = new RegExp(`<file path="${paths[7]}" lines="(\\d+)-(\\d+)" of="1500"`).exec(prompt) ?? []
  expect(Number(from)).toBeLessThan(695)
  expect(Number(to)).toBeGreaterThan(705)
  expect(prompt.length).toBeLessThan(16_000 * 2.5)
})
