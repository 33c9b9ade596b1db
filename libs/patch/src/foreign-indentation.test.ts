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

test('a file that has no way yet takes any', () => {
  expect(apply('const two = 2\nconst three = 3\n', '\t').ok).toBe(true)
})
