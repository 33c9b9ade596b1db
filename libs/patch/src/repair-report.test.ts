import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

const files = textTree(
  new Map([
    ['lib/list.ts', 'export const list = [\n  one,\n  two,\n  three,\n]\n\nexport const last = [\n  two,\n]\n'],
  ]),
)

function refused(text: string) {
  const result = applyEdit({ files, text })
  if (result.ok) throw new Error('applied')
  return result
}

test('a refused hunk is reported with its lines, the real ones, and the hunks that are fine', () => {
  const { report, reason, problems } = refused(
    '--- a/lib/list.ts\n+++ b/lib/list.ts\n@@\n export const list = [\n-  won,\n+  1,\n   two,\n@@\n export const last = [\n-  two,\n+  2,\n',
  )
  expect(reason).toBe('The edit was refused because the lines to be changed are not in the file (lib/list.ts, hunk 1).')
  expect(problems).toMatchObject([
    { code: 'not-found', path: 'lib/list.ts', hunk: 1, fineHunks: [2], missing: ['  won,'] },
  ])
  expect(report).toContain('lib/list.ts, hunk 1: not-found.')
  expect(report).toContain('    |   won,')
  expect(report).toContain('      2 |   one,')
  expect(report).toContain('These hunks are fine as they are: lib/list.ts: 2.')
})

test('an ambiguous hunk is reported with the lines at which it would fit', () => {
  const { report, problems } = refused('--- a/lib/list.ts\n+++ b/lib/list.ts\n@@\n-  two,\n+  2,\n')
  expect(problems).toMatchObject([{ code: 'ambiguous', places: [3, 8] }])
  expect(report).toContain('Candidate places start at line 3, 8.')
  expect(report).toContain('Quote more unchanged lines')
})

test('a missing file is reported with the one that was meant', () => {
  expect(refused('--- a/List.ts\n+++ b/List.ts\n@@\n-a\n+b\n').report).toContain('Did you mean lib/list.ts?')
})
