import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

const lines = Array.from({ length: 60_000 }, (_, i) => {
  if (i % 7 === 0) return ''
  if (i % 5 === 0) return '}'
  return i % 3 === 0 ? '  return value' : `  const v${i % 997} = f(${i})`
})
const files = textTree(new Map([['x.ts', `${lines.join('\n')}\n`]]))
const starts = Array.from({ length: 200 }, (_, i) => 100 + i * 290)

function patch(hunk: (start: number) => string): string {
  return `--- a/x.ts\n+++ b/x.ts\n${starts.map(hunk).join('')}`
}

function context(start: number, count: number): string {
  return lines
    .slice(start, start + count)
    .map(line => ` ${line}\n`)
    .join('')
}

// Measured in CPU time, which a loaded machine stretches less than the clock; a second is promised.
test.each<[string, boolean, string]>([
  ['that fit', true, patch(at => `@@\n${context(at, 3)}-${lines[at + 3]}\n+changed\n${context(at + 4, 3)}`)],
  [
    'whose removed lines are not there',
    false,
    patch(at => `@@\n${context(at, 3)}-${lines[at + 3]} nope\n+changed\n${context(at + 4, 3)}`),
  ],
  ['of lines that are everywhere', false, patch(() => '@@\n }\n   return value\n-  return value\n+  return\n }\n')],
  ['of one line that is everywhere', false, patch(() => '@@\n-}\n+]\n')],
  [
    'of lines from all over the file',
    false,
    patch(
      at =>
        `@@\n${Array.from({ length: 60 }, (_, k) => `${k === 30 ? '-' : ' '}${lines[(at * 131 + k * 17) % 60_000]}\n`).join('')}`,
    ),
  ],
])('200 hunks %s are done with in time on 60,000 lines', (_, ok, text) => {
  const start = process.cpuUsage()
  const result = applyEdit({ files, text })
  expect(result.ok).toBe(ok)
  const { user, system } = process.cpuUsage(start)
  expect((user + system) / 1e6).toBeLessThan(2)
  if (!result.ok) expect(result.report.length).toBeLessThan(40_000)
})
