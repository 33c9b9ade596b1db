import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Conversation } from '../conversation.ts'
import { fileBlock, taskText, treeBlock } from '../test-prompt.ts'
import { speak } from './speak.ts'

type Files = Record<string, string>

function conversation(files: Files, intent: string, variant: number, of: number, tools: string[] = []): Conversation {
  const shared = `${treeBlock(Object.keys(files))}${Object.entries(files)
    .map(([path, content]) => fileBlock(path, content))
    .join('')}`
  const parts = [shared, taskText(intent, variant, of)].map(text => ({ kind: 'text' as const, text }))
  return { model: 'm', system: '', messages: [{ role: 'user', parts }], tools, maxTokens: 8000 }
}

function answers(files: Files, intent: string, of: number): string[] {
  return Array.from(
    { length: of },
    (_, index) => speak(conversation(files, intent, index + 1, of), { variant: index + 1, of, intent }).text,
  )
}

/** Lets git apply what the author wrote to the files as the prompt showed them (line ends are the applier's business). */
function applied(files: Files, answer: string): Files {
  const diff = /```diff\n([\s\S]*?)^```$/m.exec(answer)?.[1]
  if (diff === undefined) throw new Error(`no diff in: ${answer}`)
  const folder = mkdtempSync(join(tmpdir(), 'author-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), content.replaceAll('\r\n', '\n'))
    }
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: diff,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    return Object.fromEntries(
      paths
        .map(entry => join(entry.parentPath, entry.name))
        .map(path => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function expectDifferent(results: Files[]): void {
  expect(new Set(results.map(result => JSON.stringify(result))).size).toBe(results.length)
}

test.each([
  ['src/greet.ts', 'export function greet() {\n  return greet2(greet)\n}\n'],
  ['a b/größe.txt', 'one greet\r\ntwo\r\ngreet greet\r\n'],
  ['no-newline.py', 'x = 1\ngreet = 2'],
  ['data.json', '{ "greet": 1 }'],
  ['odd.zzz', 'greet'],
  ['page.html', '<!doctype html>\n<p>greet</p>\n'],
  ['long.css', `${'.x { color: red }\n'.repeat(50)}.greet {}\n${'.x { color: red }\n'.repeat(50)}.greet {}\n`],
])('eight replacements in %s apply, are done everywhere and differ', (path, content) => {
  const files = { [path]: content, 'other.md': 'greet stays here\n' }
  const results = answers(files, `replace greet with welcome in ${path}`, 8).map(answer => applied(files, answer))
  expectDifferent(results)
  for (const result of results) {
    expect(result[path]).not.toContain('greet')
    expect(result[path]).toContain('welcome')
    expect(result['other.md']).toBe('greet stays here\n')
    expect(result[path]?.endsWith('\n')).toBe(content.endsWith('\n'))
  }
  expect(results[0]?.[path]).toBe(content.replaceAll('\r\n', '\n').replaceAll('greet', 'welcome'))
})

test('quoted texts, spaces, an "in" and a "with" in the text and a decomposed path are understood', () => {
  const files = { 'docs/Résumé of café.md': 'sleep in with the fishes\n' }
  const intent = `replace "in with the" with "among" in ${'docs/Résumé of café.md'.normalize('NFD')}`
  const [first = ''] = answers(files, intent, 1)
  expect(applied(files, first)).toEqual({ 'docs/Résumé of café.md': 'sleep among fishes\n' })
})

test('a rename touches whole names only, in every file shown', () => {
  const files = { 'a.ts': 'const total = subtotal + total\n', 'b.ts': 'import { total } from "./a"\n' }
  const results = answers(files, 'rename total to sum', 3).map(answer => applied(files, answer))
  expectDifferent(results)
  expect(results[0]).toEqual({ 'a.ts': 'const sum = subtotal + sum\n', 'b.ts': 'import { sum } from "./a"\n' })
  for (const result of results) expect(result['b.ts']).toContain('{ sum }')
})

test.each([
  [
    'a stylesheet and markup',
    { 'app.css': '.btn {\n  padding: 4px;\n}\n', 'index.html': '<head>\n</head>\n<button class="btn">Go</button>\n' },
  ],
  ['a stylesheet without a button', { 'app.css': 'body { margin: 0 }\n' }],
  ['an empty stylesheet', { 'app.css': '' }],
  [
    'markup alone',
    { 'index.html': '<html>\n<head>\n</head>\n<body><button type="submit">Go</button></body>\n</html>\n' },
  ],
  ['a component', { 'Button.tsx': 'export const Button = () => <button onClick={() => go()}>Go</button>\n' }],
])('buttons become red in eight ways with %s', (_what, files: Files) => {
  const results = answers(files, 'make buttons red', 8).map(answer => applied(files, answer))
  expectDifferent(results)
  for (const result of results) expect(JSON.stringify(result)).toContain('red')
})

test('the three first ways to colour buttons are a rule, a variable and the markup', () => {
  const files = { 'app.css': '.btn {\n  background: #eee;\n}\n', 'index.html': '<button class="btn">Go</button>\n' }
  const [rule, variable, markup] = answers(files, 'make buttons red', 3).map(answer => applied(files, answer))
  expect(rule?.['app.css']).toBe('.btn {\n  background-color: red;\n}\n')
  expect(variable?.['app.css']).toContain('--button-color: red')
  expect(markup).toEqual({ ...files, 'index.html': '<button style="background-color: red" class="btn">Go</button>\n' })
})

test.each([
  ['write a poem', 'only know how'],
  ['replace nowhere with x in a.txt', 'does not occur'],
  ['replace text with x in b/c.txt', 'not shown b/c.txt'],
  ['replace text with text in a.txt', 'the same'],
  ['make buttons red', 'neither a stylesheet nor a button'],
])('"%s" is honestly declined without a diff', (intent, reason) => {
  for (const answer of answers({ 'a.txt': 'text\n' }, intent, 3)) {
    expect(answer).toContain(reason)
    expect(answer).not.toContain('```')
    expect(answer).not.toContain('@@')
  }
})

test('the planner gets as many different strategies as it asked for', () => {
  for (const intent of ['replace text with x in a.txt', 'write a poem']) {
    const { text } = speak(conversation({ 'a.txt': 'text\n' }, intent, 0, 5), { variant: 0, of: 5, intent })
    const { strategies } = JSON.parse(text)
    expect(new Set(strategies.map((strategy: { name: string }) => strategy.name)).size).toBe(5)
  }
})

test('a file that was not shown is asked for, and its missing lines too', () => {
  const intent = 'replace text with x in deep/file.txt'
  const start = conversation({}, intent, 1, 1, ['list_files', 'read_file', 'grep'])
  const first = speak(start, { variant: 1, of: 1, intent })
  expect(first.toolCalls).toEqual([{ name: 'read_file', input: { path: 'deep/file.txt' } }])
  const content = 'one\ntwo\ntext\nfour\n'
  const told = (callId: string, input: unknown, text: string): Conversation['messages'] => [
    { role: 'assistant', parts: [{ kind: 'tool-call', id: callId, name: 'read_file', input }] },
    { role: 'user', parts: [{ kind: 'tool-result', callId, text }] },
  ]
  const partly = [
    ...start.messages,
    ...told('1', { path: 'deep/file.txt' }, fileBlock('deep/file.txt', content, { from: 1, to: 2 })),
  ]
  const second = speak({ ...start, messages: partly }, { variant: 1, of: 1, intent })
  const range = { path: 'deep/file.txt', start_line: 3, end_line: 4 }
  expect(second.toolCalls).toEqual([{ name: 'read_file', input: range }])
  const whole = [...partly, ...told('2', range, fileBlock('deep/file.txt', content, { from: 3, to: 4 }))]
  const third = speak({ ...start, messages: whole }, { variant: 1, of: 1, intent })
  expect(applied({ 'deep/file.txt': content }, third.text)).toEqual({ 'deep/file.txt': 'one\ntwo\nx\nfour\n' })
})

test('whatever the file looks like, eight replacements apply and differ pairwise', () => {
  const line = fc.stringMatching(/^[ -~é]{0,12}$/)
  const path = fc.constantFrom('a.py', 'b.txt', 'c.css', 'd.yml', 'e.md', 'f.ts', 'Makefile', 'g.xml', 'h.sql')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.nat(12), fc.boolean(), path, (lines, at, newline, name) => {
      const text = lines.toSpliced(at, 0, 'an OLDTEXT here').join('\n') + (newline ? '\n' : '')
      const files = { [name]: text }
      const results = answers(files, `replace OLDTEXT with NEWTEXT in ${name}`, 8).map(answer => applied(files, answer))
      expectDifferent(results)
      for (const result of results) expect(result[name]).toContain('an NEWTEXT here')
    }),
    { numRuns: 15 },
  )
}, 60_000)
