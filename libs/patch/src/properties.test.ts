import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { renderDiff } from './canonical-diff.ts'
import { textTree } from './source-tree.ts'

// A run over mutants tries every property less often.
const runsOf = (usual: number) => Math.min(usual, fc.readConfigureGlobal().numRuns ?? usual)

// Lines that mostly differ, so that most hunks are unique, with some repeated structure in between.
const line = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5000 }).map(n => `  step(${n})`) },
  { weight: 1, arbitrary: fc.constantFrom('', '}', '  return', 'begin {') },
)
const lines = fc.array(line, { minLength: 12, maxLength: 60 })
const changes = fc.array(fc.record({ at: fc.nat(59), drop: fc.nat(2), add: fc.array(line, { maxLength: 3 }) }), {
  minLength: 1,
  maxLength: 4,
})

const edited = fc.tuple(lines, changes).map(([before, edits]) => {
  const after = [...before]
  for (const { at, drop, add } of edits) after.splice(at % after.length || 1, drop, ...add)
  const textOf = (all: string[]) => all.map(text => `${text}\n`).join('')
  return { before: textOf(before), after: textOf(after) }
})

function hunksOf(diff: string): { head: string; hunks: string[] } {
  const at = diff.indexOf('@@')
  return { head: diff.slice(0, at), hunks: diff.slice(at).split(/(?=^@@)/m) }
}

function apply(content: string, text: string) {
  const result = applyEdit({ files: textTree(new Map([['f', content]])), text })
  return result.ok ? result.changes[0]?.after : result.problems.map(problem => problem.code)
}

test('the order of the hunks does not matter', () => {
  fc.assert(
    fc.property(edited, fc.infiniteStream(fc.nat()), ({ before, after }, seeds) => {
      fc.pre(before !== after)
      const { head, hunks } = hunksOf(renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff)
      const shuffled = hunks.map(hunk => ({ hunk, key: seeds.next().value })).sort((a, b) => a.key - b.key)
      expect(apply(before, head + shuffled.map(({ hunk }) => hunk).join(''))).toBe(after)
    }),
    { numRuns: runsOf(300) },
  )
})

test('without numbers an edit lands where it belongs or nowhere', () => {
  fc.assert(
    fc.property(edited, fc.constantFrom('@@', '@@ @@', '@@ ... @@', '@@ -1,1 +1,1 @@'), ({ before, after }, header) => {
      fc.pre(before !== after)
      const { head, hunks } = hunksOf(renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff)
      const outcome = apply(before, head + hunks.map(hunk => hunk.replace(/^@@.*@@/, header)).join(''))
      if (typeof outcome === 'string') expect(outcome).toBe(after)
      else
        expect(outcome).toEqual(
          expect.arrayContaining([expect.stringMatching(/ambiguous|uncertain-insert-point|already-applied|overlap/)]),
        )
    }),
    { numRuns: runsOf(300) },
  )
})

test('any damage to a removed line refuses all of the edit', () => {
  fc.assert(
    fc.property(edited, fc.nat(), ({ before, after }, seed) => {
      const rows = renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff.split('\n')
      const removed = rows.flatMap((row, i) => (/^- {2}step/.test(row) ? [i] : []))
      fc.pre(removed.length > 0)
      const at = removed[seed % removed.length] ?? 0
      rows[at] = (rows[at] ?? '').replace('step', 'stop')
      expect(apply(before, rows.join('\n'))).toBeInstanceOf(Array)
    }),
    { numRuns: runsOf(200) },
  )
})

test('no line outside the hunks changes, not even its line end', () => {
  fc.assert(
    fc.property(edited, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), ({ before, after }, crs) => {
      fc.pre(before !== after)
      const mixed = before
        .split('\n')
        .slice(0, -1)
        .map((text, i) => `${text}${crs[i] ? '\r\n' : '\n'}`)
      const outcome = apply(mixed.join(''), renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff)
      if (typeof outcome !== 'string') return
      expect(outcome.replaceAll('\r\n', '\n')).toBe(after)
      const { hunks } = hunksOf(renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff)
      const first = Number(/-(\d+)/.exec(hunks[0] ?? '')?.[1] ?? 1)
      const head = mixed.slice(0, Math.max(0, first - 1)).join('')
      expect(outcome.slice(0, head.length)).toBe(head)
    }),
    { numRuns: runsOf(200) },
  )
})

test('no text whatever makes it throw', () => {
  const piece = fc.constantFrom(
    '--- a/f\n',
    '+++ b/f\n',
    '@@ -1,2 +1,2 @@\n',
    '@@\n',
    ' a\n',
    '-a\n',
    '+b\n',
    '\n',
    '```\n',
    '```diff\n',
    'diff --git a/f b/f\n',
    '*** Begin Patch\n',
    '*** Update File: f\n',
    '*** End Patch\n',
    '<<<<<<< SEARCH\n',
    '=======\n',
    '>>>>>>> REPLACE\n',
    'f\n',
    '...\n',
    '\\ No newline at end of file\n',
    'new file mode 100644\n',
    '+++ /dev/null\n',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
      const result = applyEdit({ files: textTree(new Map([['f', 'a\na\nb\n']])), text: pieces.join('') })
      if (!result.ok) expect(result.reason).toMatch(/^The edit was refused because .+\.$/)
    }),
    { numRuns: runsOf(1000) },
  )
})
