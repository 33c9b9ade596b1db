import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

function edited(content: string, hunks: string): string | undefined {
  const result = applyEdit({ files: textTree(new Map([['f', content]])), text: `--- a/f\n+++ b/f\n${hunks}` })
  if (!result.ok) throw new Error(result.report)
  return result.changes[0]?.after
}

test('a file of CR LF lines stays one, however the diff is written', () => {
  expect(edited('a\r\nb\r\nc\r\n', '@@\n a\n-b\n+B\n+BB\n c\n')).toBe('a\r\nB\r\nBB\r\nc\r\n')
  expect(edited('a\r\nb\r\nc\r\n', '@@\n a\r\n-b\r\n+B\r\n c\r\n')).toBe('a\r\nB\r\nc\r\n')
})

test('mixed line ends stay as they are, line by line', () => {
  expect(edited('a\r\nb\nc\r\nd\n', '@@\n a\n-b\n+B\n c\n')).toBe('a\r\nB\nc\r\nd\n')
})

test('a diff that shows the CRs of a file may change them', () => {
  expect(edited('a\r\nb\r\n', '@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n')).toBe('a\r\nb\n')
})

test('the byte order mark stays, quoted or not', () => {
  expect(edited('\uFEFFa\nb\n', '@@\n-a\n+A\n b\n')).toBe('\uFEFFA\nb\n')
  expect(edited('\uFEFFa\nb\n', '@@\n-\uFEFFa\n+\uFEFFA\n b\n')).toBe('\uFEFFA\nb\n')
  expect(edited('\uFEFFa\nb\n', '@@\n+z\n a\n')).toBe('\uFEFFz\na\nb\n')
})

test('the end of the file changes only with its last line, and only as truly stated', () => {
  const mark = '\\ No newline at end of file\n'
  expect(edited('a\nb', '@@\n-a\n+A\n b\n')).toBe('A\nb')
  expect(edited('a\nb', '@@\n a\n-b\n+B\n')).toBe('a\nB')
  expect(edited('a\nb', `@@\n a\n-b\n${mark}+B\n${mark}`)).toBe('a\nB')
  expect(edited('a\nb', `@@\n a\n-b\n${mark}+B\n`)).toBe('a\nB\n')
  expect(edited('a\nb\n', `@@\n a\n-b\n+B\n${mark}`)).toBe('a\nB')
  expect(edited('a\nb\n', `@@\n-a\n+A\n b\n${mark}`)).toBe('A\nb\n')
  expect(edited('a\nb\n', `@@\n a\n-b\n${mark}+B\n${mark}`)).toBe('a\nB\n')
  expect(edited('a\nb', '@@\n a\n b\n+c\n')).toBe('a\nb\nc')
})

test('trailing space of untouched lines stays', () => {
  expect(edited('a  \nb\t\nc\n', '@@\n a\n b\n-c\n+C\n')).toBe('a  \nb\t\nC\n')
})

test('files are created and deleted', () => {
  const files = textTree(new Map([['old', 'a\nb\n']]))
  const text =
    'diff --git a/new b/new\nnew file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file\n--- a/old\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n'
  const result = applyEdit({ files, text })
  expect(result.ok && result.changes).toEqual([
    { path: 'new', kind: 'add', after: 'x\ny', executable: true },
    { path: 'old', kind: 'delete', before: 'a\nb\n' },
  ])
  expect(result.ok && result.stats).toEqual({ files: 2, additions: 2, deletions: 2 })
})
