import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

const spaced = 'function one() {\n  first()\n  second()\n  third()\n}\n\nconst two = 2\nconst three = 3\n'
const tabbed = spaced.replaceAll('  ', '\t')

function apply(content: string, added: string) {
  const text = `--- a/x.js\n+++ b/x.js\n@@ -7,2 +7,4 @@\n const two = 2\n+function four() {\n+${added}fourth()\n+}\n const three = 3\n`
  return applyEdit({ files: textTree(new Map([['x.js', content]])), text })
}

test('tabs in a file of spaces, or spaces in one of tabs, are refused when no line of the hunk tells which was meant', () => {
  for (const result of [apply(spaced, '\t'), apply(tabbed, '    ')]) {
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'uncertain-indentation' }] })
  }
})

test('a file’s own way of indenting is taken as it is', () => {
  expect(apply(spaced, '  ').ok).toBe(true)
  expect(apply(tabbed, '\t').ok).toBe(true)
})

test('steps of half the file’s, or of twice it, are refused when no line of the hunk tells which was meant', () => {
  for (const added of [' ', '    ']) {
    expect(apply(spaced, added)).toMatchObject({ ok: false, problems: [{ code: 'uncertain-indentation' }] })
  }
})

test('a hunk that shows nothing against it follows the rule that the others show', () => {
  const text = [
    '--- a/x.js\n+++ b/x.js',
    '@@\n function one() {\n \tfirst()\n-\tsecond()\n+\tsecond(2)\n \tthird()',
    '@@\n const two = 2\n+function four() {\n+\tfourth()\n+}\n const three = 3\n',
  ].join('\n')
  const result = applyEdit({ files: textTree(new Map([['x.js', spaced]])), text })
  expect(result.ok && result.changes[0]?.after).toContain('{\n  fourth()\n}')
})

test('a file that has no way yet takes any', () => {
  expect(apply('const two = 2\nconst three = 3\n', '\t').ok).toBe(true)
})
