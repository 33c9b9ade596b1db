import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyEdit } from './apply.ts'
import { textTree } from './source-tree.ts'

type Sample = {
  sub: string
  files: Record<string, string>
  diff: string
  expected?: Record<string, string | null>
  expectRefuse?: boolean
}

const path = join(import.meta.dirname, '../../../../shared/patch-samples/cases.jsonl')
const present = existsSync(path)

test.skipIf(!present)(
  `recorded damage lands exactly or is refused${present ? '' : ` (skipped: no ../shared/patch-samples/cases.jsonl)`}`,
  () => {
    const samples = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line): Sample => JSON.parse(line))
    const outcomes = samples.map(sample => ({ sample, outcome: judge(sample) }))
    expect(outcomes.filter(({ outcome }) => outcome === 'wrong').map(({ sample }) => sample.sub)).toEqual([])
    const mustApply = outcomes.filter(({ sample }) => !sample.expectRefuse)
    const right = mustApply.filter(({ outcome }) => outcome === 'right')
    expect(right.length / mustApply.length).toBeGreaterThanOrEqual(0.95)
  },
)

function judge({ files, diff, expected, expectRefuse }: Sample): 'right' | 'refused' | 'wrong' {
  const result = applyEdit({ files: textTree(new Map(Object.entries(files))), text: diff })
  if (!result.ok) return expectRefuse ? 'right' : 'refused'
  if (expectRefuse) return 'wrong'
  const got: Record<string, string | null> = { ...files }
  for (const change of result.changes) got[change.path] = change.after ?? null
  const want: Record<string, string | null> = { ...files, ...expected }
  const same =
    Object.keys(got).length === Object.keys(want).length &&
    Object.entries(want).every(([name, text]) => got[name] === text)
  return same ? 'right' : 'wrong'
}
