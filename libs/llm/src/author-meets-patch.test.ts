import { startModelEmulator } from '@code-agent/emulator-llm/emulator'
import { applyEdit } from '@code-agent/patch/apply'
import { textTree } from '@code-agent/patch/source-tree'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EditContext } from './edit-context.ts'
import { openModel } from './open-model.ts'
import { sharedContext } from './shared-context.ts'
import { systemPrompt } from './system-prompt.ts'
import { variantTurn } from './turns.ts'

/** The emulated author, our prompts and our applier belong together: what it writes must land, in each variant's own way. */
let emulator: Awaited<ReturnType<typeof startModelEmulator>>
beforeAll(async () => {
  emulator = await startModelEmulator()
})
afterAll(() => emulator.close())

type Files = Record<string, string>

async function variants(files: Files, intent: string, of: number): Promise<Files[]> {
  const model = openModel({ provider: 'anthropic', model: 'claude-haiku-5-5', baseUrl: emulator.url, apiKey: 'key' })
  const context: EditContext = {
    intent,
    pullRequest: { title: 't', description: 'd', sourceBranch: 's', targetBranch: 'm' },
    comment: {},
    diff: '',
    changedFiles: [],
    tree: Object.keys(files),
    files: Object.entries(files).map(([path, content]) => ({ path, content, reason: 'named' })),
    notes: [],
  }
  const one = async (variant: number): Promise<Files> => {
    const answer = await model.generate({
      system: systemPrompt({ editFormat: 'diff' }),
      shared: sharedContext(context),
      turns: [{ role: 'user', text: variantTurn({ variant, of, strategy: { name: 'n', brief: 'b' }, intent }) }],
      maxOutputTokens: 60_000,
      signal: AbortSignal.timeout(20_000),
      label: { runId: intent, variant, call: 1 },
    })
    const result = applyEdit({ files: textTree(new Map(Object.entries(files))), text: answer.text })
    if (!result.ok) throw new Error(`${result.reason}\n${result.report}\n${answer.text}`)
    return { ...files, ...Object.fromEntries(result.changes.map(change => [change.path, change.after ?? ''])) }
  }
  return Promise.all(Array.from({ length: of }, (_, index) => one(index + 1)))
}

function expectDifferent(results: Files[]): void {
  expect(new Set(results.map(result => JSON.stringify(result))).size).toBe(results.length)
}

test.each([
  ['line ends of Windows', 'a/b.cs', 'class Old {\r\n  Old other;\r\n}\r\n'],
  ['a byte order mark', 'a.cs', '\uFEFFusing Old;\r\n\r\nclass X {}\r\n'],
  ['no last newline', 'a b.txt', 'one\nOld'],
  ['a single line', 'größe.json', '{"Old": 1}'],
  ['the same lines again and again', 'x.yml', '- name: Old\n  run: a\n'.repeat(40)],
  ['the same line alone', 'x.unknown', 'Old\n'.repeat(30)],
  ['a repeated neighbourhood', 'x.py', `${'x = 1\n'.repeat(20)}y = Old\n${'x = 1\n'.repeat(20)}`],
  ['trailing spaces', 'x.md', '# Old  \n\n   \ntext\t\n'],
  ['lines that look like a diff', 'x.txt', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-Old\n+Old\n```\nOld\n'],
])('eight variants of a replacement land in a file with %s', async (_what, path, content) => {
  const results = await variants({ [path]: content }, `replace Old with New in ${path}`, 8)
  expectDifferent(results)
  expect(results[0]).toEqual({ [path]: content.replaceAll('Old', 'New') })
  for (const result of results) {
    expect(result[path]).not.toContain('Old')
    expect(result[path]?.endsWith('\n')).toBe(content.endsWith('\n'))
    expect(result[path]?.replaceAll('\r\n', '').includes('\n')).toBe(content.replaceAll('\r\n', '').includes('\n'))
  }
})

test('buttons become red in eight ways that land', async () => {
  const css = 'body {\r\n  margin: 0;\r\n}\r\n\r\nbutton {\r\n  padding: 4px;\r\n}\r\n'
  const results = await variants(
    { 'site/app.css': css, 'site/index.html': '<head>\n</head>\n<button>Go</button>\n<button>Stop</button>\n' },
    'make buttons red',
    8,
  )
  expectDifferent(results)
})

test('whatever the file, three variants of a replacement land and differ', async () => {
  const line = fc.constantFrom('a', 'b', '', '  a', 'x Old y', 'Old', '\t', 'é', '}')
  const path = fc.constantFrom('f.py', 'f.txt', 'd/f.ts', 'f.css', 'f.html', 'Dockerfile')
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      path,
      async (lines, end, closed, name) => {
        const content = ['Old here', ...lines].join(end) + (closed ? end : '')
        const results = await variants({ [name]: content }, `replace Old with New in ${name}`, 3)
        expectDifferent(results)
        expect(results[0]?.[name]).toBe(content.replaceAll('Old', 'New'))
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
