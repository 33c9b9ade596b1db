import { textTree } from '@code-agent/patch/source-tree'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FinePart } from './fine-parts.ts'
import { placeWithKept } from './place-with-kept.ts'

const files = {
  'a.txt': Array.from({ length: 40 }, (_, n) => `line ${n + 1} of a\n`).join(''),
  'b.txt': Array.from({ length: 40 }, (_, n) => `line ${n + 1} of b\n`).join(''),
}
const tree = textTree(new Map(Object.entries(files)))

/** A hunk without numbers that replaces one line, quoting a line around it. */
function hunk(file: 'a' | 'b', line: number, text: string, quoted = `line ${line} of ${file}`): string {
  return `@@ @@\n line ${line - 1} of ${file}\n-${quoted}\n+${text}\n line ${line + 1} of ${file}\n`
}
const diff = (path: string, ...hunks: string[]) => `--- a/${path}\n+++ b/${path}\n${hunks.join('')}`

/** What a conversation does: each answer meets what was kept of those before it. */
function converse(...answers: string[]) {
  let kept: FinePart[] = []
  for (const text of answers.slice(0, -1)) {
    const placed = placeWithKept(tree, text, kept)
    if (placed.ok) throw new Error('an answer that should be refused was placed')
    kept = placed.kept
  }
  return placeWithKept(tree, answers.at(-1) ?? '', kept)
}

/** The files afterwards, or the refusal's report. */
function after(placed: ReturnType<typeof placeWithKept>) {
  if (!placed.ok) return placed.report
  return { ...files, ...Object.fromEntries(placed.changes.map(({ path, after }) => [path, after])) }
}

const replaced = (path: 'a.txt' | 'b.txt', ...lines: [number, string][]) =>
  lines.reduce((text, [n, fresh]) => text.replace(`line ${n} of ${path[0]}\n`, `${fresh}\n`), files[path])

const refusedInTheMiddle = diff(
  'a.txt',
  hunk('a', 5, 'five'),
  hunk('a', 20, 'twenty', 'no such line'),
  hunk('a', 30, 'thirty'),
)
const whole = replaced('a.txt', [5, 'five'], [20, 'twenty'], [30, 'thirty'])

test('a repair that sends only the refused hunk is joined with those that were fine', () => {
  expect(after(converse(refusedInTheMiddle, diff('a.txt', hunk('a', 20, 'twenty'))))).toMatchObject({ 'a.txt': whole })
})

test('a repair that sends everything again does nothing twice', () => {
  const again = diff('a.txt', hunk('a', 5, 'five'), hunk('a', 20, 'twenty'), hunk('a', 30, 'thirty'))
  expect(after(converse(refusedInTheMiddle, again))).toMatchObject({ 'a.txt': whole })
})

test('a fine hunk that is sent again otherwise counts as it was sent last', () => {
  const changed = diff('a.txt', hunk('a', 5, 'FIVE'), hunk('a', 20, 'twenty'), hunk('a', 30, 'thirty'))
  expect(after(converse(refusedInTheMiddle, changed))).toMatchObject({
    'a.txt': replaced('a.txt', [5, 'FIVE'], [20, 'twenty'], [30, 'thirty']),
  })
})

test('other files of a refused answer are kept as well: created, changed and deleted ones', () => {
  const first = [
    diff('a.txt', hunk('a', 20, 'twenty', 'no such line')),
    '--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n',
    '--- a/b.txt\n+++ /dev/null\n@@ @@\n',
    files['b.txt'].replace(/^/gm, '-').replace(/-$/, ''),
  ].join('')
  const placed = converse(first, diff('a.txt', hunk('a', 20, 'twenty')))
  expect(placed.ok && placed.changes.map(({ path, kind }) => `${kind} ${path}`).toSorted()).toEqual([
    'add new.txt',
    'delete b.txt',
    'edit a.txt',
  ])
  expect(placed.ok && placed.stats).toEqual({ files: 3, additions: 3, deletions: 41 })
})

test('a file given whole is the last word on it, whatever was kept', () => {
  const text = `a.txt\n\`\`\`\n${replaced('a.txt', [20, 'twenty'])}\`\`\`\n`
  expect(after(converse(refusedInTheMiddle, text))).toMatchObject({ 'a.txt': replaced('a.txt', [20, 'twenty']) })
})

test('what was kept stays over several refused repairs, and over an answer without an edit', () => {
  const still = diff('a.txt', hunk('a', 20, 'twenty', 'still no such line'))
  const right = diff('a.txt', hunk('a', 20, 'twenty'))
  expect(after(converse(refusedInTheMiddle, still, '```\ncode\n```\n', right))).toMatchObject({ 'a.txt': whole })
})

test('hunks that were fine in different answers come together', () => {
  const first = diff('a.txt', hunk('a', 5, 'five'), hunk('a', 20, 'twenty', 'x'), hunk('a', 30, 'thirty', 'y'))
  const second = diff('a.txt', hunk('a', 20, 'twenty'), hunk('a', 30, 'thirty', 'z'))
  expect(after(converse(first, second, diff('a.txt', hunk('a', 30, 'thirty'))))).toMatchObject({ 'a.txt': whole })
})

test('where two hunks contradict one another nothing is guessed, and everything is asked for again', () => {
  const block = '@@ @@\n line 4 of a\n-line 5 of a\n-line 6 of a\n+five\n+six\n line 7 of a\n'
  const first = diff('a.txt', block, hunk('a', 20, 'twenty', 'no such line'))
  const other = diff('a.txt', '@@ @@\n line 5 of a\n-line 6 of a\n-line 7 of a\n+VI\n+VII\n line 8 of a\n')
  const placed = converse(first, other)
  expect(placed).toMatchObject({ ok: false, kept: [], problems: [{ code: 'overlap', path: 'a.txt', places: [5] }] })
  expect(after(placed)).toContain('both change line 5')
})

test('the same line added a little elsewhere is not added twice', () => {
  const at = (line: number) => `@@ @@\n line ${line} of a\n+import x\n line ${line + 1} of a\n line ${line + 2} of a\n`
  const first = diff('a.txt', at(1), hunk('a', 20, 'twenty', 'no such line'))
  const placed = converse(first, diff('a.txt', at(2), hunk('a', 20, 'twenty')))
  expect(placed.ok && placed.changes[0]?.after?.match(/import x/g)).toHaveLength(1)
})

test('whatever hunks are fine or refused, and whatever of them comes again, the result is the whole edit', () => {
  const at = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(at, fc.infiniteStream(fc.boolean()), (places, coin) => {
      const toss = () => Boolean(coin.next().value)
      const edits = places.map(place => ({ line: place * 3, isBad: toss(), isSentAgain: toss() }))
      if (!edits.some(({ isBad }) => isBad)) return
      const hunks = (of: typeof edits, damaged: boolean) =>
        diff(
          'a.txt',
          ...of.map(({ line, isBad }) => hunk('a', line, `new ${line}`, damaged && isBad ? `not ${line}` : undefined)),
        )
      const again = edits.filter(({ isBad, isSentAgain }) => isBad || isSentAgain)
      expect(after(converse(hunks(edits, true), hunks(again, false)))).toMatchObject({
        'a.txt': replaced('a.txt', ...edits.map(({ line }): [number, string] => [line, `new ${line}`])),
      })
    }),
  )
})
