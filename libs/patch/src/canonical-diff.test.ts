import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { type FileChange, renderDiff } from './canonical-diff.ts'
import { textTree } from './source-tree.ts'

// A run over mutants tries every property less often.
const runsOf = (usual: number) => Math.min(usual, fc.readConfigureGlobal().numRuns ?? usual)

const line = fc.constantFrom(
  'a',
  'b',
  '',
  '  c',
  '-- x',
  '++ y',
  '@@ z',
  '\\ No newline',
  'tab\t',
  'end\r',
  'ü€',
  '```',
  '--- a/f',
  '+++ b/f',
)
const text = fc
  .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom('', '\n'))
  .map(([lines, end]) => (lines.length === 0 ? '' : lines.join('\n') + end))

test('the canonical diff of any two texts applies exactly', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== '' && after !== '')
      const diff = renderDiff([{ path: 'f', kind: 'edit', before, after }]).diff
      const result = applyEdit({ files: textTree(new Map([['f', before]])), text: diff })
      expect(result.ok ? result.changes : result.report).toEqual([{ path: 'f', kind: 'edit', before, after }])
      expect(result.ok && result.diff).toBe(diff)
    }),
    { numRuns: runsOf(400) },
  )
})

function gitApplied(changes: readonly FileChange[]): Map<string, string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'canonical-diff-'))
  try {
    for (const { path, before } of changes) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      if (before !== undefined) writeFileSync(join(folder, path), before)
    }
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: renderDiff(changes).diff,
    })
    const read = (path: string) =>
      existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined
    return new Map(changes.map(({ path }) => [path, read(path)]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('git applies the canonical diff to the same result', () => {
  const pairs = fc
    .sample(fc.tuple(text, text), { numRuns: runsOf(60), seed: 7 })
    .filter(([before, after]) => before !== after)
  const changes: FileChange[] = pairs.map(([before, after], i) => ({ path: `d/f${i}`, kind: 'edit', before, after }))
  changes.push(
    { path: 'new file.txt', kind: 'add', after: 'x\n' },
    { path: 'empty', kind: 'add', after: '' },
    { path: 'sub/quo"ted\ttab.txt', kind: 'add', after: 'no newline' },
    { path: 'ümlaut.txt', kind: 'edit', before: 'a\r\nb\r\n', after: 'a\r\nc\r\n' },
    { path: 'gone', kind: 'delete', before: 'a\nb' },
    { path: 'gone empty', kind: 'delete', before: '' },
  )
  const result = gitApplied(changes)
  for (const { path, after } of changes) expect([path, result.get(path)]).toEqual([path, after])
})

test('unchanged files are left out and the rest is counted', () => {
  const changes: FileChange[] = [
    { path: 'same', kind: 'edit', before: 'a\n', after: 'a\n' },
    { path: 'f', kind: 'edit', before: 'a\nb\nc\n', after: 'a\nB\nc\nd\n' },
  ]
  expect(renderDiff(changes).stats).toEqual({ files: 1, additions: 2, deletions: 1 })
  expect(renderDiff(changes).diff).toBe('diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n')
})

test('two large texts without a common line are still rendered at once', () => {
  const before = Array.from({ length: 20_000 }, (_, i) => `old ${i}\n`).join('')
  const after = Array.from({ length: 20_000 }, (_, i) => `new ${i}\n`).join('')
  expect(renderDiff([{ path: 'f', kind: 'edit', before, after }]).stats).toEqual({
    files: 1,
    additions: 20_000,
    deletions: 20_000,
  })
})
