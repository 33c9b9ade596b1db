import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

const valid = '{\n  "one": 1,\n  "two": 2\n}\n'

function edited(path: string, content: string, hunk: string) {
  return applyEdit({ files: textTree(new Map([[path, content]])), text: `--- a/${path}\n+++ b/${path}\n@@\n${hunk}` })
}

test('an edit that would make valid JSON invalid is refused, and the report says what is wrong', () => {
  const result = edited('a.json', valid, '   "one": 1,\n-  "two": 2\n+  "two": 2,\n }\n')
  expect(result).toMatchObject({ ok: false, problems: [{ code: 'breaks-syntax', path: 'a.json' }] })
  if (!result.ok) expect(result.report).toMatch(/was valid JSON and would not be any more: .*JSON/)
  if (!result.ok)
    expect(result.reason).toBe(
      'The edit was refused because the file could not be parsed any more after the edit (a.json).',
    )
})

test('what stays JSON, was none, or is no JSON file is edited', () => {
  const broken = '   "one": 1,\n-  "two": 2\n+  "two": 2,\n }\n'
  expect(edited('a.json', valid, '   "one": 1,\n-  "two": 2\n+  "two": 3\n }\n').ok).toBe(true)
  expect(edited('a.json', `\uFEFF${valid}`, '   "one": 1,\n-  "two": 2\n+  "two": 3\n }\n').ok).toBe(true)
  expect(edited('tsconfig.json', `// for tsc\n${valid}`, broken).ok).toBe(true)
  expect(edited('a.js', valid, broken).ok).toBe(true)
})
