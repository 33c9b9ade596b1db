import { type FileChange, renderDiff } from '@code-agent/patch/canonical-diff'
import { expect, test } from 'vitest'
import { diffFiles } from './diff-files.ts'

/** The files as a diff of libs/patch tells of them: both ends of the format at once. */
const read = (...changes: FileChange[]) => diffFiles(renderDiff(changes).diff)
const twenty = Array.from({ length: 20 }, (_, n) => `line ${n + 1}\n`)

test('an edited file has its lines with the numbers of both sides, and a gap where something is left out', () => {
  const after = twenty.with(1, 'two\n').with(17, 'eighteen\nand a half\n')
  const [file] = read({ path: 'src/a.ts', kind: 'edit', before: twenty.join(''), after: after.join('') })
  expect(file).toMatchObject({ path: 'src/a.ts', change: 'edited', additions: 3, deletions: 2 })
  expect(file?.lines.filter(line => line.kind !== 'same')).toEqual([
    { kind: 'removed', before: 2, text: 'line 2' },
    { kind: 'added', after: 2, text: 'two' },
    { kind: 'gap', text: '' },
    { kind: 'removed', before: 18, text: 'line 18' },
    { kind: 'added', after: 18, text: 'eighteen' },
    { kind: 'added', after: 19, text: 'and a half' },
  ])
  expect(file?.lines.at(-1)).toEqual({ kind: 'same', before: 20, after: 21, text: 'line 20' })
})

test('lines that look like the parts of a diff are lines', () => {
  const before = '-- drop\n++ plus\n'
  const after = '-- keep\n@@ -1,9 +1,9 @@\ndiff --git a/x b/x\n--- a/x\n+++ b/x\nindex 1..2\n'
  const [file, ...others] = read({ path: 'x.sql', kind: 'edit', before, after })
  expect(others).toEqual([])
  expect(file?.path).toBe('x.sql')
  expect(file?.lines.filter(line => line.kind === 'added').map(line => line.text)).toEqual(after.trimEnd().split('\n'))
  expect(file?.lines.filter(line => line.kind === 'removed').map(line => line.text)).toEqual(
    before.trimEnd().split('\n'),
  )
})

test('added, deleted and empty files, names with spaces, quotes and line ends', () => {
  const files = read(
    { path: 'a new file.md', kind: 'add', after: 'x' },
    { path: 'gone.md', kind: 'delete', before: 'x\ny\n' },
    { path: 'empty here', kind: 'add', after: '' },
    { path: 'q"uo\te\nd', kind: 'add', after: 'x\r\n' },
    { path: 'last.ts', kind: 'edit', before: 'x', after: 'y\n' },
  )
  expect(files.map(({ path, change }) => [path, change])).toEqual([
    ['a new file.md', 'added'],
    ['gone.md', 'deleted'],
    ['empty here', 'added'],
    ['q"uo\te\nd', 'added'],
    ['last.ts', 'edited'],
  ])
  expect(files[3]?.lines).toEqual([{ kind: 'added', after: 1, text: 'x\r' }])
  expect(files[4]?.lines[0]?.text).toMatch(/^x .+/)
})

test('no text at all is no file', () => {
  expect(diffFiles('')).toEqual([])
})
