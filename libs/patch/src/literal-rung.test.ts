import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { renderDiff } from './canonical-diff.ts'
import type { EditLine } from './edit-form.ts'
import { indexFile } from './file-index.ts'
import { anchorsOf, findWindows, laxWindows } from './find-windows.ts'
import { keyed } from './rung.ts'
import { textTree } from './source-tree.ts'
import { workBudget } from './work-budget.ts'

// A run over mutants tries every property less often.
const runsOf = (usual: number) => Math.min(usual, fc.readConfigureGlobal().numRuns ?? usual)

// Few different lines, so that most hunks fit in several places, and lines that differ only in what the rungs forgive.
const word = fc.constantFrom(
  'a',
  'b',
  '',
  ' a',
  'a ',
  '\ta',
  'ä',
  'a\u0308',
  '’',
  "'",
  '\uFEFFa',
  'a\r',
  'return value',
)
const end = fc.constantFrom('\n', '\n', '\n', '\r\n')
const content = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.array(fc.tuple(word, end), { maxLength: 30 }),
    fc.constantFrom('', 'a', 'b\r'),
  )
  .map(([bom, lines, last]) => bom + lines.map(([text, ended]) => text + ended).join('') + last)
const before = fc.array(
  fc.record({
    kind: fc.constantFrom<EditLine['kind']>('context', 'remove'),
    text: word,
    cr: fc.boolean(),
    lost: fc.constantFrom(' a', '  a'),
  }),
  { minLength: 1, maxLength: 4 },
)

test('what stands there to the letter is found where the rungs above it find it, and nowhere else', () => {
  let literal = 0
  fc.assert(
    fc.property(content, before, (text, lines) => {
      const quoted = lines.map(keyed)
      const index = indexFile(text, anchorsOf({ number: 1, lines, headings: [] }))
      const found = findWindows(index, quoted, workBudget(1e6, 1e6))
      expect(found).toEqual(laxWindows(index, quoted, workBudget(1e6, 1e6)))
      if (found[0]?.level === 0) literal++
    }),
    { numRuns: runsOf(2000) },
  )
  expect(literal).toBeGreaterThan(0)
})

test('an index made for lines that are looked for reads every line like one that reads them all', () => {
  fc.assert(
    fc.property(content, text => {
      const { texts, keys, count, ...index } = indexFile(text)
      const ends = texts.map((_, line) => index.endOf(line))
      expect(texts).toHaveLength(count)
      expect((index.bom ? '\uFEFF' : '') + texts.map((each, line) => each + ends[line]).join('')).toBe(text)
      expect(texts.filter((each, line) => !index.isLine(line, each) || index.keyOf(line) !== keys[line])).toEqual([])
      expect(index.isLine(count, '') || index.isLine(-1, '')).toBe(false)
    }),
    { numRuns: runsOf(500) },
  )
})

test('the diff made from the hunks says what a diff of the whole texts says', () => {
  fc.assert(
    fc.property(content, fc.array(word, { maxLength: 4 }), fc.nat(), fc.nat(4), (text, added, at, drop) => {
      const lines = text.split('\n')
      const from = at % lines.length
      const after = [...lines.slice(0, from), ...added, ...lines.slice(from + drop)].join('\n')
      fc.pre(text !== after && text !== '' && after !== '')
      const { diff } = renderDiff([{ path: 'f', kind: 'edit', before: text, after }])
      const result = applyEdit({ files: textTree(new Map([['f', text]])), text: diff })
      fc.pre(result.ok)
      if (result.ok) expect(result.diff).toBe(renderDiff(result.changes).diff)
    }),
    { numRuns: runsOf(1000) },
  )
})
